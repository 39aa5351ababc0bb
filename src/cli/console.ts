/**
 * Where commands print, and how much. Results go to standard output, progress and errors to standard error. A reader that closes
 * the pipe early silences the stream but not the work, nor does a disk that is full: what was to be written to files still is.
 */
import { reasonOf } from '../engine/errors.ts';
import { colorsFor, type Colors } from '../report/colors.ts';

/** Options that every command takes. */
export interface Common {
  /** False after `--no-color`. */
  color: boolean;
  quiet: boolean;
}

/** The part of a stream that is used. */
export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** Streams that are listened to, each with whether something could not be written to it. */
const listened = new WeakMap<object, { isLost: boolean }>();

/**
 * Makes what a stream cannot take an end of printing instead of a crash: without a word where the reader has closed the pipe, and
 * else with what `tell` is given, once. Listens once a stream, however often `main` is called.
 */
export function tolerateFailures(stream: NodeJS.WriteStream, tell: (reason: string) => void): void {
  if (listened.has(stream)) return;
  const state = { isLost: false };
  listened.set(stream, state);
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (state.isLost || error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return;
    state.isLost = true;
    tell(reasonOf(error));
  });
}

/**
 * Whether all that was printed could be written, or was not wanted. Asked when everything was printed: streams tell of a failure
 * only when whoever wrote has come to rest.
 */
export async function isPrinted(stream: NodeJS.WriteStream): Promise<boolean> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
  return listened.get(stream)?.isLost !== true;
}

/** Prints for one command. */
export class Console {
  readonly isQuiet: boolean;
  /** Colours of standard output. */
  readonly colors: Colors;
  readonly out: Stream;
  readonly err: Stream;

  constructor(common: Common, out: Stream, err: Stream, environment: NodeJS.ProcessEnv) {
    this.isQuiet = common.quiet;
    this.colors = colorsFor(out, common.color, environment);
    this.out = out;
    this.err = err;
  }

  /** A result, also under `--quiet`. */
  result(text: string): void {
    this.out.write(`${text}\n`);
  }

  /** Something that `--quiet` leaves away. */
  say(text: string): void {
    if (!this.isQuiet) this.out.write(`${text}\n`);
  }

  /** A first line that waits until there is something to say under it: what is wrong with the input is told instead. */
  head(text: string): () => void {
    let isSaid = false;
    return () => {
      if (!isSaid) this.say(`${text}\n`);
      isSaid = true;
    };
  }

  /** News of long work, for whoever waits. */
  news(text: string): void {
    if (!this.isQuiet) this.err.write(`${text}\n`);
  }

  /** One line about what is wrong. */
  error(text: string): void {
    this.err.write(`pagercheck: ${text}\n`);
  }
}
