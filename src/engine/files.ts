/**
 * Reading and writing files so that nothing is lost: bounded reads, writes by way of a temporary file, and errors that say
 * what to do. Whether something can be written is found out before the work that it is to hold.
 */
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError, codeOf, reasonOf } from './errors.ts';

const CHUNK = 65536;

/** Whether there is a plain file; opening a pipe to find out would wait for somebody who writes into it. */
export function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * Refuses what is no file but a pipe, a socket or a device: who opens a pipe waits until somebody writes into it, and cannot even
 * be interrupted. What cannot be looked at is left to who opens it. @throws UsageError
 */
export function requirePlainFile(path: string): void {
  let isOther: boolean;
  try {
    const found = statSync(path);
    isOther = !found.isFile() && !found.isDirectory();
  } catch {
    // opening it will say why
    return;
  }
  if (isOther) throw new UsageError(`${path}: is not a file; take it away, or put a file in its place`);
}

/**
 * Reads a file of at most `bytesMax` bytes. Pipes are read, directories and devices without an end are not hung upon.
 * @throws UsageError
 */
export function readBytes(path: string, bytesMax: number): Uint8Array {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOCTTY);
  } catch (thrown) {
    throw new UsageError(`${path}: cannot be read: ${reasonOf(thrown)}`, { cause: thrown });
  }
  try {
    if (fstatSync(descriptor).isDirectory()) {
      throw new UsageError(`${path}: is a directory; name a file in it`);
    }
    const chunks: Buffer[] = [];
    let length = 0;
    while (true) {
      const chunk = Buffer.alloc(CHUNK);
      const got = readSync(descriptor, chunk, 0, CHUNK, null);
      if (got === 0) break;
      length += got;
      if (length > bytesMax) {
        throw new UsageError(`${path}: is longer than ${bytesMax} bytes, which no scenario needs`);
      }
      chunks.push(chunk.subarray(0, got));
    }
    return Buffer.concat(chunks);
  } catch (thrown) {
    if (thrown instanceof UsageError) throw thrown;
    throw new UsageError(`${path}: cannot be read: ${reasonOf(thrown)}`, { cause: thrown });
  } finally {
    closeSync(descriptor);
  }
}

function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  let at = 0;
  while (at < bytes.length) at += writeSync(descriptor, bytes, at);
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is only a temporary file of our own; that it is gone already is as good.
  }
}

/** A name next to `path` that no other process uses. */
function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
}

/**
 * Checks that files can be made in a directory, which need not exist yet: the nearest directory above it must then allow it.
 * Nothing is left behind. @throws UsageError; `what` names the option
 */
export function requireWritableDirectory(path: string, what: string): void {
  let nearest = resolve(path);
  while (true) {
    try {
      if (!statSync(nearest).isDirectory()) {
        const whose = nearest === resolve(path) ? 'it' : nearest;
        throw new UsageError(`${what}: cannot write to ${path}: ${whose} is not a directory`);
      }
      break;
    } catch (thrown) {
      if (thrown instanceof UsageError) throw thrown;
      if (codeOf(thrown) === 'ENOENT' && existsLink(nearest)) {
        const whose = nearest === resolve(path) ? 'it' : nearest;
        throw new UsageError(`${what}: cannot write to ${path}: ${whose} is a link to what is not there`);
      }
      if (codeOf(thrown) !== 'ENOENT' || dirname(nearest) === nearest) {
        throw new UsageError(`${what}: cannot write to ${path}: ${reasonOf(thrown)}`, { cause: thrown });
      }
      nearest = dirname(nearest);
    }
  }
  const probe = join(nearest, `.pagercheck.${process.pid}.tmp`);
  try {
    closeSync(openSync(probe, 'wx'));
  } catch (thrown) {
    if (codeOf(thrown) !== 'EEXIST') {
      throw new UsageError(`${what}: cannot write to ${path}: ${reasonOf(thrown)}`, { cause: thrown });
    }
  }
  removeQuietly(probe);
}

/**
 * Writes a file that must not exist, so that a reader sees all of it or nothing. Directories above it are made.
 * @returns false, with nothing written, if it exists
 */
export function writeNew(path: string, text: string): boolean {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = temporaryName(path);
  removeQuietly(temporary);
  const descriptor = openSync(temporary, 'wx');
  try {
    try {
      writeAll(descriptor, text);
    } finally {
      closeSync(descriptor);
    }
    try {
      // Unlike a rename, a link never takes the place of what is there.
      linkSync(temporary, path);
      return true;
    } catch (thrown) {
      const code = codeOf(thrown);
      if (code === 'EEXIST') return false;
      if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw thrown;
      // A file system without links: check, then rename; a race is only possible with another pagercheck.
      try {
        lstatSync(path);
        return false;
      } catch {
        renameSync(temporary, path);
        return true;
      }
    }
  } finally {
    removeQuietly(temporary);
  }
}

/** Where a path leads: the real file, if it is or may become a plain one; null for devices, pipes and what stands for them. */
function plainPath(path: string): string | null {
  // `/dev/stdout` may lead to a plain file, but one that is already being written to; or to a pipe, which has no path.
  if (/^\/(dev|proc)\//.test(resolve(path))) return null;
  try {
    const real = realpathSync(path);
    return statSync(real).isFile() ? real : null;
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT' && !existsLink(path)) return path;
    throw thrown;
  }
}

function existsLink(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** A file that will be written at the end of a run; the place is taken, and errors are reported, at its beginning. */
export class Output {
  /** As it was given. */
  readonly path: string;
  /** The file that is replaced at the end; null if it is written through. */
  private readonly final: string | null;
  private readonly temporary: string;
  private descriptor: number;

  /** @throws UsageError; `what` names the option */
  constructor(path: string, what: string) {
    const refuse = (reason: string, cause?: unknown): UsageError =>
      new UsageError(`${what}: cannot write to ${path}: ${reason}`, { cause });
    this.path = path;
    try {
      this.final = plainPath(path);
      this.temporary = temporaryName(this.final ?? path);
      if (this.final === null) {
        if (statSync(path).isDirectory()) throw refuse('it is a directory; name a file in it');
        this.descriptor = openSync(path, constants.O_WRONLY | constants.O_APPEND);
        return;
      }
      // A file that may not be written must not be replaced either, even where its directory would allow it.
      if (existsLink(this.final)) closeSync(openSync(this.final, constants.O_WRONLY));
      removeQuietly(this.temporary);
      this.descriptor = openSync(this.temporary, 'wx');
    } catch (thrown) {
      if (thrown instanceof UsageError) throw thrown;
      const isLost = codeOf(thrown) === 'ENOENT' && !existsLink(path) && !existsLink(dirname(path));
      throw refuse(isLost ? `there is no directory ${dirname(path)}` : reasonOf(thrown), thrown);
    }
  }

  /** Writes the contents and puts the file in its place; leaves nothing where that fails. @throws what the system says */
  finish(text: string): void {
    if (this.descriptor < 0) return;
    try {
      try {
        writeAll(this.descriptor, text);
      } finally {
        closeSync(this.descriptor);
        this.descriptor = -1;
      }
      if (this.final !== null) renameSync(this.temporary, this.final);
    } catch (thrown) {
      if (this.final !== null) removeQuietly(this.temporary);
      throw thrown;
    }
  }

  /** Gives the place up again, if nothing was written. */
  abandon(): void {
    if (this.descriptor < 0) return;
    closeSync(this.descriptor);
    this.descriptor = -1;
    if (this.final !== null) removeQuietly(this.temporary);
  }
}
