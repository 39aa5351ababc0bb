/**
 * Guards the tracing of wrong bytes: each stamp in play is recognised where it belongs and elsewhere, and nothing is invented.
 */
import { expect, it } from 'vitest';
import { originOf, type Place } from '../../properties/origin.ts';
import { operation } from '../../src/scenario/operations.ts';
import {
  patternByte,
  STAMP_DISK,
  STAMP_FAILED,
  STAMP_FILE,
  STAMP_OPERATION,
  STAMP_POISON,
  STAMP_TAIL,
} from '../../src/scenario/pattern.ts';
import { scenarioOf } from '../model/support/scene.ts';

const SCENARIO = scenarioOf({
  files: [
    { fileSystem: 0, size: 400 },
    { fileSystem: 0, size: 400 },
  ],
  operations: [
    operation(7, 0, 'store', { offset: 64, length: 40 }),
    operation(9, 0, 'write', { offset: 0, length: 300 }),
  ],
});

/** Byte 8 of page 1 of file 0, in frame 3. */
const PLACE: Place = { position: 72, file: 0, frame: 3, pageOffset: 8 };

const run = (stamp: number, position: number, length = 8): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => patternByte(stamp, position + i));

it.each([
  ['the file itself', run(STAMP_FILE, 72), 'the initial contents of file 0 at this offset'],
  ['the file at another offset', run(STAMP_FILE, 136), 'the initial contents of file 0 at offset 136'],
  ['another file', run(STAMP_FILE + 1, 72), 'the initial contents of file 1 at offset 72'],
  ['an operation', run(STAMP_OPERATION + 7, 72), 'stored at this offset by operation 7'],
  ['an operation at another offset', run(STAMP_OPERATION + 9, 80), 'stored at offset 80 by operation 9'],
  ['a new page', run(STAMP_POISON, 3 * 64 + 8), 'what a new page holds before it is filled'],
  ['another new page', run(STAMP_POISON, 5 * 64 + 8), 'what frame 5 held before it was filled'],
  ['the disk', run(STAMP_DISK, 200 * 8), 'sector 200 of the disk, which nobody ever wrote'],
  ['the tail of the file', run(STAMP_TAIL, 72), 'what lay on disk past the end of the file'],
  ['a failed transfer', run(STAMP_FAILED, 16), 'what a failed transfer left behind'],
])('recognises %s', (_, bytes, origin) => {
  expect(originOf(bytes, PLACE, SCENARIO)).toBe(`8 bytes: ${origin}`);
});

it('recognises the beginning of a run where two writers meet', () => {
  const bytes = Uint8Array.from([...run(STAMP_OPERATION + 7, 72, 5), ...run(STAMP_DISK, 8, 8)]);
  expect(originOf(bytes, PLACE, SCENARIO)).toBe('5 bytes: stored at this offset by operation 7');
});

it('calls zeros zeros', () => expect(originOf(new Uint8Array(12), PLACE, SCENARIO)).toBe('zeros'));

it.each([
  [
    'three bytes of the file',
    run(STAMP_FILE, 72, 3),
    '3 bytes: the initial contents of file 0 at this offset',
  ],
  [
    'three bytes of an operation',
    run(STAMP_OPERATION + 7, 72, 3),
    '3 bytes: stored at this offset by operation 7',
  ],
  [
    'three bytes from elsewhere',
    run(STAMP_FILE + 1, 71, 3),
    '3 bytes: the initial contents of file 1 at offset 71',
  ],
  ['two bytes that only one place has', run(STAMP_DISK, 200 * 8, 2), '2 bytes: sector 200 of the disk'],
])('recognises %s', (_, bytes, origin) => {
  expect(originOf(bytes, PLACE, SCENARIO)).toContain(origin);
});

it('names no writer of so few bytes that are in two places', () => {
  // in a world with so many sectors the same three bytes are on the disk twice
  const wide = { ...SCENARIO, geometry: { ...SCENARIO.geometry, diskSectors: 10_000 } };
  expect(originOf(run(STAMP_DISK, 200 * 8, 3), PLACE, wide)).toBeUndefined();
});

it('traces all short runs to where they are from, or not at all', () => {
  let traced = 0;
  for (let position = 0; position < 400; position++) {
    for (const length of [1, 2, 3]) {
      const origin = originOf(run(STAMP_FILE + 1, position, length), PLACE, SCENARIO);
      if (origin === undefined) continue;
      traced++;
      expect(origin).toContain(`: the initial contents of file 1 at offset ${position}`);
    }
  }
  expect(traced).toBeGreaterThan(400);
});

it('does not guess from one byte', () => {
  expect(originOf(run(STAMP_FILE, 72, 1), PLACE, SCENARIO)).toBeUndefined();
});

it('does not name a writer of bytes that nobody wrote', () => {
  expect(originOf(Uint8Array.of(9, 9, 9, 9, 9, 9), PLACE, SCENARIO)).toBeUndefined();
});
