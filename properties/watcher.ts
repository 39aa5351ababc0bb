/**
 * What all monitors have in common: the context of the run, names for what they talk about, and the rule that words are put
 * together only for a violation that will be kept.
 */
import { PG_ACTIVE, PG_BUSY, PG_CACHE, PG_INACTIVE } from '../src/trace/codes.ts';
import type { View } from '../src/trace/view.ts';
import type { Model } from '../model/model.ts';
import type { Context, Finding, Monitor } from './property.ts';

/** A page is on one of the paging queues. */
export const ON_QUEUE = PG_ACTIVE | PG_INACTIVE | PG_CACHE;

/** A monitor that remembers its run. */
export abstract class Watcher implements Monitor {
  protected context!: Context;
  protected model!: Model;
  protected view!: View;

  begin(context: Context): void {
    this.context = context;
    this.model = context.model;
    this.reset();
  }

  /** Forgets the last run. */
  protected reset(): void {}

  runBegin(view: View): void {
    this.view = view;
  }

  /** Reports a finding that is put together only if it will be kept. */
  protected report(property: string, finding: () => Finding): void {
    if (this.context.wants(property)) this.context.violate(property, finding());
  }

  /** "file 0 page 3", or the frame if it is no page of a file. */
  protected pageName(frame: number): string {
    const { store } = this.model.files;
    if (frame < 0 || frame >= store.frameFile.length) return `frame ${frame}`;
    const file = store.frameFile[frame]!;
    return file < 0 ? `frame ${frame}` : `file ${file} page ${store.framePage[frame]!}`;
  }

  /** Whether the buffer cache holds something of the page, in a block below `eof`, that has not reached the disk. */
  protected isBuffered(file: number, page: number, eof = Infinity): boolean {
    const { files, blocks } = this.model;
    const { pageSize } = files.store;
    const { blockSize } = blocks.files[file]!;
    const last = Math.floor((Math.min((page + 1) * pageSize, eof) - 1) / blockSize);
    for (let block = Math.floor((page * pageSize) / blockSize); block <= last; block++) {
      if (this.view.bufferDirty(file, block)) return true;
    }
    return false;
  }

  /** "busy, inactive, valid ff, dirty 00". */
  protected pageState(frame: number): string {
    const { view } = this;
    const flags = view.pageFlags(frame);
    const words = [(flags & PG_BUSY) === 0 ? 'not busy' : 'busy'];
    if (view.pageBusy(frame) > 0) words.push(`claimed ${counted(view.pageBusy(frame), 'time')}`);
    words.push((flags & ON_QUEUE) === 0 ? 'on no queue' : queueName(flags));
    words.push(`valid ${hex(view.pageValid(frame))}`, `dirty ${hex(view.pageDirty(frame))}`);
    return words.join(', ');
  }

  /** "file 2", or the number of an object that is no file's. */
  protected objectName(object: number): string {
    const file = this.view.objectFile(object);
    return file < 0 ? `object ${object}` : `the object of file ${file}`;
  }
}

function queueName(flags: number): string {
  if ((flags & PG_ACTIVE) !== 0) return 'active';
  return (flags & PG_INACTIVE) === 0 ? 'cached' : 'inactive';
}

/** "1 page", "2 pages". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${value} ${value === 1 ? one : many}`;
}

/** A mask as people write it. */
export function hex(mask: number): string {
  return mask.toString(16).padStart(2, '0');
}

/** How many bytes of a wrong run are shown. */
const SHOWN_MAX = 16;

/** Bytes as people read them: "a1 b2 c3 .." */
export function bytesText(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, SHOWN_MAX), (byte) => byte.toString(16).padStart(2, '0')).join(
    ' ',
  );
  return bytes.length > SHOWN_MAX ? `${shown} ..` : shown;
}

/** "byte 5", "bytes 5..12". */
export function rangeText(from: number, length: number): string {
  return length === 1 ? `byte ${from}` : `bytes ${from}..${from + length - 1}`;
}
