/**
 * Guards the one currency: what is written is read back equal, equal scenarios give equal text, and leaving out operations
 * leads from a scenario to a scenario (design rules 2 and 4). The laws hold for arbitrary valid scenarios, and for the
 * largest that the bounds allow.
 */
import fc from 'fast-check';
import { test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import {
  checkScenario,
  cloneScenario,
  formatBriefly,
  formatProblem,
  formatScenario,
  parseScenario,
  scenarioEquals,
} from '../../src/scenario/codec.ts';
import { operation } from '../../src/scenario/operations.ts';
import { BOUNDS, DEFAULT_GEOMETRY, type Exception, type Scenario } from '../../src/scenario/scenario.ts';
import { scenarioArbitrary } from './arbitrary-scenario.ts';

/** Reads what must be right. */
function read(text: string): Scenario {
  const result = parseScenario(text, 'test.yaml');
  if (result.problems !== undefined) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.scenario;
}

describe('writing and reading', () => {
  test.prop([scenarioArbitrary])('gives back an equal scenario', (scenario) => {
    expect(read(formatScenario(scenario))).toEqual(scenario);
  });

  test.prop([scenarioArbitrary, fc.string({ unit: 'grapheme' })])('is canonical', (scenario, comment) => {
    const text = formatScenario(scenario);
    expect(formatScenario(read(text))).toBe(text);
    expect(formatScenario(read(formatScenario(scenario, comment)))).toBe(text);
  });

  test.prop([scenarioArbitrary])(
    'gives it back from a brief text too, but for why it is kept',
    (scenario) => {
      const { expect: _, ...rest } = scenario;
      expect(read(formatBriefly(scenario))).toEqual(rest);
    },
  );

  it('briefly says nothing that goes without saying', () => {
    const plain = read(
      'version: 1\nfileSystems: [{ blockMap: disk, blockSize: 8192 }]\nfiles: [{ size: 9 }]\noperations: []\n',
    );
    expect(formatBriefly(plain)).toBe(
      'version: 1\nfileSystems:\n  - { blockMap: disk, blockSize: 8192 }\nfiles:\n  - { size: 9 }\noperations: []\n',
    );
    const odd = { ...plain, threads: 2, options: { diagnostic: true, faultChecksSize: false } };
    odd.geometry = { ...plain.geometry, pbufs: 1 };
    expect(formatBriefly(odd)).toContain('geometry: { pbufs: 1 }\noptions: { diagnostic: true }\n');
  });

  test.prop([scenarioArbitrary])('puts one operation on a line', (scenario) => {
    const lines = formatScenario(scenario).split('\n');
    for (const { id } of scenario.operations) {
      expect(lines.filter((line) => line.startsWith(`  - { id: ${id}, `))).toHaveLength(1);
    }
  });

  test.prop([scenarioArbitrary, fc.infiniteStream(fc.boolean())])(
    'takes any subsequence of the operations',
    (scenario, keep) => {
      const operations = scenario.operations.filter(() => keep.next().value);
      expect(checkScenario({ ...scenario, operations })).toEqual([]);
    },
  );

  test.prop([scenarioArbitrary])('does not depend on the order of fields', (scenario) => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .toReversed()
          .map(([key, inner]) => [key, reversed(inner)]),
      );
    };
    expect(formatScenario(reversed(scenario) as Scenario)).toBe(formatScenario(scenario));
  });

  it('fills in what a short file leaves out', () => {
    const text = [
      'version: 1',
      'fileSystems: [{ blockMap: disk, blockSize: 8192 }]',
      'files: [{ size: 20000 }]',
      'operations: []',
    ];
    expect(formatScenario(read(text.join('\n')))).toMatchInlineSnapshot(`
      "version: 1
      target: { name: reference, form: repaired, switches: [] }
      geometry: { pageSize: 4096, sectorSize: 512, frames: 64, pbufs: 4, mapPages: 8, diskSectors: 4096, cachedObjects: 2 }
      options: { diagnostic: false, faultChecksSize: false }
      fileSystems:
        - { blockMap: disk, blockSize: 8192, pastEnd: hole, fragmentSize: 0, sharedBuffers: false, truncateOrder: setsize-last, tail: pattern, clearsTail: false }
      files:
        - { fileSystem: 0, size: 20000 }
      threads: 1
      operations: []
      "
    `);
  });

  it('reads bytes, with or without a byte order mark, and lines that end in CR LF', () => {
    const text = formatScenario(largest(3));
    const bytes = new TextEncoder().encode(text);
    expect(read(text.replaceAll('\n', '\r\n'))).toEqual(largest(3));
    expect(read(`\ufeff${text}`)).toEqual(largest(3));
    expect(parseScenario(bytes, '')).toEqual({ scenario: largest(3) });
    expect(parseScenario(new Uint8Array([0xef, 0xbb, 0xbf, ...bytes]), '')).toEqual({ scenario: largest(3) });
    expect(parseScenario(new Uint8Array([0xff, 0xfe, ...bytes]), '').problems).toHaveLength(1);
  });
});

/** As long a scenario as the bounds allow, but with at most `count` entries in the lists that can be long. */
function largest(count: number): Scenario {
  const upTo = (max: number): number[] => Array.from({ length: Math.min(max, count) }, (_, i) => i);
  const exception = (i: number): Exception => ({
    operation: BOUNDS.operationId - i,
    thread: 8,
    choice: 'transfer',
    subject: 63,
    ordinal: BOUNDS.ordinal,
    take: 'delay',
    amount: BOUNDS.ordinal,
  });
  const name = '"'.repeat(200);
  return {
    version: 1,
    geometry: {
      pageSize: 32,
      sectorSize: 2,
      frames: 65536,
      pbufs: 256,
      mapPages: 4096,
      diskSectors: BOUNDS.diskSectors[1],
      cachedObjects: 1000,
    },
    options: { diagnostic: false, faultChecksSize: false },
    fileSystems: Array.from({ length: 8 }, () => ({
      blockMap: 'network',
      blockSize: 2,
      pastEnd: 'address',
      fragmentSize: 0,
      sharedBuffers: false,
      truncateOrder: 'setsize-first',
      tail: 'pattern',
      clearsTail: false,
      delayedBlocks: false,
    })),
    files: Array.from({ length: 64 }, (_, file) => ({
      fileSystem: 7,
      size: BOUNDS.fileSize,
      extents: upTo(BOUNDS.extents / 64).map((i) => ({
        block: BOUNDS.fileSize / 2 - 1000 + i,
        sector: BOUNDS.diskSectors[1] - 64 * file - i - 1,
        count: 1,
      })),
    })),
    threads: 8,
    operations: upTo(BOUNDS.operations).map((i) =>
      operation(BOUNDS.operationId - i, 7, 'get', {
        file: 63,
        page: BOUNDS.fileSize / 32,
        before: 7,
        count: 7,
        valid: 0xffff,
        dirty: 0xffff,
      }),
    ),
    schedule: upTo(BOUNDS.exceptions).map(exception),
    faults: [],
    media: upTo(BOUNDS.media).map(() => ({
      sector: BOUNDS.diskSectors[1],
      count: BOUNDS.diskSectors[1],
      access: 'write',
    })),
    target: {
      name,
      form: 'as-written',
      switches: upTo(BOUNDS.switches).map((i) => `${name.slice(2)}${10 + i}`),
    },
    expect: { property: name, cause: name },
  };
}

describe('the bounds', () => {
  it('let the largest scenario be written and read', { timeout: 120_000 }, () => {
    const scenario = largest(Infinity);
    const text = formatScenario(scenario);
    expect(text.length).toBeLessThan(BOUNDS.fileBytes);
    expect(scenarioEquals(read(text), scenario)).toBe(true);
  });

  it('hold for schedule and faults together', () => {
    const scenario = largest(Infinity);
    const fault: Exception = {
      ...scenario.schedule[0]!,
      choice: 'page',
      subject: 0,
      take: 'error',
      amount: 0,
    };
    expect(checkScenario({ ...scenario, operations: [], faults: [fault] })).toEqual([
      'faults: 20001 exceptions with the schedule: at most 20000',
    ]);
  });

  it('hold for the extents of all files together', () => {
    const scenario = { ...largest(Infinity), operations: [], schedule: [] };
    scenario.files[0]!.extents!.push({ block: 0, sector: 16, count: 1 });
    expect(checkScenario(scenario)).toEqual(['files: 4097 extents altogether: at most 4096']);
  });
});

describe('copying and comparing', () => {
  test.prop([scenarioArbitrary])('a copy is equal and shares nothing', (scenario) => {
    const copy = cloneScenario(scenario);
    expect(copy).toEqual(scenario);
    expect(scenarioEquals(copy, scenario)).toBe(true);
    const parts = new Set<unknown>();
    const collect = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      parts.add(value);
      Object.values(value).forEach(collect);
    };
    collect(scenario);
    const before = parts.size;
    collect(copy);
    expect(parts.size).toBe(2 * before);
  });

  test.prop([scenarioArbitrary, scenarioArbitrary])('agrees with the text', (a, b) => {
    expect(scenarioEquals(a, b)).toBe(formatScenario(a) === formatScenario(b));
  });

  test.prop([scenarioArbitrary, fc.nat(), fc.nat()])(
    'notices a change of any number',
    (scenario, which, how) => {
      const changed = cloneScenario(scenario);
      const places: [object: Record<string, unknown>, key: string][] = [];
      const collect = (value: unknown): void => {
        if (typeof value !== 'object' || value === null) return;
        for (const [key, inner] of Object.entries(value)) {
          if (typeof inner === 'number') places.push([value as Record<string, unknown>, key]);
          collect(inner);
        }
      };
      collect(changed);
      const [object, key] = places[which % places.length]!;
      (object[key] as number) += how + 1;
      expect(scenarioEquals(changed, scenario)).toBe(false);
    },
  );
});

describe('checking a scenario in memory', () => {
  test.prop([scenarioArbitrary])('finds nothing wrong with a valid one', (scenario) => {
    expect(checkScenario(scenario)).toEqual([]);
  });

  it('names fields that an operation carries and does not use', () => {
    const scenario = largest(1);
    scenario.operations = [{ ...operation(4, 0, 'nullpager'), file: 1 }];
    expect(checkScenario(scenario)).toEqual([
      'operation 4, file: is 1, but nullpager does not use it: set it to 0',
    ]);
  });

  it('refuses what would touch more of the disk than memory should hold, whichever way', () => {
    const problems = (count: number, kind: 'write' | 'truncate' | 'fault', diskSectors: number): string[] => {
      const scenario = largest(1);
      scenario.geometry = { ...DEFAULT_GEOMETRY, diskSectors };
      scenario.fileSystems = [{ ...scenario.fileSystems[0]!, blockSize: 8192, fragmentSize: 0 }];
      scenario.files = [{ fileSystem: 0, size: 0 }];
      scenario.media = [];
      scenario.schedule = [];
      scenario.faults = [];
      const length = kind === 'fault' ? 0 : BOUNDS.transferBytes;
      scenario.operations = Array.from({ length: count }, (_, i) => ({
        ...operation(i + 1, 0, kind),
        length,
      }));
      return checkScenario(scenario);
    };
    const large = 4 * 2 ** 20;
    const message =
      'operations: may touch 520 MiB of the disk, at most 512: have fewer, or shorter ones, or a smaller disk';
    expect(problems(500, 'write', large)).toEqual([message]);
    expect(problems(490, 'write', large)).toEqual([]);
    expect(problems(500, 'write', 4096)).toEqual([]);
    expect(problems(10_000, 'truncate', large)).toEqual([]);
    expect(problems(20_000, 'fault', large)[0]).toContain('may touch 782 MiB');
  });

  it('agrees with what a file would say', () => {
    const scenario = largest(1);
    scenario.operations[0]!.thread = 8;
    scenario.schedule[0]!.choice = 'malloc';
    expect(checkScenario(scenario)).toMatchInlineSnapshot(`
      [
        "operation 32620, thread: is 8: at most 7",
        "schedule, entry 1, take: is "delay", but must be sleep",
        "schedule, entry 1, subject: means nothing to choice: "malloc": remove it",
        "schedule, entry 1, amount: means nothing to choice: "malloc": remove it",
      ]
    `);
  });
});
