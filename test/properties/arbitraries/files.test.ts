/**
 * Guards that files seek boundaries: sizes on and beside multiples, every kind of hole and fragmentation, and files and disks
 * around 2 GiB and 4 GiB. That extents are disjoint and on the disk is held by the checks of the scenario test.
 */
import { expect, test } from 'vitest';
import { Random } from '../../../properties/arbitraries/random.ts';
import { watchedPages, WINDOW_PAGES, WINDOWS } from '../../../properties/arbitraries/files.ts';
import { SUITES } from '../../../properties/suites/catalogue.ts';
import type { Extent, FileSpec, Scenario } from '../../../src/scenario/scenario.ts';

function* drawn(name: string, count: number): Generator<Scenario> {
  const { generate } = SUITES.find((suite) => suite.name === name)!;
  const random = new Random(0);
  for (let seed = 0; seed < count; seed++) {
    random.seed(seed);
    yield generate(random);
  }
}

test('sizes are nothing, one byte, and on, before and behind multiples of sector, page and block', () => {
  const seen = new Set<string>();
  for (const { files, fileSystems, geometry } of drawn('mixed', 2000)) {
    for (const { size, fileSystem } of files) {
      if (size <= 1) seen.add(`${size}`);
      for (const [name, unit] of [
        ['sector', geometry.sectorSize],
        ['page', geometry.pageSize],
        ['block', fileSystems[fileSystem]!.blockSize],
      ] as const) {
        if (size < unit) continue;
        if (size % unit === 0) seen.add(`on ${name}`);
        if (size % unit === 1) seen.add(`behind ${name}`);
        if (size % unit === unit - 1) seen.add(`before ${name}`);
      }
    }
  }
  expect(seen.size).toBe(2 + 9);
});

test('holes are at the beginning, in the middle, at the end and everywhere', () => {
  const seen = new Set<string>();
  for (const { files, fileSystems } of drawn('mixed', 2000)) {
    for (const { size, fileSystem, extents } of files) {
      const end = Math.ceil(size / fileSystems[fileSystem]!.blockSize);
      if (extents === undefined || end === 0) continue;
      if (extents.length === 0) {
        seen.add('everywhere');
        continue;
      }
      const first = extents[0]!;
      const last = extents.at(-1)!;
      if (first.block > 0) seen.add('beginning');
      if (last.block + last.count < end) seen.add('end');
      if (extents.some((one, i) => i > 0 && one.block > extents[i - 1]!.block + extents[i - 1]!.count))
        seen.add('middle');
      if (first.block === 0 && last.block + last.count === end && extents.length === 1) seen.add('nowhere');
    }
  }
  expect([...seen].toSorted()).toEqual(['beginning', 'end', 'everywhere', 'middle', 'nowhere']);
});

test('extents lie in order, backwards, with gaps, touching, and between those of other files', () => {
  const seen = new Set<string>();
  for (const scenario of drawn('mixed', 2000)) {
    for (const file of scenario.files) {
      for (const name of arrangement(scenario, file)) seen.add(name);
    }
    if (interleaved(scenario)) seen.add('interleaved');
  }
  expect([...seen].toSorted()).toEqual(['backwards', 'gap', 'in order', 'interleaved', 'touching']);
});

function arrangement(scenario: Scenario, file: FileSpec): string[] {
  const names: string[] = [];
  const list = file.extents ?? [];
  const unit = scenario.fileSystems[file.fileSystem]!.blockSize / scenario.geometry.sectorSize;
  for (let i = 1; i < list.length; i++) {
    const before: Extent = list[i - 1]!;
    const end = before.sector + before.count * unit;
    const { sector } = list[i]!;
    if (sector < before.sector) names.push('backwards');
    else if (sector === end) names.push('touching', 'in order');
    else names.push('gap', 'in order');
  }
  return names;
}

function interleaved(scenario: Scenario): boolean {
  const owners = scenario.files
    .flatMap((file, owner) => (file.extents ?? []).map(({ sector }) => ({ sector, owner })))
    .toSorted((a, b) => a.sector - b.sector)
    .map(({ owner }) => owner);
  return owners.some((owner, i) => i > 1 && owners[i - 1] !== owner && owners.indexOf(owner) < i - 1);
}

test('the large suite has files and operations around 2 GiB and 4 GiB, and disks beyond both', () => {
  const seen = new Set<string>();
  for (const { files, geometry, operations } of drawn('large', 2000)) {
    for (const [name, limit] of [
      ['2 GiB', 2 ** 31],
      ['4 GiB', 2 ** 32],
    ] as const) {
      for (const { size } of files) {
        if (size < limit && size > limit - 64 * geometry.pageSize) seen.add(`size below ${name}`);
        if (size === limit) seen.add(`size ${name}`);
        if (size > limit && size < limit + 64 * geometry.pageSize) seen.add(`size above ${name}`);
      }
      if (geometry.diskSectors * geometry.sectorSize > limit) seen.add(`disk above ${name}`);
      for (const { kind, page, offset, length } of operations) {
        if (kind === 'get' && page * geometry.pageSize >= limit) seen.add(`get above ${name}`);
        if (kind === 'get' && Math.abs(page * geometry.pageSize - limit) <= geometry.pageSize)
          seen.add(`get at ${name}`);
        if (kind === 'write' && offset < limit && offset + length > limit) seen.add(`write across ${name}`);
        if (kind === 'truncate' && length >= limit) seen.add(`truncate above ${name}`);
        if (kind === 'extend' && length >= limit) seen.add(`extend above ${name}`);
      }
    }
  }
  // Pages have 32-bit offsets, so that none lies above 4 GiB.
  const reachable = ['2 GiB', '4 GiB'].flatMap((name) => [
    `size below ${name}`,
    `size ${name}`,
    `size above ${name}`,
    `disk above ${name}`,
    `get at ${name}`,
    `write across ${name}`,
    `truncate above ${name}`,
    `extend above ${name}`,
  ]);
  expect([...seen].toSorted()).toEqual([...reachable, 'get above 2 GiB'].toSorted());
});

test('the followed windows begin with the file, hold its end and the limits below it, and do not overlap', () => {
  const pageSize = 64;
  for (const size of [
    0,
    1,
    64 * 40,
    64 * 41,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 31 + 999,
    2 ** 32 - 64,
    2 ** 32 + 64 * 8,
  ]) {
    const windows = watchedPages(size, pageSize, []);
    expect(windows[0]).toBe(0);
    expect(windows.length).toBeLessThanOrEqual(WINDOWS);
    for (let i = 1; i < windows.length; i++)
      expect(windows[i]).toBeGreaterThanOrEqual(windows[i - 1]! + WINDOW_PAGES / 2);
    const last = windows.at(-1)!;
    const lastPage = Math.max(0, Math.ceil(size / pageSize) - 1);
    expect(lastPage).toBeLessThan(last + WINDOW_PAGES);
    expect(lastPage).toBeGreaterThanOrEqual(last);
  }
});
