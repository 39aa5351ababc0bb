/** Small draws that several generators share. All of them cost one or two numbers of the random source and allocate nothing. */
import type { Random } from './random.ts';
import type { Range } from './profile.ts';

/** An index of the list, drawn by weight. At least one weight is positive. */
export function weighted(random: Random, weights: readonly number[]): number {
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += weights[i]!;
  let at = random.below(total);
  for (let i = 0; i < weights.length; i++) {
    at -= weights[i]!;
    if (at < 0) return i;
  }
  return weights.length - 1;
}

/** True in `per cent` of the draws. */
export function percent(random: Random, share: number): boolean {
  return random.below(100) < share;
}

/** A number of the range. */
export function within(random: Random, range: Range): number {
  return random.between(range[0], range[1]);
}

/** 0 in half of the draws, 1 in a quarter, and so on, at most `most`. */
export function halving(random: Random, most: number): number {
  return Math.min(most, Math.clz32(random.next() | 1));
}

/** Steps from a boundary at which pagers tend to err: on it, a byte beside it, a few bytes beside it. */
export function aside(random: Random, unit: number): number {
  switch (random.below(8)) {
    case 0:
      return 1;
    case 1:
      return -1;
    case 2:
      return random.below(unit);
    case 3:
      return 1 + random.below(Math.max(1, unit >> 3));
    default:
      return 0;
  }
}
