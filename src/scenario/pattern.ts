/**
 * The bytes of the simulated world. Every byte that anybody writes carries a stamp of its writer, and nothing starts as zero,
 * so that a wrong byte can be traced to where it came from. A stamp at a position yields one byte from 1 to 255; neighbouring
 * positions of two stamps agree in a run of bytes only by accident.
 */

/** Length of the table that patterns are cut from; a prime, so that stamps and positions do not beat with page sizes. */
export const PATTERN_LENGTH = 32749;

/** The longest run that can be cut from the table without wrapping. */
export const PATTERN_RUN_MAX = 65536;

/** The table: `PATTERN_LENGTH` bytes, repeated until any phase can be followed for `PATTERN_RUN_MAX` bytes. */
export const PATTERN: Uint8Array = makePattern();

function makePattern(): Uint8Array {
  const table = new Uint8Array(PATTERN_LENGTH + PATTERN_RUN_MAX);
  let state = 0x9e3779b9;
  for (let i = 0; i < PATTERN_LENGTH; i++) {
    // xorshift32 (Marsaglia, 2003): any fixed sequence would do
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    table[i] = 1 + ((state >>> 0) % 255);
  }
  for (let i = PATTERN_LENGTH; i < table.length; i++) table[i] = table[i - PATTERN_LENGTH]!;
  return table;
}

/** Stamps of what is there without anybody having stored it; writers are numbered from `STAMP_OPERATION` on. */
export const STAMP_POISON = 1;
/** Sectors that nobody wrote. */
export const STAMP_DISK = 2;
/** Tails of last blocks. */
export const STAMP_TAIL = 3;
/** What a failed transfer leaves behind. */
export const STAMP_FAILED = 4;
/** The initial contents of file `n` have stamp `STAMP_FILE + n`. */
export const STAMP_FILE = 16;
/** What operation `id` stores or writes has stamp `STAMP_OPERATION + id`. */
export const STAMP_OPERATION = 128;

/** Where in the table the bytes of a stamp at a position begin; valid for `PATTERN_RUN_MAX` bytes. */
export function patternPhase(stamp: number, position: number): number {
  const phase = stamp * 7919 + position;
  // the remainder of a double costs five times that of an integer
  return phase <= 0x7fffffff ? (phase | 0) % PATTERN_LENGTH : phase % PATTERN_LENGTH;
}

/** The byte that a stamp yields at a position (a file offset, a disk address, a frame's address). */
export function patternByte(stamp: number, position: number): number {
  return PATTERN[patternPhase(stamp, position)]!;
}
