/**
 * What was thrown through a run of a pager of one's own, as the end of that run. An assertion of the pager is a panic, as in a
 * kernel; what JavaScript throws in it is a trap; and both, like traps and panics of the kernel that the pager brings about, are
 * told with the pager's own line. What kernel or oracle throw without the pager is left as it is: a defect of pagercheck.
 */
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KernelStop } from '../kernel/trap.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** What judges: when it throws, the pager has no part in it. */
const ORACLE = ['model/', 'properties/', 'src/trace/'].map((part) => ROOT + part);
/** What runs the kernel: from here on it is no call of the pager any more. */
const RUNNERS = ['src/targets/', 'src/engine/'].map((part) => ROOT + part);
const KERNEL = [`${ROOT}src/kernel/`];
const OWN = ['src/', 'model/', 'properties/'].map((part) => ROOT + part);

/** JavaScript itself throws these: something is used that is not there, or cannot be computed. */
const TRAPS = [TypeError, ReferenceError, RangeError];

/** These names say no more than that something was thrown. */
const PLAIN = ['Error', 'AssertionError'];

const STACK_IS_FULL = 'Maximum call stack size exceeded';

const isIn = (file: string, folders: readonly string[]): boolean =>
  folders.some((folder) => file.startsWith(folder));

/** Something that was running, and where it was. */
export interface Frame {
  /** Its path. */
  file: string;
  line: number;
}

/** A frame in a file that is named by its path or its URL. */
export function frameOf(file: string, line: number): Frame {
  return { file: file.startsWith('file:') ? fileURLToPath(file) : file, line };
}

/** Files and lines of a stack, the innermost first; what Node itself contributes has no file. */
export function framesOf(stack: string): Frame[] {
  const frames = [];
  for (const text of stack.split('\n')) {
    const found = /(?:\(|at )((?:file:\/\/)?\/.*?)(?:\?[^/]*)?:(\d+):\d+\)?$/.exec(text);
    if (found !== null) frames.push(frameOf(found[1]!, Number(found[2])));
  }
  return frames;
}

/** Whether it is code of the pager: a library that it calls, for its assertions perhaps, is not where one looks. */
function isPagers({ file }: Frame): boolean {
  return file.startsWith('/') && !isIn(file, OWN) && !file.includes('/node_modules/');
}

/**
 * Where in the pager somebody is who has such a stack, the innermost first: `file:line`. Null if no function of the pager is
 * running, or if an observer is, wherever that was called from.
 */
export function placeIn(frames: readonly Frame[]): string | null {
  let place: string | null = null;
  for (const frame of frames) {
    if (isIn(frame.file, ORACLE)) return null;
    if (isIn(frame.file, RUNNERS)) break;
    if (isPagers(frame)) place ??= placeAt(frame);
  }
  return place;
}

/** How a place is written. */
export function placeAt({ file, line }: Frame): string {
  return `${basename(file)}:${line}`;
}

/**
 * Where in the pager the kernel is called, for an observer that hears of the call and has such a stack, the innermost first: in
 * code of its own, or where that calls what it inherits. Null if only what it inherits is running.
 */
export function callerIn(frames: readonly Frame[]): Frame | null {
  const isKernel = ({ file }: Frame): boolean => isIn(file, KERNEL);
  const called = frames.slice(Math.max(0, frames.findIndex(isKernel)));
  const callers = called.slice(called.findIndex((frame) => !isKernel(frame)));
  // what is behind the kernel again was interrupted by the pager's own completion routine
  const end = callers.findIndex(isKernel);
  return callers.slice(0, end < 0 ? callers.length : end).find(isPagers) ?? null;
}

/** Where in the pager something was thrown, as `placeIn` tells it; null also for what has no stack. */
export function placeOf(thrown: unknown): string | null {
  return thrown instanceof Error ? placeIn(framesOf(thrown.stack ?? '')) : null;
}

/** The end of the run if that was the pager's doing, and what was thrown if not. */
export function endOf(thrown: unknown): unknown {
  // nothing but a pager throws what is no error
  if (!(thrown instanceof Error)) return new KernelStop('panic', `the pager threw ${String(thrown)}`);
  // who wanted the last of it does not matter, and the frames that a stack keeps are not always the pager's
  if (thrown.message === STACK_IS_FULL)
    return new KernelStop('trap', 'the stack is full: the pager calls itself without end');
  const place = placeOf(thrown);
  if (place === null) return thrown;
  // an assertion may say more in further lines, about values mostly
  const message = thrown.message.split('\n')[0]!;
  if (thrown instanceof KernelStop) {
    const isCalled = thrown.ending === 'trap' || thrown.ending === 'panic';
    return isCalled ? new KernelStop(thrown.ending, `${place}: ${message}`) : thrown;
  }
  const isNull = thrown instanceof TypeError && / of (null|undefined)\b/.test(message);
  const what = isNull ? 'null pointer: ' : PLAIN.includes(thrown.name) ? '' : `${thrown.name}: `;
  return new KernelStop(
    TRAPS.some((type) => thrown instanceof type) ? 'trap' : 'panic',
    `${place}: ${what}${message}`,
  );
}
