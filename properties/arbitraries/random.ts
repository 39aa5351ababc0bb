/**
 * The random source of the generators: seeded by one number that fast-check or the engine draws, then its own sequence, which
 * costs a twentieth of asking fast-check for every field. Deterministic on every platform (32-bit integer arithmetic only).
 */

/** A seeded sequence of numbers (sfc32, Doty-Humphrey 2010). */
export class Random {
  private a = 0;
  private b = 0;
  private c = 0;
  private counter = 1;

  constructor(seed: number) {
    this.seed(seed);
  }

  /** Starts the sequence of a seed, a 32-bit integer. */
  seed(seed: number): void {
    this.a = 0x9e3779b9;
    this.b = seed | 0;
    this.c = 0x243f6a88;
    this.counter = 1;
    for (let i = 0; i < 12; i++) this.next();
  }

  /** A 32-bit unsigned integer. */
  next(): number {
    const t = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + t) | 0;
    return t >>> 0;
  }

  /** An integer from 0 up to, not including, `n` (n from 1 to 2^32). */
  below(n: number): number {
    return Math.floor((this.next() / 4294967296) * n);
  }

  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True once in `n` times on average. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  /** One of the values of a list that is not empty. */
  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }
}
