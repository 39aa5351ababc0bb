/**
 * Guards that sectors keep their numbers through a run and lose them at its end, for each file by itself, near and far, and that what
 * is numbered anew is found under the new number.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DiskPlaces, UNTOUCHED } from '../../model/disk-places.ts';

const sector = fc.oneof(fc.integer({ min: -3, max: 40 }), fc.constantFrom(4095, 4096, 2 ** 31, 2 ** 33 + 1));

it('numbers are those of a plain map, run after run', () => {
  const places = new DiskPlaces();
  const touched = fc.array(fc.tuple(fc.nat({ max: 2 }), sector), { maxLength: 700 });
  fc.assert(
    fc.property(touched, (list) => {
      places.reset(3);
      const plain = new Map<string, number>();
      for (const [file, at] of list) {
        expect(places.find(file, at)).toBe(plain.get(`${file} ${at}`) ?? UNTOUCHED);
        const place = places.add(file, at);
        expect(place).toBe(places.count - 1);
        expect([places.fileOf(place), places.sectorOf(place)]).toEqual([file, at]);
        plain.set(`${file} ${at}`, place);
      }
      expect(places.count).toBe(list.length);
      for (const [from, to] of [
        [0, 1],
        [0, 2],
        [3, 9],
        [10, 10],
        [4095, 4097],
        [-2, 2],
      ] as const) {
        const numbers = Array.from({ length: to - from }, (_, i) => plain.get(`1 ${from + i}`) ?? UNTOUCHED);
        const isRun = numbers.every((place, i) => place !== UNTOUCHED && place === numbers[0]! + i);
        const isNear = from >= 0 && to <= 4096 && to > from;
        expect(places.runFrom(1, from, to)).toBe(isRun && isNear ? numbers[0] : UNTOUCHED);
        const isNew = numbers.every((place) => place === UNTOUCHED);
        expect(places.areUntouched(1, from, to)).toBe(isNew && from >= 0 && to <= 4096);
      }
    }),
  );
});
