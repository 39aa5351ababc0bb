/**
 * Where commands print, and how much. Results go to standard output, progress and errors to standard error. A reader that closes
 * the pipe early silences the stream but not the work: what was to be written to files still is.
 */
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

const silenced = new WeakSet<object>();

/** Makes a closed pipe an end of printing instead of a crash. Once a stream, however often `main` is called. */
export function tolerateClosedPipe(stream: NodeJS.WriteStream): void {
  if (silenced.has(stream)) return;
  silenced.add(stream);
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
  });
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

  /** News of long work, for whoever waits. */
  news(text: string): void {
    if (!this.isQuiet) this.err.write(`${text}\n`);
  }

  /** One line about what is wrong. */
  error(text: string): void {
    this.err.write(`pagercheck: ${text}\n`);
  }
}
