/**
 * Guards that operations are total and runs pure: whatever the generators draw, run in whichever form of the pager, ends in one
 * of the known ways and never throws; any subsequence of a scenario is a scenario; and a run does not depend on earlier ones.
 */
import { describe, expect, it } from 'vitest';
import { fc, test } from '@fast-check/vitest';
import { Random } from '../../properties/arbitraries/random.ts';
import { SUITES } from '../../properties/suites/catalogue.ts';
import { NOOP } from '../../src/kernel/callers/direct.ts';
import { OPERATION_KINDS, operation } from '../../src/scenario/operations.ts';
import {
  ALL_FILE_SYSTEMS,
  type Exception,
  type Operation,
  type Scenario,
} from '../../src/scenario/scenario.ts';
import { createReferenceTarget } from '../../src/targets/reference.ts';
import { EBUSY } from '../../src/trace/codes.ts';
import { compose } from '../../src/trace/compose.ts';
import type { PartialObserver } from '../../src/trace/observer.ts';
import { compareTraces, Recorder } from '../../src/trace/recorder.ts';
import type { View } from '../../src/trace/view.ts';
import { fileSystem, makeScenario } from './support/world.ts';

const target = createReferenceTarget();
const recorder = new Recorder();
const observer = compose([recorder]);

const ENDINGS = ['completed', 'trap', 'panic', 'deadlock', 'bound'];

function runs(scenario: Scenario): string {
  const { ending } = target.execute(scenario, null);
  expect(ENDINGS).toContain(ending);
  return ending;
}

const inForm = (scenario: Scenario, form: Scenario['target']['form']): Scenario => ({
  ...scenario,
  target: { name: 'reference', form, switches: [] },
});

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

describe.each(SUITES)('scenarios of suite $name', ({ generate }) => {
  test.prop([seeds, seeds], { numRuns: 25 })(
    'run in both forms, and so does any part of them',
    (seed, choice) => {
      const scenario = generate(new Random(seed));
      const random = new Random(choice);
      const part: Scenario = {
        ...scenario,
        operations: scenario.operations.filter(() => random.oneIn(2)),
        schedule: scenario.schedule.filter(() => random.oneIn(2)),
        faults: scenario.faults.filter(() => random.oneIn(2)),
        media: scenario.media.filter(() => random.oneIn(2)),
      };
      for (const one of [scenario, part]) {
        expect(runs(inForm(one, 'repaired'))).toBe('completed');
        runs(inForm(one, 'as-written'));
      }
    },
  );
});

const field = fc.oneof(
  fc.nat({ max: 8 }),
  fc.nat({ max: 300 }),
  fc.constantFrom(2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40),
);

const anyOperation: fc.Arbitrary<Partial<Operation>> = fc.record({
  kind: fc.constantFrom(...OPERATION_KINDS),
  thread: fc.nat({ max: 1 }),
  file: fc.nat({ max: 5 }),
  page: fc.oneof(fc.nat({ max: 8 }), fc.constantFrom(2 ** 26 - 1, 2 ** 26, 2 ** 34)),
  count: fc.nat({ max: 9 }),
  before: fc.nat({ max: 9 }),
  offset: field,
  length: field,
  valid: fc.nat({ max: 300 }),
  dirty: fc.nat({ max: 300 }),
  other: fc.nat({ max: 5 }),
});

describe('operations', () => {
  test.prop(
    [
      fc.array(anyOperation, { maxLength: 25 }),
      fc.constantFrom<'disk' | 'network' | 'none'>('disk', 'network', 'none'),
      fc.constantFrom(16, 64, 128),
      fc.boolean(),
    ],
    { numRuns: 300 },
  )('with any arguments run in any kind of world', (list, blockMap, blockSize, sharedBuffers) => {
    const operations = list.map((one, i) => operation(i + 1, one.thread!, one.kind!, one));
    const scenario = makeScenario({
      operations,
      threads: 2,
      fileSystems: [fileSystem({ blockMap, blockSize, sharedBuffers: sharedBuffers && blockMap !== 'none' })],
      files: [
        { fileSystem: 0, size: 200 },
        { fileSystem: 0, size: 0 },
      ],
      geometry: { frames: 12, pbufs: 1, mapPages: 1, diskSectors: 100 },
    });
    expect(runs(scenario)).toBe('completed');
    runs(inForm(scenario, 'as-written'));
  });

  it('unmount all file systems at once, but for those in use', () => {
    const two = {
      fileSystems: [fileSystem(), fileSystem()],
      files: [
        { fileSystem: 0, size: 200 },
        { fileSystem: 1, size: 200 },
      ],
    };
    const unmountAll = (id: number): Operation => operation(id, 0, 'unmount', { other: ALL_FILE_SYSTEMS });
    /** Results of the operations, file systems that the pager was told of, and files that were disconnected. */
    const play = (operations: Operation[]): { results: number[]; umounts: number[]; gone: number[] } => {
      const said = { results: [] as number[], umounts: [] as number[], gone: [] as number[] };
      const watcher: PartialObserver = {
        operationEnd: (_thread, _operation, noop, result) => void said.results.push(noop ? NOOP : result),
        pagerCall: (call) => void (call.function === 'umount' && said.umounts.push(call.size)),
        disconnected: (file) => void said.gone.push(file),
      };
      target.execute(makeScenario({ ...two, operations }), compose([watcher]));
      return said;
    };
    const fault = (id: number, file: number): Operation => operation(id, 0, 'fault', { file });
    const unmap = (id: number): Operation => operation(id, 0, 'unmap', { file: 1 });
    // a mapped file is in use, one that is merely cached is not
    expect(play([fault(1, 0), fault(2, 1), unmap(3), unmountAll(4)])).toEqual({
      results: [0, 0, 0, EBUSY],
      umounts: [-1],
      gone: [1],
    });
    expect(play([unmountAll(1), unmountAll(2)])).toEqual({ results: [0, NOOP], umounts: [-1], gone: [0, 1] });
  });

  it('are counted, and so are those that do nothing', () => {
    const kinds = ['close', 'unmap', 'drop', 'flush', 'haspage'] as const;
    const operations = kinds.map((kind, i) => operation(i + 1, 0, kind));
    expect(target.execute(makeScenario({ operations }), null)).toMatchObject({ operations: 5, noops: 4 });
  });
});

describe('what nobody asked for by an operation', () => {
  /** Writes that failed, by the thread that started them. */
  function failedWrites(scenario: Scenario): number[] {
    const threads: number[] = [];
    target.execute(
      scenario,
      compose([
        {
          transferEnd: (transfer) => {
            if (transfer.write && transfer.error !== 0) threads.push(transfer.thread);
          },
        },
      ]),
    );
    return threads;
  }

  const fails = (id: number, thread: number): Exception => ({
    operation: id,
    thread,
    choice: 'transfer',
    subject: 0,
    ordinal: 0,
    take: 'error',
    amount: 0,
  });

  it('meets its exceptions in the settlement as operation 0', () => {
    const operations = [operation(1, 0, 'store', { length: 8 })];
    expect(failedWrites(makeScenario({ operations }))).toEqual([]);
    expect(failedWrites(makeScenario({ operations, faults: [fails(0, 0)] }))).toEqual([0]);
    expect(failedWrites(makeScenario({ operations, faults: [fails(1, 0)] }))).toEqual([]);
  });

  it('meets them in the daemon as the operation that woke it', () => {
    const operations = Array.from({ length: 16 }, (_, page) =>
      operation(page + 1, 0, 'store', { offset: page * 64, length: 64 }),
    );
    const crowded = makeScenario({
      operations,
      geometry: { frames: 10 },
      files: [{ fileSystem: 0, size: 16 * 64 }],
    });
    expect(failedWrites(crowded)).toEqual([]);
    const failures = operations.map(({ id }) => failedWrites({ ...crowded, faults: [fails(id, 1)] }));
    expect(failures.filter((threads) => threads.length > 0)).not.toEqual([]);
    expect(failures.flat().every((thread) => thread === 1)).toBe(true);
  });
});

describe('a run', () => {
  test.prop([seeds, seeds], { numRuns: 30 })('does not depend on what ran before', (seed, other) => {
    const { generate } = SUITES.at(-1)!;
    const scenario = generate(new Random(seed));
    const fresh = new Recorder();
    createReferenceTarget().execute(scenario, compose([fresh]));
    target.execute(inForm(generate(new Random(other)), 'as-written'), null);
    target.execute(scenario, observer);
    expect(compareTraces(fresh.records, recorder.records)).toBeNull();
  });
});

describe('a get of a page that is valid in part', () => {
  const atCall = (other: number): string[] => {
    const seen: string[] = [];
    let view!: View;
    const scenario = makeScenario({
      fileSystems: [fileSystem({ blockSize: 16 })],
      files: [{ fileSystem: 0, size: 200 }],
      operations: [operation(1, 0, 'getpage', { page: 1, valid: 0x0f, dirty: 0x03, other })],
    });
    const watcher = compose([
      {
        runBegin: (given): void => void (view = given),
        pagerCall(call): void {
          if (call.function !== 'getpage') return;
          const page = call.frames[0]!;
          seen.push(`${view.pageValid(page)} ${view.pageDirty(page)} ${view.pageModified(page)}`);
        },
      },
    ]);
    target.execute(scenario, watcher);
    return seen;
  };

  it('finds its dirty bits set', () => expect(atCall(0)).toEqual(['15 3 false']));

  it('finds them known to a mapping alone if the operation says so', () =>
    expect(atCall(1)).toEqual(['15 0 true']));
});
