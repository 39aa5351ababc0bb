/**
 * Guards the trace: every event of the interface is recorded, two equal runs give equal traces, the first difference is the
 * one that is named, and the text keeps its columns whatever an event says.
 */
import { describe, expect, it } from 'vitest';
import { operation } from '../../src/scenario/operations.ts';
import { compose } from '../../src/trace/compose.ts';
import { OBSERVER_METHODS, type Observer, type PagerCall, type Transfer } from '../../src/trace/observer.ts';
import { compareTraces, Recorder } from '../../src/trace/recorder.ts';
import { formatRecord, TRACE_EVENT_NAMES, TRACE_HEADER, TRACE_WIDTH } from '../../src/trace/text.ts';
import { EMPTY_VIEW, fakeTarget, scenarioOf } from '../support/fakes.ts';

const call = (changes: Partial<PagerCall> = {}): PagerCall => ({
  thread: 0,
  function: 'getmulti',
  operation: operation(3, 0, 'get'),
  file: 0,
  object: 1,
  count: 2,
  reqpage: 1,
  page: 4,
  frames: Int32Array.of(4, 5, 0, 0, 0, 0, 0, 0),
  rtvals: new Int32Array(8).fill(0x5a5a5a5a),
  size: 0,
  result: 0,
  locked: false,
  ...changes,
});

const transfer = (changes: Partial<Transfer> = {}): Transfer => ({
  pbuf: 2,
  thread: 0,
  file: 0,
  device: 'disk',
  write: false,
  async: true,
  block: 24,
  byteCount: 100,
  bufferSize: 128,
  dirtyOffset: 0,
  dirtyEnd: 0,
  pageOffset: 0,
  frames: Int32Array.of(4, 5),
  frameCount: 2,
  failed: false,
  error: 0,
  resid: 0,
  ...changes,
});

/** Calls every method of the interface once, inside a run. */
function everything(observer: Observer): void {
  const get = operation(3, 0, 'get', { page: 4, count: 1, valid: 5 });
  observer.runBegin(EMPTY_VIEW);
  observer.operationBegin(0, get);
  observer.claim(0, 1, 1);
  observer.pageAllocated(0, 4, 1, 4);
  observer.pagerCall(call());
  observer.call(0, 'VOP_BMAP', 1, 2, 3);
  observer.sleep(0, 'call', 7);
  observer.idle();
  observer.wakeup('call', 7);
  observer.resume(0, 'call', 7);
  observer.return(0, 'VOP_BMAP', 0);
  observer.transferStart(transfer());
  observer.transferEnd(transfer({ failed: true, error: 5, resid: 60 }));
  observer.interruptEnd(transfer());
  observer.pageWakeup(5);
  observer.pagerReturn(call());
  observer.release(0, 1, 1);
  observer.pageBusied(0, 4);
  observer.pageFreed(4);
  observer.objectCreated(1);
  observer.objectDying(1);
  observer.objectFreed(1);
  observer.stored(0, 0, 4, 10, 3, 131);
  observer.written(0, 0, 0, 64, 132);
  observer.delivered(0, 0, 0, 64, 256);
  observer.filled(4, 0x0f);
  observer.lost(0, 0, 64, true);
  observer.allocated(0, 1, 16, 8);
  observer.freed(0, 1, 16, 8);
  observer.resized(0, 2 ** 40);
  observer.disconnected(0);
  observer.removed(0);
  observer.departure(0, 'bmap', 'sleep');
  observer.message(`panic: ${'very '.repeat(40)}long\nand on two lines\u001b[31m`);
  observer.operationEnd(0, get, false, 0);
  observer.settlementBegin();
  observer.settled();
  observer.runEnd('completed', '');
}

function traceOf(play: (observer: Observer) => void): Recorder {
  const recorder = new Recorder();
  play(recorder);
  return recorder;
}

const textOf = (recorder: Recorder): string[] => recorder.records.map((record, i) => formatRecord(record, i));

describe('the recorder', () => {
  it('records every event of the interface', () => {
    const recorded = new Set(traceOf(everything).records.map((record) => record.event));
    expect(OBSERVER_METHODS.filter((event) => !recorded.has(event))).toEqual([]);
  });

  it('knows operation and depth of each thread', () => {
    const { records } = traceOf(everything);
    const bmap = records.find((record) => record.event === 'call')!;
    expect(bmap).toMatchObject({ thread: 0, operation: 3, depth: 2 });
    expect(records.at(-1)).toMatchObject({ thread: -1, operation: 0, depth: 0 });
  });

  it('forgets a run when the next one begins', () => {
    const recorder = new Recorder();
    const observer = compose([recorder]);
    fakeTarget().execute(scenarioOf('open', 'read', 'close'), observer);
    fakeTarget().execute(scenarioOf('open'), observer);
    expect(recorder.records.map((record) => record.event)).toEqual([
      'runBegin',
      'operationBegin',
      'operationEnd',
      'runEnd',
    ]);
  });

  it('keeps no more events than it is told, and says so', () => {
    const recorder = new Recorder(5);
    everything(recorder);
    expect(recorder.records).toHaveLength(5);
    expect(recorder.truncated).toBe(true);
  });

  it('notices that bytes differ where nothing else does', () => {
    const first = traceOf(everything);
    EMPTY_VIEW.memory[300] = 1;
    const second = traceOf(everything);
    EMPTY_VIEW.memory[300] = 0;
    const difference = compareTraces(first.records, second.records);
    expect(difference?.first?.event).toBe('transferEnd');
  });
});

describe('the comparison', () => {
  const first = traceOf(everything).records;

  it('finds equal runs equal', () => {
    expect(compareTraces(first, traceOf(everything).records)).toBeNull();
  });

  it('names the first event that differs', () => {
    const second = traceOf((observer) => {
      everything(observer);
    }).records.map((record, i) => (i === 7 || i === 9 ? { ...record, thread: 5 } : record));
    expect(compareTraces(first, second)).toEqual({ index: 7, first: first[7], second: second[7] });
  });

  it('names the end of the shorter one', () => {
    expect(compareTraces(first, first.slice(0, 4))).toEqual({ index: 4, first: first[4], second: undefined });
  });
});

describe('the text', () => {
  it('has one width, whatever an event says', () => {
    const lines = [TRACE_HEADER, ...textOf(traceOf(everything))];
    expect(new Set(lines.map((line) => line.length))).toEqual(new Set([TRACE_WIDTH]));
    expect(lines.filter((line) => !/^[\x20-\x7e]*$/.test(line))).toEqual([]);
  });

  it('has a name of its own for every event', () => {
    const names = Object.values(TRACE_EVENT_NAMES);
    expect(new Set(names).size).toBe(OBSERVER_METHODS.length);
  });

  it('reads like this', () => {
    const text = [TRACE_HEADER, ...textOf(traceOf(everything))].map((line) => line.trimEnd()).join('\n');
    expect(`\n${text}\n`).toMatchSnapshot();
  });

  it('writes statuses of a put by name, and what was not written as unset', () => {
    const recorder = traceOf((observer) => {
      observer.runBegin(EMPTY_VIEW);
      observer.pagerReturn(call({ function: 'putmulti', rtvals: Int32Array.of(3, 0x5a5a5a5a) }));
    });
    expect(formatRecord(recorder.records[1]!, 1)).toContain('putmulti PEND unset');
  });
});
