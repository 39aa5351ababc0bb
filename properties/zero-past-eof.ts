/**
 * Zeros past EOF: what a mapping shows beyond the end of the file, and what reaches the disk there.
 *
 * Verified: in the page that a get delivered, in every page that is un-busied (also by the completion of an asynchronous
 * transfer), and in the page with the new EOF when setsize returns, every valid byte past EOF is zero, unless it was stored there
 * through a mapping since the page was read and the size last changed; and a write carries zeros from EOF on.
 *
 * Not verified: pages that nobody un-busies; what lies on the disk past EOF without having been written by the pager.
 */
import { VM_PAGER_OK } from '../src/trace/codes.ts';
import type { PagerCall, Transfer } from '../src/trace/observer.ts';
import { NOBODY } from '../model/claims.ts';
import { RIGHT } from '../model/comparison.ts';
import { zeros } from '../model/bytes.ts';
import type { Finding, Property } from './property.ts';
import { originOf } from './origin.ts';
import { bytesText, Watcher } from './watcher.ts';

const MEMORY = 'zero-past-eof';
const WRITE = 'write-zero-past-eof';

/** Bytes shown and traced of a wrong run. */
const WRONG_MAX = 16;

class ZeroPastEof extends Watcher {
  pageWakeup(frame: number): void {
    const { comparison, claims } = this.model;
    // a wakeup of a page that nobody owned lets nobody in
    if (claims.ownerOf(frame) === NOBODY) return;
    const wrong = comparison.firstPastEof(frame, this.view.pageValid(frame));
    if (wrong !== RIGHT) this.complain(frame, wrong, 'when the page was un-busied');
  }

  pagerReturn(call: PagerCall): void {
    switch (call.function) {
      case 'getmulti':
      case 'getpage':
        if (call.result === VM_PAGER_OK && call.count > 0) this.judgeGet(call);
        break;
      case 'setsize':
        if (call.file >= 0) this.judgeEdge(call.file);
        break;
      default:
        break;
    }
  }

  private judgeGet(call: PagerCall): void {
    const { model } = this;
    if (model.returning === null || !model.stillThere(call, model.returning, call.reqpage)) return;
    const frame = call.frames[call.reqpage]!;
    const wrong = model.comparison.firstPastEof(frame, model.files.store.allBits);
    if (wrong !== RIGHT) this.complain(frame, wrong, 'when the get returned OK');
  }

  private judgeEdge(file: number): void {
    const { files, comparison } = this.model;
    const { pageSize } = files.store;
    const eof = files.high[file]!;
    if (eof % pageSize === 0) return;
    const frame = files.residentFrame(file, Math.floor(eof / pageSize));
    if (frame < 0 || files.store.frameFile[frame] !== file) return;
    const wrong = comparison.firstPastEof(frame, this.view.pageValid(frame));
    if (wrong !== RIGHT) this.complain(frame, wrong, 'when setsize returned');
  }

  transferStart(transfer: Transfer): void {
    if (!transfer.write || transfer.pbuf < 0 || transfer.frameCount === 0 || transfer.frames[0]! < 0) return;
    const { store, high } = this.model.files;
    const file = store.frameFile[transfer.frames[0]!]!;
    if (file < 0) return;
    const start = store.framePage[transfer.frames[0]!]! * store.pageSize + transfer.pageOffset;
    const end = start + transfer.byteCount;
    // the EOF that the call may have seen last
    const frame = this.model.calls.top(transfer.thread);
    const eof = frame !== null && frame.call!.file === file ? frame.maxEof : high[file]!;
    if (end <= eof || transfer.byteCount <= 0) return;
    let at = Math.max(start, eof) - start + transfer.pageOffset;
    while (at < transfer.pageOffset + transfer.byteCount) {
      const index = Math.floor(at / store.pageSize);
      const within = at - index * store.pageSize;
      const page = index < transfer.frameCount ? transfer.frames[index]! : -1;
      if (page < 0) return;
      const length = Math.min(store.pageSize - within, transfer.pageOffset + transfer.byteCount - at);
      const same = zeros(this.view.memory, this.view.pageAddress(page) + within, length);
      if (same < length) {
        this.complainWrite(transfer, page, within + same);
        return;
      }
      at += length;
    }
  }

  private complain(frame: number, wrong: number, when: string): void {
    this.report(MEMORY, () =>
      this.finding(frame, wrong, `${this.pageName(frame)} holds something past EOF ${when}`),
    );
  }

  private complainWrite(transfer: Transfer, frame: number, wrong: number): void {
    this.report(WRITE, () => ({
      ...this.finding(frame, wrong, `a write of ${this.pageName(frame)} carries something past EOF`),
      thread: transfer.thread,
    }));
  }

  private finding(frame: number, wrong: number, complaint: string): Finding {
    const { model, view } = this;
    const { store, high } = model.files;
    const address = view.pageAddress(frame);
    const file = store.frameFile[frame]!;
    const base = store.framePage[frame]! * store.pageSize;
    const bytes = view.memory.slice(address + wrong, address + Math.min(store.pageSize, wrong + WRONG_MAX));
    const origin = originOf(
      bytes,
      { position: base + wrong, file, frame, pageOffset: wrong },
      this.context.scenario,
    );
    const finding = {
      what: `${complaint}: from byte ${wrong} of the page on, EOF being at byte ${high[file]! - base} of it`,
      expected: 'zeros',
      observed: bytesText(bytes),
    };
    return origin === undefined ? finding : { ...finding, origin };
  }
}

const monitor = (): ZeroPastEof => new ZeroPastEof();

/** Properties of what lies past EOF. */
export const ZERO_PAST_EOF: readonly Property[] = [
  {
    id: MEMORY,
    kind: 'always',
    statement:
      'Valid bytes past EOF are zero, or were stored there since the page was read and the size last changed.',
    source: '13.4 Q3 (641-642, 702-703, 951-953), 13.9 Q3 (389-400), 13.12 Q2 (538-540), G16',
    observes:
      'the requested page after a get, every page when it is un-busied, the page with EOF when setsize returns',
    doesNotVerify: 'pages that nobody un-busies after something got there',
    monitor,
  },
  {
    id: WRITE,
    kind: 'always',
    statement: 'What a write transfer carries between EOF and the end of its last sector is zero.',
    source: '13.6 Q6 (1108-1110, 1249-1257)',
    observes: 'the pages behind each write when it is started',
    doesNotVerify: 'what the file system itself writes there',
    monitor,
  },
];
