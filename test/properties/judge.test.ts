/**
 * Guards the judge and the catalogue: what is selected is judged, the first violation of each property is kept with its cause,
 * runs do not leak into each other, and no wrong state makes a monitor throw.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../properties/arbitraries/random.ts';
import { PROPERTIES, propertyOf } from '../../properties/catalogue.ts';
import { Judge } from '../../properties/judge.ts';
import { SUITES } from '../../properties/suites/catalogue.ts';
import { operation, OPERATION_KINDS } from '../../src/scenario/operations.ts';
import { createReferenceTarget } from '../../src/targets/reference.ts';
import { OBJ_DEAD, PAGER_FUNCTIONS, PG_ACTIVE, PG_BUSY } from '../../src/trace/codes.ts';
import type { PartialObserver } from '../../src/trace/observer.ts';
import { PAGE, scenarioOf } from '../model/support/scene.ts';
import { Stage } from '../model/support/stage.ts';
import { judged } from './support/judged.ts';

describe('the catalogue', () => {
  it('names every property once, in words with hyphens', () => {
    const ids = PROPERTIES.map((property) => property.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });

  it.each(PROPERTIES.map((property) => [property.id, property] as const))(
    'says what %s is about',
    (_, property) => {
      expect(property.statement).toMatch(/^[A-Za-z_].*\.$/s);
      expect(property.source).toMatch(/\b(\d+(\.\d+)?|G\d+)\b/);
      expect(property.observes.length).toBeGreaterThan(10);
      expect(property.doesNotVerify.length).toBeGreaterThan(5);
    },
  );

  it('has no property of another name', () => {
    expect(() => propertyOf('nonsense')).toThrow(RangeError);
    expect(() => new Judge(['nonsense'])).toThrow('there is no property nonsense');
  });
});

/** A page that nobody filled is handed over. */
function handOver(stage: Stage): void {
  const frame = stage.allocate(stage.fileList[0]!.object < 0 ? stage.object(0) : 0, 0);
  stage.pages[frame]!.valid = 0xff;
  stage.return(stage.call('getmulti', { run: [frame] }), 0);
}

describe('the judge', () => {
  it('judges by the selected properties only', () => {
    const judge = new Judge(['no-trap', 'file-on-disk']);
    const scenario = scenarioOf();
    judge.begin(scenario);
    const stage = new Stage(scenario).begin(judge.observer);
    handOver(stage);
    expect(judge.violations).toEqual([]);
    stage.end('trap', 'gone');
    expect(judge.violations.map((violation) => violation.property)).toEqual(['no-trap']);
  });

  it('keeps the first violation of each property, and forgets it with the next run', () => {
    const { stage, judge } = judged();
    handOver(stage);
    handOver(stage);
    const ids = judge.violations.map((violation) => violation.property);
    expect(ids).toContain('page-contents');
    expect(new Set(ids).size).toBe(ids.length);
    judge.begin(scenarioOf());
    expect(judge.violations).toEqual([]);
  });

  it('keeps more of them if asked to: the same first, and others, each once', () => {
    const all = PROPERTIES.map(({ id }) => id);
    const [first, further] = [new Judge(all), new Judge(all, [], 5)];
    const target = createReferenceTarget();
    let more = 0;
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(...SUITES), (seed, suite) => {
        const scenario = suite.generate(new Random(seed));
        scenario.target = { name: 'reference', form: 'as-written', switches: [] };
        for (const by of [first, further]) {
          by.begin(scenario);
          target.execute(scenario, by.observer);
        }
        for (const one of first.violations)
          expect(further.violations.find(({ property }) => property === one.property)).toEqual(one);
        const keys = further.violations.map((one) => `${one.property} ${one.operation} ${one.what}`);
        expect(new Set(keys).size).toBe(keys.length);
        for (const id of all)
          expect(further.violations.filter(({ property }) => property === id).length).toBeLessThanOrEqual(5);
        more += further.violations.length - first.violations.length;
      }),
      { numRuns: 40 },
    );
    expect(more).toBeGreaterThan(20);
  });

  it('gives the same verdict for the same trace, whatever ran before', () => {
    const { stage, judge } = judged();
    handOver(stage);
    const first = structuredClone(judge.violations);
    const scenario = scenarioOf();
    judge.begin(scenario);
    handOver(new Stage(scenario).begin(judge.observer));
    expect(judge.violations).toEqual(first);
  });

  it.each(['lifetime', 'threads', 'faults'])(
    'gives runs of %s the verdict that a fresh judge gives',
    (name) => {
      const suite = SUITES.find((one) => one.name === name)!;
      const target = createReferenceTarget();
      const ids = PROPERTIES.map(({ id }) => id);
      const used = new Judge(ids);
      for (let seed = 0; seed < 25; seed++) {
        const scenario = suite.generate(new Random(seed));
        scenario.target = { name: 'reference', form: 'as-written', switches: [] };
        const [again, fresh] = [used, new Judge(ids)].map((judge) => {
          judge.begin(scenario);
          target.execute(scenario, judge.observer);
          return judge.violations;
        });
        expect(again).toEqual(fresh);
      }
    },
  );

  it.each([1, OBJ_DEAD])('holds nothing against a call that a slot of another held before (%i)', (before) => {
    /** uncache of a file whose v_vmdata names an object that is gone. */
    const gone = (stage: Stage): void => {
      const object = stage.object(0);
      stage.observer.objectFreed(object);
      stage.return(stage.call('uncache', { file: 0, object }), 1);
    };
    const uncached = (stage: Stage): void => {
      const object = stage.object(0);
      Object.assign(stage.objectList[object]!, { references: before, flags: before });
      stage.return(stage.call('uncache', { file: 0, object }), 0);
    };
    const fresh = judged();
    gone(fresh.stage);
    const { stage, judge } = judged();
    uncached(stage);
    const scenario = scenarioOf();
    judge.begin(scenario);
    gone(new Stage(scenario).begin(judge.observer));
    expect(judge.violations).toEqual(fresh.judge.violations);
  });

  it('names the operation and the pager function of the thread that did it', () => {
    const { stage, judge } = judged();
    const object = stage.object(0);
    stage.operation(4, 'fault', 0);
    stage.operation(5, 'msync', 1);
    const frame = stage.fault(object, 0);
    stage.call('putmulti', { run: [frame], thread: 1 });
    stage.transfer([frame], { thread: 1, write: true, block: 0 });
    expect(judge.violations.find((violation) => violation.property === 'transfer-address')).toMatchObject({
      cause: 'transfer-address/msync/putmulti',
      operation: 5,
      operationKind: 'msync',
      function: 'putmulti',
    });
  });

  it('names a completion routine', () => {
    const { stage, judge } = judged();
    const frame = stage.allocate(stage.object(0), 0);
    stage.operation(4, 'fault');
    stage.finish(stage.transfer([frame]), () => stage.wakeup(frame));
    expect(judge.violations.find((violation) => violation.property === 'owner-unbusies')?.cause).toBe(
      'owner-unbusies/fault/iodone',
    );
  });

  it('names the daemon and the settlement where no operation runs', () => {
    const { stage, judge } = judged();
    const daemon = stage.threads - 1;
    stage.resume(daemon, 'daemon');
    stage.end('trap', 'x');
    expect(judge.violations[0]).toMatchObject({ cause: 'no-trap/daemon/-', operation: 0 });
    stage.observer.settlementBegin();
    stage.end('panic', 'x');
    expect(judge.violations[1]?.cause).toBe('no-panic/settlement/-');
  });

  it('tells others after its own monitors', () => {
    const seen: string[] = [];
    const extra: PartialObserver = {
      runEnd: () => seen.push(...judge.violations.map((violation) => violation.property)),
    };
    const judge = new Judge(['no-trap'], [extra]);
    judge.begin(scenarioOf());
    new Stage(scenarioOf()).begin(judge.observer).end('trap', 'x');
    expect(seen).toEqual(['no-trap']);
  });

  it('asks for kernel calls only if somebody else wants them', () => {
    expect(new Judge(PROPERTIES.map((property) => property.id)).observer.wantsCalls).toBe(false);
    expect(new Judge(['no-trap'], [{ call: () => {} }]).observer.wantsCalls).toBe(true);
  });
});

/** One thing that a mad target does. */
type Madness = readonly [number, number, number, number];

/** Does it, on objects, frames and files that exist but may be in any state. */
function rave(stage: Stage, [what, a, b, c]: Madness): void {
  const frame = a % stage.pages.length;
  const file = a % stage.files;
  const thread = b % stage.threads;
  const object = stage.objectList.length === 0 ? stage.object(0) : a % stage.objectList.length;
  const page = stage.pages[frame]!;
  const acts: (() => unknown)[] = [
    () => (stage.pages.some((one) => one.object < 0) ? stage.allocate(object, b % 6, thread) : 0),
    () => stage.wakeup(frame),
    () => stage.free(frame),
    () => stage.busy(frame, thread),
    () => stage.operation(c + 1, OPERATION_KINDS[a % OPERATION_KINDS.length], thread),
    () => stage.observer.operationEnd(thread, operation(1, thread, 'fault'), false, 0),
    () =>
      stage.call(PAGER_FUNCTIONS[a % PAGER_FUNCTIONS.length]!, {
        run: [frame, b % stage.pages.length],
        thread,
        size: c * 10,
        file,
      }),
    () => stage.return(stage.call('getmulti', { run: [frame], thread }), c % 7),
    () => stage.return(stage.call('putmulti', { run: [frame], thread }), 0, [c % 7]),
    () => stage.return(stage.call('setsize', { file, size: c * 7 })),
    () =>
      stage.transfer([frame, b % stage.pages.length], {
        write: c % 2 === 0,
        async: c % 3 === 0,
        pbuf: b % 5,
        byteCount: c,
      }),
    () => stage.finish(stage.transfer([frame], { pbuf: b % 5 })),
    () => stage.sleep(thread),
    () => stage.resume(thread),
    () => stage.observer.idle(),
    () =>
      stage.store(
        page.object < 0 ? stage.allocate(object, 0) : frame,
        b % PAGE,
        1 + (c % (PAGE - (b % PAGE))),
      ),
    () => stage.observer.written(thread, file, b, c, 130),
    () => stage.observer.delivered(thread, file, b, c % 200, 0),
    () => stage.observer.allocated(file, b % 8, c % 200, 8),
    () => stage.observer.freed(file, b % 8, c % 200, 8),
    () => stage.observer.resized(file, c * 3),
    () => stage.observer.lost(file, b, c, false),
    () => stage.observer.filled(frame, b % 256),
    () => stage.observer.disconnected(file),
    () => stage.observer.removed(file),
    () => stage.claim(object, (b % 5) - 2, thread),
    () => stage.dropObject(object),
    () => stage.observer.settled(),
    () => {
      page.valid = b % 256;
      page.dirty = c % 256;
      page.flags ^= c % 2 === 0 ? PG_BUSY : PG_ACTIVE;
    },
    () => {
      stage.freePbufs = b % 6;
      stage.mask = c % 3;
    },
  ];
  acts[what % acts.length]!();
}

it('no monitor throws or hangs, however mad the target is', () => {
  const number = fc.nat({ max: 300 });
  fc.assert(
    fc.property(fc.array(fc.tuple(number, number, number, number), { maxLength: 60 }), (madness) => {
      const { stage, judge } = judged({
        files: [
          { fileSystem: 0, size: 200 },
          { fileSystem: 0, size: 90 },
        ],
      });
      for (const step of madness) rave(stage, step);
      stage.settle();
      expect(new Set(judge.violations.map((violation) => violation.cause)).size).toBe(
        judge.violations.length,
      );
    }),
    { numRuns: 400 },
  );
});
