/**
 * The trace: an observer that copies every event into a record, and the comparison of two traces. Recording is for replay and
 * for the determinism check, not for the hunt. Names are symbolic (file, object, page, pbuf numbers); bytes appear as
 * checksums, so that two traces differ when contents differ.
 */
import type { Choice, Operation, Take } from '../scenario/scenario.ts';
import type { ChannelKind, Ending } from './codes.ts';
import type { Observer, PagerCall, Transfer } from './observer.ts';
import type { View } from './view.ts';

/** A value in a record: a number or a symbolic name. */
export type TraceValue = number | string | boolean;

/** One event. */
export interface TraceRecord {
  /** The observer method that was called. */
  readonly event: keyof Observer;
  /** The thread it concerns, or -1: nobody's, or an interrupt's. */
  readonly thread: number;
  /** The operation which that thread is in, 0 for none. */
  readonly operation: number;
  /** How many operations and pager calls of the thread enclose it. */
  readonly depth: number;
  /** What it says, in the order in which it is printed. */
  readonly fields: Readonly<Record<string, TraceValue>>;
}

/** How many events are kept; a run that a bounded scenario allows stays far below unless it loops. */
export const TRACE_EVENTS_MAX = 1_000_000;

/** FNV-1a over a stretch of bytes (Fowler, Noll, Vo 1991): any mixing sum would do, this one is short. */
export function checksum(bytes: Uint8Array, from: number, length: number, sum = 0x811c9dc5): number {
  let value = sum;
  for (let i = from; i < from + length; i++) value = Math.imul(value ^ bytes[i]!, 0x01000193);
  return value >>> 0;
}

const hex = (sum: number): string => sum.toString(16).padStart(8, '0');

/** Records a run. One recorder serves many runs: `runBegin` forgets the last one. */
export class Recorder implements Observer {
  /** The events of the last run, in order. */
  records: TraceRecord[] = [];
  /** Whether the run had more events than are kept. */
  truncated = false;

  private view: View | null = null;
  private readonly operationOf = new Map<number, number>();
  private readonly depthOf = new Map<number, number>();
  private readonly eventsMax: number;

  constructor(eventsMax: number = TRACE_EVENTS_MAX) {
    this.eventsMax = eventsMax;
  }

  runBegin(view: View): void {
    this.records = [];
    this.truncated = false;
    this.view = view;
    this.operationOf.clear();
    this.depthOf.clear();
    const { pageSize, sectorSize, frames, pbufs, diskSectors } = view.geometry;
    this.add('runBegin', -1, { pageSize, sectorSize, frames, pbufs, diskSectors });
  }

  runEnd(ending: Ending, detail: string): void {
    this.add('runEnd', -1, { ending, detail });
    this.view = null;
  }

  settlementBegin(): void {
    this.add('settlementBegin', -1, {});
  }

  settled(): void {
    this.add('settled', -1, {});
  }

  operationBegin(thread: number, operation: Operation): void {
    const { id, kind, file, page, count, before, offset, length, valid, dirty, other } = operation;
    this.operationOf.set(thread, id);
    this.add('operationBegin', thread, {
      kind,
      file,
      page,
      count,
      before,
      offset,
      length,
      valid,
      dirty,
      other,
    });
    this.deeper(thread);
  }

  operationEnd(thread: number, operation: Operation, noop: boolean, result: number): void {
    this.depthOf.set(thread, 0);
    this.add('operationEnd', thread, { kind: operation.kind, noop, result });
    this.operationOf.delete(thread);
  }

  pagerCall(call: PagerCall): void {
    const { file, object, count, reqpage, page, size, locked } = call;
    this.add('pagerCall', call.thread, {
      function: call.function,
      file,
      object,
      page,
      count,
      reqpage,
      size,
      locked,
      masks: this.masks(call),
    });
    this.deeper(call.thread);
  }

  pagerReturn(call: PagerCall): void {
    this.shallower(call.thread);
    let statuses = '';
    if (call.function === 'putmulti' || call.function === 'putpage') {
      statuses = Array.from(call.rtvals.subarray(0, call.count)).join(',');
    }
    this.add('pagerReturn', call.thread, {
      function: call.function,
      result: call.result,
      statuses,
      masks: this.masks(call),
      pip: call.object >= 0 ? this.look().objectPagingInProgress(call.object) : -1,
    });
  }

  call(thread: number, name: string, a: number, b: number, c: number): void {
    // Not every call reports a return, so calls do not count as enclosing what follows them.
    this.add('call', thread, { name, a, b, c });
  }

  return(thread: number, name: string, result: number): void {
    this.add('return', thread, { name, result });
  }

  sleep(thread: number, channel: ChannelKind, id: number): void {
    this.add('sleep', thread, { channel, id });
  }

  resume(thread: number, channel: ChannelKind, id: number): void {
    this.add('resume', thread, { channel, id });
  }

  wakeup(channel: ChannelKind, id: number): void {
    this.add('wakeup', -1, { channel, id });
  }

  idle(): void {
    this.add('idle', -1, {});
  }

  transferStart(transfer: Transfer): void {
    this.add('transferStart', transfer.thread, {
      ...this.transfer(transfer),
      async: transfer.async,
      bufferSize: transfer.bufferSize,
      dirtyOffset: transfer.dirtyOffset,
      dirtyEnd: transfer.dirtyEnd,
      pages: Array.from(transfer.frames.subarray(0, transfer.frameCount), (frame) => this.page(frame)).join(
        ' ',
      ),
      sum: transfer.write ? this.contents(transfer) : '',
    });
  }

  transferEnd(transfer: Transfer): void {
    const { failed, error, resid } = transfer;
    this.add('transferEnd', -1, {
      ...this.transfer(transfer),
      failed,
      error,
      resid,
      sum: transfer.write ? '' : this.contents(transfer),
    });
  }

  interruptEnd(transfer: Transfer): void {
    this.add('interruptEnd', -1, this.transfer(transfer));
  }

  pageAllocated(thread: number, frame: number, object: number, page: number): void {
    this.add('pageAllocated', thread, { page: `O${object}.p${page}`, frame });
  }

  pageFreed(frame: number): void {
    this.add('pageFreed', -1, this.pageState(frame));
  }

  pageBusied(thread: number, frame: number): void {
    this.add('pageBusied', thread, this.pageState(frame));
  }

  pageWakeup(frame: number): void {
    this.add('pageWakeup', -1, this.pageState(frame));
  }

  claim(thread: number, object: number, count: number): void {
    this.add('claim', thread, { object, count, pip: this.look().objectPagingInProgress(object) });
  }

  release(thread: number, object: number, count: number): void {
    this.add('release', thread, { object, count, pip: this.look().objectPagingInProgress(object) });
  }

  objectCreated(object: number): void {
    this.add('objectCreated', -1, { object });
  }

  objectDying(object: number): void {
    this.add('objectDying', -1, { object, file: this.look().objectFile(object) });
  }

  objectFreed(object: number): void {
    this.add('objectFreed', -1, { object });
  }

  stored(thread: number, file: number, frame: number, offset: number, length: number, stamp: number): void {
    this.add('stored', thread, { file, page: this.page(frame), offset, length, stamp });
  }

  written(thread: number, file: number, offset: number, length: number, stamp: number): void {
    this.add('written', thread, { file, offset, length, stamp });
  }

  delivered(thread: number, file: number, offset: number, length: number, address: number): void {
    this.add('delivered', thread, {
      file,
      offset,
      length,
      sum: hex(checksum(this.look().memory, address, length)),
    });
  }

  filled(frame: number, mask: number): void {
    this.add('filled', -1, { page: this.page(frame), mask });
  }

  lost(file: number, offset: number, length: number, isCut: boolean): void {
    this.add('lost', -1, { file, offset, length, cut: isCut });
  }

  allocated(file: number, block: number, sector: number, sectors: number): void {
    this.add('allocated', -1, { file, block, sector, sectors });
  }

  freed(file: number, block: number, sector: number, sectors: number): void {
    this.add('freed', -1, { file, block, sector, sectors });
  }

  resized(file: number, size: number): void {
    this.add('resized', -1, { file, size });
  }

  disconnected(file: number): void {
    this.add('disconnected', -1, { file });
  }

  removed(file: number): void {
    this.add('removed', -1, { file });
  }

  departure(thread: number, choice: Choice, take: Take): void {
    this.add('departure', thread, { choice, take });
  }

  message(text: string): void {
    this.add('message', -1, { text });
  }

  private add(event: keyof Observer, thread: number, fields: Record<string, TraceValue>): void {
    if (this.records.length >= this.eventsMax) {
      this.truncated = true;
      return;
    }
    this.records.push({
      event,
      thread,
      operation: this.operationOf.get(thread) ?? 0,
      depth: this.depthOf.get(thread) ?? 0,
      fields,
    });
  }

  private deeper(thread: number): void {
    this.depthOf.set(thread, (this.depthOf.get(thread) ?? 0) + 1);
  }

  private shallower(thread: number): void {
    this.depthOf.set(thread, Math.max(0, (this.depthOf.get(thread) ?? 0) - 1));
  }

  private look(): View {
    if (this.view === null) throw new Error('an event came before runBegin or after runEnd');
    return this.view;
  }

  /** A page by object and page number while it is tabled, by frame otherwise. */
  private page(frame: number): string {
    if (frame < 0) return '-';
    const view = this.look();
    const object = view.pageObject(frame);
    return object < 0 ? `f${frame}` : `O${object}.p${view.pageIndex(frame)}`;
  }

  private pageState(frame: number): Record<string, TraceValue> {
    const view = this.look();
    return {
      page: this.page(frame),
      valid: view.pageValid(frame),
      dirty: view.pageDirty(frame),
      flags: view.pageFlags(frame),
      busy: view.pageBusy(frame),
    };
  }

  /** Valid and dirty masks of the pages of a call, as hexadecimal pairs. Pages that are gone stand as `-`. */
  private masks(call: PagerCall): string {
    const view = this.look();
    const parts: string[] = [];
    for (let i = 0; i < call.count; i++) {
      const frame = call.frames[i]!;
      const here = frame >= 0 && view.pageObject(frame) >= 0;
      parts.push(here ? `${view.pageValid(frame).toString(16)}/${view.pageDirty(frame).toString(16)}` : '-');
    }
    return parts.join(' ');
  }

  private transfer(transfer: Transfer): Record<string, TraceValue> {
    const { write, device, pbuf, file, block, byteCount } = transfer;
    return { write, device, pbuf, file, block, byteCount };
  }

  /** Checksum of the memory behind a transfer; what is not mapped is left out. */
  private contents(transfer: Transfer): string {
    const view = this.look();
    const { pageSize } = view.geometry;
    let sum: number | undefined;
    let done = 0;
    for (let i = 0; i < transfer.frameCount && done < transfer.byteCount; i++) {
      const from = i === 0 ? transfer.pageOffset % pageSize : 0;
      const length = Math.min(pageSize - from, transfer.byteCount - done);
      const frame = transfer.frames[i]!;
      if (frame >= 0) sum = checksum(view.memory, view.pageAddress(frame) + from, length, sum);
      done += length;
    }
    return hex(sum ?? 0);
  }
}

/** Where two traces part; `first` or `second` is undefined where that trace has ended. */
export interface TraceDifference {
  /** Index of the event, from 0. */
  index: number;
  /** The event in each trace; undefined where that trace had ended. */
  first: TraceRecord | undefined;
  /** See `first`. */
  second: TraceRecord | undefined;
}

function isEqual(a: TraceRecord, b: TraceRecord): boolean {
  if (a.event !== b.event || a.thread !== b.thread || a.operation !== b.operation || a.depth !== b.depth) {
    return false;
  }
  const keys = Object.keys(a.fields);
  if (keys.length !== Object.keys(b.fields).length) return false;
  return keys.every((key) => Object.is(a.fields[key], b.fields[key]));
}

/** Finds the first event in which two traces differ; null if they are equal. */
export function compareTraces(
  first: readonly TraceRecord[],
  second: readonly TraceRecord[],
): TraceDifference | null {
  const length = Math.max(first.length, second.length);
  for (let index = 0; index < length; index++) {
    const a = first[index];
    const b = second[index];
    if (a === undefined || b === undefined || !isEqual(a, b)) return { index, first: a, second: b };
  }
  return null;
}
