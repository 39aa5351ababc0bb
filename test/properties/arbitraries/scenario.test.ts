/**
 * Guards the generators as a whole: what they draw is always a scenario that a file could hold, a pure function of the seed, and
 * over a few thousand draws everything that a scenario can say occurs. Shares of whole scenarios are pinned with room to spare.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BASE } from '../../../properties/arbitraries/profile.ts';
import { Random } from '../../../properties/arbitraries/random.ts';
import { scenarios } from '../../../properties/arbitraries/scenario.ts';
import { SUITES } from '../../../properties/suites/catalogue.ts';
import { CHOICES, OPERATION_KINDS } from '../../../src/scenario/operations.ts';
import type { Choice, Scenario } from '../../../src/scenario/scenario.ts';
import { complaintsAbout } from '../../support/valid-scenario.ts';

const DRAWS = 3000;

const draw = scenarios(BASE);

function* drawn(generate: (random: Random) => Scenario, count: number): Generator<Scenario> {
  const random = new Random(0);
  for (let seed = 0; seed < count; seed++) {
    random.seed(seed);
    yield generate(random);
  }
}

describe.each(SUITES)('suite $name', ({ generate }) => {
  test('draws only what a scenario file can hold', () => {
    const random = new Random(0);
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        random.seed(seed);
        expect(complaintsAbout(generate(random))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('draws the same scenario from the same seed, whatever it drew before', () => {
    const random = new Random(0);
    const from = (seed: number): Scenario => {
      random.seed(seed);
      return generate(random);
    };
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (seed, other) => {
        const first = from(seed);
        from(other);
        expect(from(seed)).toEqual(first);
      }),
      { numRuns: 20 },
    );
  });
});

test('any subsequence of the operations is a scenario', () => {
  const random = new Random(0);
  fc.assert(
    fc.property(fc.integer(), fc.infiniteStream(fc.boolean()), (seed, keep) => {
      random.seed(seed);
      const scenario = draw(random);
      const operations = scenario.operations.filter(() => keep.next().value);
      expect(complaintsAbout({ ...scenario, operations })).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test('every kind of operation occurs, and none crowds out the others', () => {
  const counts = new Map(OPERATION_KINDS.map((kind) => [kind, 0]));
  let total = 0;
  for (const { operations } of drawn(draw, DRAWS)) {
    for (const { kind } of operations) counts.set(kind, counts.get(kind)! + 1);
    total += operations.length;
  }
  for (const [kind, count] of counts) {
    expect.soft(count / total, kind).toBeGreaterThan(0.0005);
    expect.soft(count / total, kind).toBeLessThan(0.2);
  }
});

test('every departure that fits a choice occurs', () => {
  const missing = new Set<string>();
  for (const [choice, { schedule, faults }] of Object.entries(CHOICES)) {
    for (const take of schedule) missing.add(`schedule ${choice} ${take}`);
    for (const take of faults) missing.add(`faults ${choice} ${take}`);
  }
  for (const { schedule, faults } of drawn(draw, DRAWS)) {
    for (const one of schedule) missing.delete(`schedule ${one.choice} ${one.take}`);
    for (const one of faults) missing.delete(`faults ${one.choice} ${one.take}`);
  }
  expect([...missing]).toEqual([]);
});

test('file systems occur in every combination of their properties', () => {
  const seen = new Set<string>();
  for (const { fileSystems, geometry } of drawn(draw, 12_000)) {
    for (const fs of fileSystems) {
      const size = Math.sign(fs.blockSize - geometry.pageSize);
      const { blockMap, pastEnd, sharedBuffers, truncateOrder, tail, clearsTail } = fs;
      const fragments = fs.fragmentSize > 0;
      seen.add(
        [blockMap, size, pastEnd, fragments, sharedBuffers, truncateOrder, tail, clearsTail].join(' '),
      );
    }
  }
  const booleans = [false, true];
  const missing: string[] = [];
  for (const size of [-1, 0, 1]) {
    for (const order of ['setsize-first', 'setsize-last']) {
      for (const tail of ['zeros', 'pattern']) {
        for (const clears of booleans) {
          const rest = `${order} ${tail} ${clears}`;
          // Without a block map on a disk there are no fragments and nothing past the end; without a block map no shared buffers.
          if (!seen.has(`none ${size} hole false false ${rest}`)) missing.push(`none ${size} ${rest}`);
          for (const shared of booleans) {
            if (!seen.has(`network ${size} hole false ${shared} ${rest}`))
              missing.push(`network ${size} ${shared} ${rest}`);
            for (const past of ['hole', 'error', 'address']) {
              for (const fragments of booleans) {
                const name = `disk ${size} ${past} ${fragments} ${shared} ${rest}`;
                if (!seen.has(name)) missing.push(name);
              }
            }
          }
        }
      }
    }
  }
  expect(missing).toEqual([]);
});

test('machines range from scarce to roomy', () => {
  const seen = new Set<string>();
  for (const { geometry: g } of drawn(draw, DRAWS)) {
    seen.add(`page ${g.pageSize}`);
    seen.add(`sectors ${g.pageSize / g.sectorSize}`);
    seen.add(`pbufs ${g.pbufs}`);
    seen.add(`map ${g.mapPages}`);
    seen.add(`cached ${g.cachedObjects}`);
    seen.add(g.frames < 17 ? 'frames scarce' : g.frames > 40 ? 'frames plenty' : 'frames between');
  }
  const pages = [16, 32, 64, 128, 4096].map((n) => `page ${n}`);
  const sectors = [2, 4, 8, 16].map((n) => `sectors ${n}`);
  const pools = [1, 2, 4].flatMap((n) => [`pbufs ${n}`, `map ${n}`]);
  const caches = [0, 1, 2, 3].map((n) => `cached ${n}`);
  const frames = ['scarce', 'between', 'plenty'].map((n) => `frames ${n}`);
  expect([...seen].toSorted()).toEqual([...pages, ...sectors, ...pools, ...caches, ...frames].toSorted());
});

test('about half of the scenarios run as planned, and the others depart from the plain run in every way', () => {
  let plain = 0;
  let media = 0;
  const threads = [0, 0, 0, 0];
  for (const scenario of drawn(draw, DRAWS)) {
    if (scenario.schedule.length === 0) plain++;
    if (scenario.media.length > 0) media++;
    threads[scenario.threads]!++;
  }
  expect(plain / DRAWS).toBeGreaterThan(0.4);
  expect(plain / DRAWS).toBeLessThan(0.65);
  expect(media / DRAWS).toBeGreaterThan(0.05);
  for (const count of threads.slice(1)) expect(count / DRAWS).toBeGreaterThan(0.1);
});

test('exceptions are addressed at operations, on their thread or the daemon, or at the settlement', () => {
  const wrong: string[] = [];
  let elsewhere = 0;
  let all = 0;
  for (const { schedule, faults, operations, threads } of drawn(draw, DRAWS)) {
    const threadOf = new Map([[0, 0], ...operations.map(({ id, thread }) => [id, thread] as const)]);
    for (const one of [...schedule, ...faults]) {
      all++;
      if (one.operation === 0 || one.thread === threads) elsewhere++;
      if (
        threadOf.get(one.operation) !== one.thread &&
        !(threadOf.has(one.operation) && one.thread === threads)
      )
        wrong.push(`${one.operation} ${one.thread}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(elsewhere / all).toBeGreaterThan(0.01);
  expect(elsewhere / all).toBeLessThan(0.1);
});

test('block maps of a network or of nothing are not asked to sleep or fail, because they cannot', () => {
  const wrong: Choice[] = [];
  for (const { schedule, faults, files, fileSystems } of drawn(draw, DRAWS)) {
    for (const { choice, subject } of [...schedule, ...faults]) {
      if (choice === 'bmap' && fileSystems[files[subject]!.fileSystem]!.blockMap !== 'disk')
        wrong.push(choice);
    }
  }
  expect(wrong).toEqual([]);
});
