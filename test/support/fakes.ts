/**
 * A toy world for tests of the engine: a target that only announces its operations, two properties about their order, and a
 * judge. What goes wrong, and when, is written into the scenarios by the choice of operations.
 */
import type { Property, Violation } from '../../properties/property.ts';
import type { Coverage, Suite } from '../../properties/suite.ts';
import type { Judge, Parts } from '../../src/engine/parts.ts';
import { shrinkScenario } from '../../src/engine/shrink-run.ts';
import { operation, type OperationKind } from '../../src/scenario/operations.ts';
import {
  SCENARIO_VERSION,
  SMALL_GEOMETRY,
  type Operation,
  type Scenario,
  type TargetChoice,
} from '../../src/scenario/scenario.ts';
import type { RunResult, Target } from '../../src/targets/target.ts';
import { compose, type ComposedObserver } from '../../src/trace/compose.ts';
import type { PartialObserver } from '../../src/trace/observer.ts';
import type { View } from '../../src/trace/view.ts';

export const REPAIRED: TargetChoice = { name: 'reference', form: 'repaired', switches: [] };

/** A scenario with one file and the given operations, all of thread 0. */
export function scenarioOf(...kinds: OperationKind[]): Scenario {
  return {
    version: SCENARIO_VERSION,
    geometry: { ...SMALL_GEOMETRY },
    options: { diagnostic: false, faultChecksSize: false },
    fileSystems: [
      {
        blockMap: 'disk',
        blockSize: 64,
        pastEnd: 'hole',
        fragmentSize: 0,
        sharedBuffers: false,
        truncateOrder: 'setsize-last',
        tail: 'zeros',
        clearsTail: false,
        delayedBlocks: false,
      },
    ],
    files: [{ fileSystem: 0, size: 256 }],
    threads: 1,
    operations: kinds.map((kind, i) => operation(i + 1, 0, kind)),
    schedule: [],
    faults: [],
    media: [],
    target: { ...REPAIRED },
  };
}

/** A view of nothing. */
export const EMPTY_VIEW = {
  geometry: SMALL_GEOMETRY,
  files: 1,
  threads: 2,
  objects: 0,
  memory: new Uint8Array(4096),
  pageAddress: (frame: number) => frame * 64,
  pageObject: () => 0,
  pageIndex: (frame: number) => frame,
  pageValid: () => 0xff,
  pageDirty: () => 0,
  pageFlags: () => 0x10,
  pageBusy: () => 0,
  objectPagingInProgress: () => 1,
  objectFile: () => 0,
} as unknown as View;

/** How the toy target misbehaves. */
export interface FakeOptions {
  /** `recycle` throws in the target. */
  throws?: boolean;
  /** `haspage` says another number every time. */
  wavers?: boolean;
  /** `nullpager` ends the run in a panic. */
  panics?: boolean;
  /** Called before every run. */
  before?: () => void;
}

/** A target that announces its operations; `haspage` is a no-op, `read` makes a transfer. */
export function fakeTarget(options: FakeOptions = {}): Target {
  let counter = 0;
  return {
    name: 'fake',
    capabilities: {
      levels: ['pager', 'process', 'file-system'],
      kernelView: true,
      deterministic: true,
      schedulable: true,
    },
    execute(scenario, observer): RunResult {
      options.before?.();
      const result: RunResult = { ending: 'completed', detail: '', operations: 0, noops: 0, transfers: 0 };
      observer?.runBegin(EMPTY_VIEW);
      for (const one of scenario.operations) {
        result.operations += 1;
        observer?.operationBegin(one.thread, one);
        if (options.throws === true && one.kind === 'recycle') throw new TypeError('the toy broke');
        if (one.kind === 'read') result.transfers += 1;
        if (options.wavers === true && one.kind === 'haspage') observer?.message(`asked ${++counter} times`);
        if (one.kind === 'haspage') result.noops += 1;
        observer?.operationEnd(one.thread, one, one.kind === 'haspage', 0);
        if (options.panics === true && one.kind === 'nullpager') {
          observer?.runEnd('panic', 'null pager');
          return { ...result, ending: 'panic', detail: 'null pager' };
        }
      }
      observer?.runEnd('completed', '');
      return result;
    },
  };
}

const property = (id: string, statement: string): Property => ({
  id,
  kind: 'always',
  statement,
  source: 'toy',
  observes: 'operations',
  doesNotVerify: 'anything else',
  monitor: () => ({ begin() {} }),
});

export const PROPERTIES: readonly Property[] = [
  property('closed-before-unlink', 'no file is unlinked while it is open'),
  property('never-renamed', 'no file is renamed'),
];

/** Judges the two properties. */
class FakeJudge implements Judge {
  readonly observer: ComposedObserver;
  violations: Violation[] = [];
  private opens = 0;
  private readonly judged: readonly string[];

  constructor(properties: readonly string[], extra: readonly PartialObserver[]) {
    this.judged = properties;
    this.observer = compose([{ operationBegin: (_thread, one) => this.see(one) }, ...extra]);
  }

  begin(): void {
    this.violations = [];
    this.opens = 0;
  }

  counts(): ReadonlyMap<string, number> {
    return new Map();
  }

  private see(one: Operation): void {
    if (one.kind === 'open') this.opens += 1;
    if (one.kind === 'close') this.opens = Math.max(0, this.opens - 1);
    if (one.kind === 'unlink' && this.opens > 0) {
      this.violate('closed-before-unlink', one, 'file 0 is unlinked', 'not open', `open ${this.opens} times`);
    }
    if (one.kind === 'rename')
      this.violate('never-renamed', one, 'file 0 is renamed', 'no rename', 'a rename');
  }

  private violate(id: string, one: Operation, what: string, expected: string, observed: string): void {
    if (!this.judged.includes(id) || this.violations.some((violation) => violation.property === id)) return;
    this.violations.push({
      property: id,
      cause: `${id}/${one.kind}/-`,
      operation: one.id,
      operationKind: one.kind,
      function: '-',
      what,
      expected,
      observed,
    });
  }
}

/** Counts kinds of operations. */
class KindCounter implements Coverage {
  private readonly kinds = new Map<string, number>([
    ['open', 0],
    ['rename', 0],
  ]);

  begin(): void {}

  counts(): ReadonlyMap<string, number> {
    return this.kinds;
  }

  operationBegin(_thread: number, one: Operation): void {
    this.kinds.set(one.kind, (this.kinds.get(one.kind) ?? 0) + 1);
  }
}

/** A suite that draws ten operations from a list. */
export function fakeSuite(
  name: string,
  kinds: readonly OperationKind[],
  changes: Partial<Suite> = {},
): Suite {
  return {
    name,
    does: `draws from ${kinds.join(', ')}`,
    generate: (random) => scenarioOf(...Array.from({ length: 10 }, () => random.pick(kinds))),
    vary: (random, parent) => ({
      ...parent,
      operations: [...parent.operations, operation(99, 0, random.pick(kinds))],
    }),
    properties: PROPERTIES.map((one) => one.id),
    runs: 50,
    reach: {},
    coverage: () => new KindCounter(),
    ...changes,
  };
}

/** The parts of the toy world. */
export function fakeParts(suites: readonly Suite[], options: FakeOptions = {}): Parts {
  return {
    makeTarget: () => fakeTarget(options),
    suites,
    properties: PROPERTIES,
    makeJudge: (properties, extra) => new FakeJudge(properties, extra),
    shrink: shrinkScenario,
  };
}
