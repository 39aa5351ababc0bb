/**
 * Comparing and moving short runs of bytes, four at a time and at any alignment, for those who run and those who judge. Runs
 * longer than `LOOP_MAX` are for native calls. Nothing is allocated as long as the same arrays are asked about.
 */

/** Up to this many bytes a loop of our own is faster than a native call. */
export const LOOP_MAX = 256;

const NO_BYTES = new Uint8Array(0);

/** A way to read four bytes of an array at once. */
export function wordsOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** How many arrays are remembered. Few are in use at a time: memory, what the model holds and doubts, the pattern. */
const REMEMBERED = 8;

const known: Uint8Array[] = Array.from({ length: REMEMBERED }, () => NO_BYTES);
const knownWords: DataView[] = known.map(wordsOf);
let oldest = 0;
/** The two asked about last, by turns: whoever compares or copies asks about two. */
let one: Uint8Array = NO_BYTES;
let oneWords = wordsOf(one);
let other: Uint8Array = NO_BYTES;
let otherWords = oneWords;
let isOneOlder = true;

/** The words of an array, remembered. */
export function wordsIn(bytes: Uint8Array): DataView {
  if (bytes === one) return oneWords;
  if (bytes === other) return otherWords;
  const words = recalled(bytes);
  if (isOneOlder) {
    one = bytes;
    oneWords = words;
  } else {
    other = bytes;
    otherWords = words;
  }
  isOneOlder = !isOneOlder;
  return words;
}

function recalled(bytes: Uint8Array): DataView {
  for (let i = 0; i < REMEMBERED; i++) if (known[i] === bytes) return knownWords[i]!;
  const words = wordsOf(bytes);
  known[oldest] = bytes;
  knownWords[oldest] = words;
  oldest = (oldest + 1) % REMEMBERED;
  return words;
}

let wrapped: Uint8Array = NO_BYTES;
let wrapper = Buffer.from(wrapped.buffer);

/** A Buffer over the same bytes, remembered. */
export function asBuffer(bytes: Uint8Array): Buffer {
  if (bytes instanceof Buffer) return bytes;
  if (bytes !== wrapped) {
    wrapped = bytes;
    wrapper = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  return wrapper;
}

/** How many of `length` bytes agree before the first that differs; `length` if all do. */
export function agreeing(a: Uint8Array, at: number, b: Uint8Array, bt: number, length: number): number {
  if (length > LOOP_MAX && asBuffer(a).compare(b, bt, bt + length, at, at + length) === 0) return length;
  const x = wordsIn(a);
  const y = wordsIn(b);
  const end = length | 0;
  const from = at | 0;
  const to = bt | 0;
  let i = 0;
  // what lies outside of an array agrees with nothing, and is no error
  if (from >= 0 && to >= 0 && from + end <= a.length && to + end <= b.length) {
    for (const last = end - 4; i <= last; i += 4)
      if (x.getInt32(from + i, true) !== y.getInt32(to + i, true)) break;
  }
  while (i < end && a[from + i] === b[to + i]) i++;
  return i;
}

/** Copies a short run; `from` and `to` may be words of one array if the runs do not overlap. */
export function copyRun(source: DataView, from: number, into: DataView, to: number, length: number): void {
  const end = length | 0;
  const first = from | 0;
  const target = to | 0;
  let i = 0;
  for (const last = end - 4; i <= last; i += 4)
    into.setInt32(target + i, source.getInt32(first + i, true), true);
  for (; i < end; i++) into.setUint8(target + i, source.getUint8(first + i));
}

/** Copies a run of any length from one array into another. */
export function copyAcross(
  source: Uint8Array,
  from: number,
  into: Uint8Array,
  to: number,
  length: number,
): void {
  if (length > LOOP_MAX) into.set(source.subarray(from, from + length), to);
  else copyRun(wordsIn(source), from, wordsIn(into), to, length);
}

/** Zeros a short run. */
export function zeroRun(into: DataView, at: number, length: number): void {
  const end = length | 0;
  const target = at | 0;
  let i = 0;
  for (const last = end - 4; i <= last; i += 4) into.setInt32(target + i, 0, true);
  for (; i < end; i++) into.setUint8(target + i, 0);
}

/** How many of `length` bytes are zero before the first that is not. Meant for short runs. */
export function zerosRun(a: Uint8Array, at: number, length: number): number {
  const x = wordsIn(a);
  const end = length | 0;
  const from = at | 0;
  let i = 0;
  if (from >= 0 && from + end <= a.length) {
    for (const last = end - 4; i <= last; i += 4) if (x.getInt32(from + i, true) !== 0) break;
  }
  while (i < end && a[from + i] === 0) i++;
  return i;
}
