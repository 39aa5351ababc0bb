/**
 * Guards the comparing and filling of bytes at every length on both sides of the line where native calls take over.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { agreeing } from '../../src/trace/bytes.ts';
import { copyBytes, stampBytes, zeroBytes, zeros } from '../../model/bytes.ts';
import { patternByte } from '../../src/scenario/pattern.ts';

const lengths = fc.oneof(
  fc.nat({ max: 20 }),
  fc.integer({ min: 240, max: 270 }),
  fc.integer({ min: 4080, max: 9000 }),
);

it('counts bytes that agree', () => {
  fc.assert(
    fc.property(lengths, fc.nat({ max: 9 }), fc.nat({ max: 9 }), fc.nat(), (length, at, bt, where) => {
      const a = new Uint8Array(length + at);
      const b = Buffer.alloc(length + bt);
      for (let i = 0; i < length; i++) a[at + i] = b[bt + i] = (i * 7) & 0xff;
      expect(agreeing(a, at, b, bt, length)).toBe(length);
      if (length === 0) return;
      const wrong = where % length;
      a[at + wrong]! ^= 1;
      expect(agreeing(a, at, b, bt, length)).toBe(wrong);
    }),
  );
});

it('counts zeros', () => {
  fc.assert(
    fc.property(lengths, fc.nat({ max: 9 }), fc.nat(), (length, at, where) => {
      const bytes = new Uint8Array(length + at).fill(3, 0, at);
      expect(zeros(bytes, at, length)).toBe(length);
      if (length === 0) return;
      bytes[at + (where % length)] = 1;
      expect(zeros(bytes, at, length)).toBe(where % length);
    }),
  );
});

it('follows an array that is replaced', () => {
  const b = Buffer.alloc(600, 5);
  expect(agreeing(new Uint8Array(600).fill(5), 0, b, 0, 600)).toBe(600);
  expect(agreeing(new Uint8Array(600), 0, b, 0, 600)).toBe(0);
});

it('stamps, copies and zeros exactly the bytes asked for', () => {
  fc.assert(
    fc.property(lengths, fc.nat({ max: 100_000 }), (length, position) => {
      const bytes = Buffer.alloc(2 * length + 4, 255);
      stampBytes(200, position, bytes, 1, length);
      for (let i = 0; i < length; i++) expect(bytes[1 + i]).toBe(patternByte(200, position + i));
      copyBytes(bytes, 1, length + 2, length);
      expect(bytes.subarray(length + 2, 2 * length + 2).equals(bytes.subarray(1, length + 1))).toBe(true);
      zeroBytes(bytes, 1, length);
      expect(zeros(bytes, 1, length)).toBe(length);
      expect([bytes[0], bytes[length + 1], bytes[2 * length + 2]]).toEqual([255, 255, 255]);
    }),
    { numRuns: 30 },
  );
});
