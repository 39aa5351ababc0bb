/**
 * Guards that operations follow the files' state: few of them come to nothing, arguments come from small pools near boundaries,
 * each scenario is a swarm of its own. The no-ops are recognised here by a tally of sizes, names, opens and mappings that
 * shares no code with the generator and knows nothing of pages; a target counts more of them.
 */
import { expect, test } from 'vitest';
import { BASE, type Profile } from '../../../properties/arbitraries/profile.ts';
import { Random } from '../../../properties/arbitraries/random.ts';
import { scenarios } from '../../../properties/arbitraries/scenario.ts';
import { SUITES } from '../../../properties/suites/catalogue.ts';
import { ALL_FILE_SYSTEMS, type Operation, type Scenario } from '../../../src/scenario/scenario.ts';

const DRAWS = 1500;

function* drawn(generate: (random: Random) => Scenario, count = DRAWS): Generator<Scenario> {
  const random = new Random(0);
  for (let seed = 0; seed < count; seed++) {
    random.seed(seed);
    yield generate(random);
  }
}

const withProfile = (changes: Partial<Profile>): ((random: Random) => Scenario) =>
  scenarios({ ...BASE, ...changes });

interface Tally {
  size: number;
  named: boolean;
  connected: boolean;
  opens: number;
  maps: number;
}

/** Operations that can be seen to do nothing when they run in the order of the list and nothing fails. */
function futile(scenario: Scenario): Operation[] {
  const { pageSize } = scenario.geometry;
  const files: Tally[] = scenario.files.map(({ size }) => ({
    size,
    named: true,
    connected: true,
    opens: 0,
    maps: 0,
  }));
  const ofMount = (mount: number): Tally[] => files.filter((_, i) => scenario.files[i]!.fileSystem === mount);
  const usable = (file: Tally): boolean => file.connected && (file.named || file.opens > 0 || file.maps > 0);
  const inPages = (file: Tally, offset: number): boolean =>
    offset < Math.ceil(file.size / pageSize) * pageSize;
  const effect = (one: Operation): boolean => {
    const file = files[one.file]!;
    switch (one.kind) {
      case 'get':
      case 'getpage':
      case 'haspage':
      case 'fault':
      case 'store':
      case 'put':
      case 'putpage': {
        if (file.maps === 0 && !usable(file)) return false;
        file.maps = Math.max(1, file.maps);
        if (one.kind === 'store') return inPages(file, one.offset);
        return one.kind.startsWith('get') || one.kind === 'haspage' || inPages(file, one.page * pageSize);
      }
      case 'open':
        if (!file.connected || !file.named) return false;
        file.opens++;
        return true;
      case 'close':
        file.opens--;
        return file.opens >= 0;
      case 'map':
        if (!usable(file)) return false;
        file.maps++;
        return true;
      case 'unmap':
        file.maps--;
        return file.maps >= 0;
      case 'alloc':
        return usable(file);
      case 'msync':
        return file.maps > 0;
      case 'read':
      case 'write':
        if (!usable(file) || (file.opens === 0 && !file.named)) return false;
        if (one.kind === 'read' && one.offset >= file.size) return false;
        file.opens = Math.max(1, file.opens);
        if (one.kind === 'write') file.size = Math.max(file.size, one.offset + one.length);
        return true;
      case 'truncate':
      case 'extend': {
        const changes = one.kind === 'truncate' ? one.length < file.size : one.length > file.size;
        if (!usable(file) || !changes) return false;
        file.size = one.length;
        return true;
      }
      case 'unlink':
        if (!usable(file) || !file.named) return false;
        file.named = false;
        return true;
      case 'rename': {
        const over = files[one.other]!;
        if (over === file || !usable(file) || !file.named || !usable(over) || !over.named) return false;
        over.named = false;
        return true;
      }
      case 'recycle':
        if (!file.connected) return false;
        file.connected = false;
        return true;
      case 'force-unmount':
        if (ofMount(one.other).every((each) => !each.connected)) return false;
        for (const each of ofMount(one.other)) each.connected = false;
        return true;
      case 'unmount': {
        if (one.other === ALL_FILE_SYSTEMS) {
          if (files.every((each) => !each.connected)) return false;
          for (let mount = 0; mount < scenario.fileSystems.length; mount++)
            if (ofMount(mount).every((each) => !each.connected || (each.opens === 0 && each.maps === 0)))
              for (const each of ofMount(mount)) each.connected = false;
          return true;
        }
        const mounted = ofMount(one.other).filter((each) => each.connected);
        if (mounted.length === 0) return false;
        if (mounted.every((each) => each.opens === 0 && each.maps === 0))
          for (const each of mounted) each.connected = false;
        return true;
      }
      default:
        return true;
    }
  };
  return scenario.operations.filter((one) => !effect(one));
}

test.each(SUITES)('suite $name seldom draws what can be seen to come to nothing', ({ generate }) => {
  let total = 0;
  let without = 0;
  for (const scenario of drawn(generate)) {
    total += scenario.operations.length;
    without += futile(scenario).length;
  }
  expect(total).toBeGreaterThan(DRAWS * 30);
  expect(without).toBeLessThanOrEqual(total * 0.03);
});

test('operations on lost files are still tried now and then', () => {
  let tried = 0;
  for (const scenario of drawn(withProfile({ threads: [1, 0, 0] }))) tried += futile(scenario).length;
  expect(tried).toBeGreaterThan(DRAWS / 10);
});

test('scenarios are swarms: most leave many kinds out, and together they leave out none', () => {
  const kinds = new Set<string>();
  let few = 0;
  let long = 0;
  for (const { operations } of drawn(withProfile({ short: 0 }))) {
    const own = new Set(operations.map(({ kind }) => kind));
    for (const kind of own) kinds.add(kind);
    long++;
    if (own.size <= 18) few++;
  }
  expect(kinds.size).toBe(Object.keys(BASE.operations).length);
  expect(few / long).toBeGreaterThan(0.5);
});

test('lengths are mostly fifty to a hundred, and some scenarios are very short', () => {
  const lengths = [...drawn(scenarios(BASE))].map(({ operations }) => operations.length);
  expect(Math.min(...lengths)).toBeGreaterThanOrEqual(1);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(100);
  expect(lengths.filter((n) => n <= 8).length).toBeGreaterThan(DRAWS / 50);
  expect(lengths.filter((n) => n >= 50).length).toBeGreaterThan(DRAWS * 0.9);
});

test('pages come from a small pool: the same page of a file is named again and again', () => {
  let named = 0;
  let distinct = 0;
  for (const scenario of drawn(withProfile({ short: 0, files: { ...BASE.files, pages: [8, 14] } }), 300)) {
    const pages = scenario.operations.filter(
      ({ kind }) => kind === 'get' || kind === 'put' || kind === 'fault',
    );
    named += pages.length;
    distinct += new Set(pages.map(({ file, page }) => `${file} ${page}`)).size;
  }
  expect(named / distinct).toBeGreaterThan(1.5);
});

test('stores and writes begin and end on, before and behind boundaries', () => {
  const seen = new Set<string>();
  for (const { operations, geometry } of drawn(scenarios(BASE))) {
    for (const { kind, offset, length } of operations) {
      if (kind !== 'store' && kind !== 'write') continue;
      for (const [name, unit] of [
        ['sector', geometry.sectorSize],
        ['page', geometry.pageSize],
      ] as const) {
        for (const [end, at] of [
          ['begins', offset],
          ['ends', offset + length],
        ] as const) {
          const past = at % unit;
          if (past === 0) seen.add(`${kind} ${end} on a ${name}`);
          if (past === 1) seen.add(`${kind} ${end} behind a ${name}`);
          if (past === unit - 1) seen.add(`${kind} ${end} before a ${name}`);
        }
      }
    }
  }
  expect(seen.size).toBe(2 * 2 * 2 * 3);
});

test('masks of direct calls are whole, empty, single and ragged, and dirty chunks are valid ones', () => {
  const seen = new Set<string>();
  for (const { operations, geometry } of drawn(scenarios(BASE))) {
    const full = 2 ** (geometry.pageSize / geometry.sectorSize) - 1;
    for (const { kind, valid, dirty } of operations) {
      if (kind !== 'get' && kind !== 'put') continue;
      // A put without masks is one of the few that are drawn although they come to nothing.
      if (kind === 'put' && valid === 0) continue;
      expect(dirty & ~valid).toBe(0);
      if (kind === 'put') expect(dirty).not.toBe(0);
      seen.add(`${kind} ${shapeOf(valid, full)}`);
    }
  }
  expect([...seen].toSorted()).toEqual(
    [
      'get empty',
      'get ragged',
      'get single',
      'get whole',
      'put ragged',
      'put single',
      'put whole',
    ].toSorted(),
  );
});

function shapeOf(mask: number, full: number): string {
  if (mask === 0) return 'empty';
  if (mask === full) return 'whole';
  return (mask & (mask - 1)) === 0 ? 'single' : 'ragged';
}
