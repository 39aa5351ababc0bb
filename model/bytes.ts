/**
 * Comparing and filling bytes without allocating. Own loops win on short runs, native calls on long ones; where the line is
 * was measured once and is not critical.
 */
import { PATTERN, patternPhase } from '../src/scenario/pattern.ts';
import { asBuffer, copyRun, LOOP_MAX, wordsIn, wordsOf, zeroRun, zerosRun } from '../src/trace/bytes.ts';

/** The longest run that is compared with zeros in one native call. */
const ZERO_RUN = 4096;

const ZEROS = Buffer.alloc(ZERO_RUN);
const PATTERN_BYTES = Buffer.from(PATTERN.buffer, PATTERN.byteOffset, PATTERN.byteLength);
const PATTERN_WORDS = wordsOf(PATTERN);

/** How many of `length` bytes are zero before the first that is not; `length` if all are. */
export function zeros(a: Uint8Array, at: number, length: number): number {
  let i = 0;
  if (length > LOOP_MAX) {
    const bytes = asBuffer(a);
    while (i + ZERO_RUN <= length && bytes.compare(ZEROS, 0, ZERO_RUN, at + i, at + i + ZERO_RUN) === 0)
      i += ZERO_RUN;
  }
  return i + zerosRun(a, at + i, length - i);
}

/** Puts the bytes of a stamp from `position` on into `into` at `at`. */
export function stampBytes(stamp: number, position: number, into: Buffer, at: number, length: number): void {
  const phase = patternPhase(stamp, position);
  if (length > LOOP_MAX) {
    PATTERN_BYTES.copy(into, at, phase, phase + length);
    return;
  }
  copyRun(PATTERN_WORDS, phase, wordsIn(into), at, length);
}

/** Copies within one buffer; the runs do not overlap. */
export function copyBytes(bytes: Buffer, from: number, to: number, length: number): void {
  if (length > LOOP_MAX) {
    bytes.copyWithin(to, from, from + length);
    return;
  }
  const words = wordsIn(bytes);
  copyRun(words, from, words, to, length);
}

/** Zeros a run. */
export function zeroBytes(bytes: Buffer, at: number, length: number): void {
  if (length > LOOP_MAX) bytes.fill(0, at, at + length);
  else zeroRun(wordsIn(bytes), at, length);
}
