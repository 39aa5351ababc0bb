/**
 * The bytes: what readers see is the file.
 *
 * Verified: a page that a get delivered or that anybody un-busies holds, in every valid chunk below EOF, the file's bytes or what
 * was stored into it; a put that was reported OK has brought the page to the disk and left memory alone; nothing is marked clean
 * that the disk does not hold; reads deliver the file; and at the end of the run every byte of every page that was touched is
 * read back from the disk through the model's own block map.
 *
 * Not verified: bytes past EOF (`zero-past-eof.ts`), pages and files that the run never touched, files whose file system was
 * taken away, bytes that the contracts leave open (what a failed write left on the disk, until somebody sees it), and on files
 * without shared buffers the agreement of page and disk after a file write, which is incoherent by design (G16).
 */
import { VM_PAGER_OK } from '../src/trace/codes.ts';
import type { PagerCall, Transfer } from '../src/trace/observer.ts';
import { NOBODY } from '../model/claims.ts';
import { RIGHT } from '../model/comparison.ts';
import type { Finding, Property } from './property.ts';
import { originOf } from './origin.ts';
import { bytesText, hex, rangeText, Watcher } from './watcher.ts';

const PAGE = 'page-contents';
const PUT_DISK = 'put-reaches-disk';
const PUT_MEMORY = 'put-keeps-memory';
const CLEAN = 'clean-means-saved';
const READ = 'read-contents';
const DISK = 'file-on-disk';
const INVALID = 'invalid-bytes-not-written';

/** Bytes shown and traced of a wrong run. */
const WRONG_MAX = 64;

class Contents extends Watcher {
  /** By frame: reported wrong, so that the same bytes are not reported again under another name. */
  private spoiled = new Uint8Array(0);

  protected override reset(): void {
    const { frames } = this.context.scenario.geometry;
    if (this.spoiled.length < frames) this.spoiled = new Uint8Array(frames);
    else this.spoiled.fill(0);
  }

  pageAllocated(_thread: number, frame: number): void {
    this.spoiled[frame] = 0;
  }

  pageWakeup(frame: number): void {
    const { view } = this;
    const { store } = this.model.files;
    // a wakeup of a page that nobody owned lets nobody in
    if (this.model.claims.ownerOf(frame) === NOBODY || this.spoiled[frame] !== 0) return;
    this.judgePage(frame, view.pageValid(frame));
    // a put that un-busies a page early, and keeps a claim, has its bytes in flight
    if (store.framePending[frame] !== 0 && view.pageBusy(frame) === 0) this.judgeClean(frame);
  }

  pageFreed(frame: number): void {
    if (this.model.files.store.framePending[frame] !== 0 && this.spoiled[frame] === 0) this.judgeClean(frame);
  }

  pagerReturn(call: PagerCall): void {
    switch (call.function) {
      case 'getmulti':
      case 'getpage':
        this.judgeGet(call);
        break;
      case 'putmulti':
      case 'putpage':
        this.judgePut(call);
        break;
      default:
        break;
    }
  }

  private judgeGet(call: PagerCall): void {
    const { model, view } = this;
    const { returning } = model;
    if (returning === null || call.count === 0 || !model.stillThere(call, returning, call.reqpage)) return;
    const frame = call.frames[call.reqpage]!;
    if (this.spoiled[frame] !== 0) return;
    this.judgePage(frame, call.result === VM_PAGER_OK ? model.files.store.allBits : view.pageValid(frame));
  }

  private judgePage(frame: number, mask: number): void {
    const wrong = this.model.comparison.firstWrong(frame, mask);
    if (wrong === RIGHT) return;
    this.spoiled[frame] = 1;
    this.report(PAGE, () => this.wrongMemory(frame, wrong, 'does not hold the file'));
  }

  private judgeClean(frame: number): void {
    const bad = this.model.comparison.unsound(frame);
    if (bad === 0) return;
    this.spoiled[frame] = 1;
    this.report(CLEAN, () => ({
      what: `${this.pageName(frame)}: chunks ${hex(bad)} are valid and clean, but the disk does not hold what was stored there`,
      expected: 'dirty, or on the disk',
      observed: this.pageState(frame),
    }));
  }

  private judgePut(call: PagerCall): void {
    const { model } = this;
    const { returning } = model;
    if (returning === null) return;
    for (let i = 0; i < call.count; i++) {
      const frame = call.frames[i]!;
      if (!model.stillThere(call, returning, i) || this.spoiled[frame] !== 0) continue;
      const wrong = model.comparison.firstWrong(
        frame,
        returning.valid[i]! & model.files.store.frameKnown[frame]!,
      );
      if (wrong !== RIGHT) {
        this.spoiled[frame] = 1;
        this.report(PUT_MEMORY, () =>
          this.wrongMemory(frame, wrong, 'was altered in memory while it was written'),
        );
        continue;
      }
      // first: what a buffer brought to the disk meanwhile is found there
      if (model.files.store.framePending[frame] !== 0) {
        this.judgeClean(frame);
        model.comparison.findFlushed(frame);
      }
      if (call.rtvals[i] === VM_PAGER_OK && this.spoiled[frame] === 0)
        this.judgeSaved(frame, returning.minEof);
    }
  }

  private judgeSaved(frame: number, minEof: number): void {
    const { comparison, files } = this.model;
    const file = files.store.frameFile[frame]!;
    if (file < 0 || comparison.unjudged(file)) return;
    const record = files.recordIn(frame);
    // EOF is that of some moment of the call
    const end = Math.min(files.strict[file]!, minEof) - files.store.framePage[frame]! * files.store.pageSize;
    const wrong = comparison.diskWrong(record, 0, Math.min(files.store.pageSize, end));
    if (wrong === RIGHT) return;
    this.spoiled[frame] = 1;
    this.report(PUT_DISK, () =>
      this.wrongDisk(record, wrong, 'was put with result OK, but the disk does not hold it'),
    );
  }

  delivered(thread: number, file: number, offset: number, length: number, address: number): void {
    const since = this.model.calls.interleavedSince(thread);
    const wrong = this.model.comparison.deliveredWrong(file, offset, length, address, since);
    if (wrong === RIGHT) return;
    this.report(READ, () => {
      const bytes = this.view.memory.slice(
        address + wrong - offset,
        address + Math.min(length, wrong - offset + WRONG_MAX),
      );
      const place = { position: wrong, file, frame: -1, pageOffset: -1 };
      return this.finding(
        `a read of file ${file}, ${rangeText(offset, length)}, delivered wrong bytes from offset ${wrong} on`,
        'the bytes of the file',
        bytes,
        originOf(bytes, place, this.context.scenario),
      );
    });
  }

  settled(): void {
    const { comparison, files } = this.model;
    const { store } = files;
    for (let record = 0; record < store.records; record++) {
      const file = store.recordFile[record]!;
      if (files.removed[file] !== 0) continue;
      const wrong = comparison.diskWrong(record, 0, store.pageSize);
      if (wrong === RIGHT) continue;
      this.report(DISK, () => this.wrongDisk(record, wrong, 'is not on the disk as the file has it'));
      return;
    }
  }

  transferStart(transfer: Transfer): void {
    if (!transfer.write || transfer.pbuf < 0) return;
    const { store, high } = this.model.files;
    const end = transfer.pageOffset + transfer.byteCount;
    for (let i = 0; i < transfer.frameCount; i++) {
      const frame = transfer.frames[i]!;
      if (frame < 0) continue;
      const file = store.frameFile[frame]!;
      if (file < 0) continue;
      const from = i === 0 ? transfer.pageOffset : 0;
      const eof = high[file]! - store.framePage[frame]! * store.pageSize;
      const to = Math.min(store.pageSize, end - i * store.pageSize, eof);
      if (to <= from) continue;
      const invalid = store.chunksOf(from, to - from) & ~this.view.pageValid(frame);
      if (invalid === 0) continue;
      this.report(INVALID, () => ({
        what: `a write of ${this.pageName(frame)} carries chunks ${hex(invalid)}, which are not valid`,
        expected: 'a write carries valid chunks only',
        observed: this.pageState(frame),
        thread: transfer.thread,
      }));
    }
  }

  private wrongMemory(frame: number, wrong: number, complaint: string): Finding {
    const { model, view, context } = this;
    const { files, comparison } = model;
    const address = view.pageAddress(frame);
    const file = files.store.frameFile[frame]!;
    const base = files.store.framePage[frame]! * files.store.pageSize;
    let length = 1;
    const limit = Math.min(WRONG_MAX, files.store.pageSize - wrong, files.high[file]! - base - wrong);
    while (
      length < limit &&
      view.memory[address + wrong + length] !== comparison.expectedByte(frame, wrong + length)
    )
      length++;
    const expected = Uint8Array.from({ length }, (_, i) => comparison.expectedByte(frame, wrong + i));
    const bytes = view.memory.slice(address + wrong, address + wrong + length);
    const place = { position: base + wrong, file, frame, pageOffset: wrong };
    return this.finding(
      `${this.pageName(frame)} ${complaint}: ${rangeText(wrong, length)} of the page`,
      bytesText(expected),
      bytes,
      originOf(bytes, place, context.scenario),
    );
  }

  private wrongDisk(record: number, wrong: number, complaint: string): Finding {
    const { model, view, context } = this;
    const { store } = model.files;
    const file = store.recordFile[record]!;
    const page = store.recordPage[record]!;
    const position = page * store.pageSize + wrong;
    const length = Math.min(store.pageSize - wrong, store.sectorSize, model.files.inode[file]! - position);
    const at = store.recordSlot[record]! * store.pageSize + wrong;
    const expected = store.arena.bytes.subarray(at, at + length);
    const address = model.blocks.address(file, position);
    const what = `file ${file} page ${page} ${complaint}: ${rangeText(wrong, length)} of the page`;
    if (address < 0) return { what, expected: bytesText(expected), observed: 'a hole' };
    const bytes = Buffer.alloc(length);
    view.readDisk(address, length, bytes, 0);
    const origin = originOf(bytes, { position, file, frame: -1, pageOffset: -1 }, context.scenario);
    return this.finding(what, bytesText(expected), bytes, origin);
  }

  private finding(what: string, expected: string, bytes: Uint8Array, origin: string | undefined): Finding {
    const observed = bytesText(bytes);
    return origin === undefined ? { what, expected, observed } : { what, expected, observed, origin };
  }
}

const monitor = (): Contents => new Contents();

/** Properties of the bytes. */
export const CONTENTS: readonly Property[] = [
  {
    id: PAGE,
    kind: 'always',
    statement: 'A page that is handed over holds, in every valid chunk below EOF, the bytes of the file.',
    source: '13.4 Q1, Q3-Q5, G16',
    observes:
      'the requested page when a get returns (all of it on OK, valid chunks otherwise), any page when it is un-busied',
    doesNotVerify: 'bytes past EOF, pages nobody un-busies, files whose file system is gone',
    monitor,
  },
  {
    id: PUT_DISK,
    kind: 'always',
    statement: 'A page whose put was reported OK is on the disk below EOF, or in a dirty buffer.',
    source: '13.6 Q2, Q3, Q6',
    observes: 'the disk, through the own block map, when a put returns',
    doesNotVerify:
      'bytes past EOF; that the rest of the disk is untouched (transfer-address and file-on-disk)',
    monitor,
  },
  {
    id: PUT_MEMORY,
    kind: 'always',
    statement: 'A put does not alter the page in memory below EOF.',
    source: '13.6 Q7',
    observes: 'valid chunks of the pages when a put returns',
    doesNotVerify: 'bytes past EOF, which a pager may zero',
    monitor,
  },
  {
    id: CLEAN,
    kind: 'always',
    statement:
      'A valid chunk that is neither dirty nor modified through a mapping holds what the disk holds.',
    source: 'G17, G19, 13.9 Q4',
    observes:
      'chunks with stores or zeros that no put has saved, when a put returns, when the page is un-busied or freed',
    doesNotVerify:
      'chunks that nobody stored to (page-contents), pages under which a file without shared buffers was written',
    monitor,
  },
  {
    id: READ,
    kind: 'always',
    statement: 'A read delivers the bytes of the file.',
    source: '9.2, G16, G19',
    observes: 'the bytes that read(2) delivered',
    doesNotVerify:
      'how many bytes were delivered; pages that were changed since the read began, if another thread ran',
    monitor,
  },
  {
    id: DISK,
    kind: 'always',
    statement:
      'When everything is settled, every touched page read back from the disk is what the file must contain.',
    source: 'G18, G19, 13.6 Q6',
    observes: 'the disk, through the own block map, at settlement',
    doesNotVerify: 'pages that the run never touched, files that were removed',
    monitor,
  },
  {
    id: INVALID,
    kind: 'always',
    statement: 'A write carries no chunk below EOF that is not valid.',
    source: '13.6 Q6 (1083-1084, 1109, 1249-1264)',
    observes: 'the pages behind each write when it is started',
    doesNotVerify: 'copies that VOP_WRITE is given (file-on-disk)',
    monitor,
  },
];
