/**
 * Where transfers go and what they carry: each sector at its place, one run around the requested page, the rest given back.
 *
 * Verified, when a pager starts a transfer: its memory is mapped and is consecutive pages of one file; it is not empty, ends at
 * EOF (on a disk at the end of EOF's sector), and every sector of it is the place that the model's own block map gives for those
 * bytes, which also means that it belongs to the file. When blocks are at least a page, or on the network, and no byte of the
 * requested page was valid, the reads of one get form one contiguous run, in the file and on the device, with the requested page
 * in it; otherwise they stay inside that page. Neighbours outside the run are given back.
 *
 * Not verified: transfers of the file system itself, whether a run could have been longer, and the bytes (contents.ts).
 */
import type { PagerCall, Transfer } from '../src/trace/observer.ts';
import { PG_BUSY } from '../src/trace/codes.ts';
import { HOLE } from '../model/blocks.ts';
import { THREADS_MAX, type CallFrame } from '../model/calls.ts';
import type { Property } from './property.ts';
import { counted, rangeText, Watcher } from './watcher.ts';

const ADDRESS = 'transfer-address';
const EXTENT = 'transfer-extent';
const RUN = 'read-contiguous';
const NEIGHBOURS = 'neighbours-given-back';

class Clustering extends Watcher {
  /** By thread: the call whose run this is, and the run: file offsets, and device address minus file offset. */
  private readonly ticks = new Int32Array(THREADS_MAX);
  private readonly starts = new Float64Array(THREADS_MAX);
  private readonly ends = new Float64Array(THREADS_MAX);
  private readonly shifts = new Float64Array(THREADS_MAX);

  protected override reset(): void {
    this.ticks.fill(0);
  }

  transferStart(transfer: Transfer): void {
    if (transfer.pbuf < 0) return;
    const file = this.judgeMemory(transfer);
    if (file < 0) return;
    const { store } = this.model.files;
    const position = store.framePage[transfer.frames[0]!]! * store.pageSize + transfer.pageOffset;
    const frame = this.model.calls.top(transfer.thread);
    this.judgeEnd(transfer, file, position, frame);
    const shift = this.judgePlace(transfer, file, position);
    if (frame === null || transfer.write) return;
    const call = frame.call!;
    if (call.function === 'getmulti' || call.function === 'getpage')
      this.judgeRun(transfer, call, frame, position, shift);
  }

  /** The file whose consecutive pages the transfer has behind it, -1 if it does not. */
  private judgeMemory(transfer: Transfer): number {
    const { store } = this.model.files;
    if (transfer.byteCount <= 0) {
      this.complain(EXTENT, transfer, 'is empty', 'a positive count', counted(transfer.byteCount, 'byte'));
      return -1;
    }
    let file = -1;
    let page = -1;
    const needed = Math.ceil((transfer.pageOffset + transfer.byteCount) / store.pageSize);
    for (let i = 0; i < needed; i++) {
      const frame = i < transfer.frameCount ? transfer.frames[i]! : -1;
      if (frame < 0) {
        this.complain(
          EXTENT,
          transfer,
          `has nothing mapped behind page ${i} of it`,
          'memory behind every byte',
          'no page',
        );
        return -1;
      }
      if (i === 0) {
        file = store.frameFile[frame]!;
        page = store.framePage[frame]!;
        if (file < 0) {
          this.complain(EXTENT, transfer, 'carries a page of no file', 'pages of one file', `frame ${frame}`);
          return -1;
        }
      } else if (store.frameFile[frame] !== file || store.framePage[frame] !== page + i) {
        this.complain(
          EXTENT,
          transfer,
          `does not carry consecutive pages of one file`,
          `file ${file} page ${page + i}`,
          this.pageName(frame),
        );
        return -1;
      }
    }
    return file;
  }

  private judgeEnd(transfer: Transfer, file: number, position: number, frame: CallFrame | null): void {
    const { high, store } = this.model.files;
    // EOF is that of some moment of the call
    let eof = high[file]!;
    if (frame !== null && frame.call!.file === file && frame.maxEof > eof) eof = frame.maxEof;
    const { sectorSize } = store;
    const limit = transfer.device === 'disk' ? Math.ceil(eof / sectorSize) * sectorSize : eof;
    const end = position + transfer.byteCount;
    if (end > limit) {
      this.complain(
        EXTENT,
        transfer,
        'goes past the end of the file',
        `at most to byte ${limit}`,
        `to byte ${end}`,
      );
    }
    if (transfer.device === 'disk') {
      if ((transfer.pageOffset | transfer.byteCount) % sectorSize !== 0) {
        this.complain(
          EXTENT,
          transfer,
          'is not whole sectors',
          `multiples of ${sectorSize}`,
          counted(transfer.byteCount, 'byte'),
        );
      }
    } else if (transfer.write && (transfer.dirtyOffset < 0 || transfer.dirtyEnd > transfer.byteCount)) {
      const sent = `${transfer.dirtyOffset} to ${transfer.dirtyEnd}`;
      this.complain(
        EXTENT,
        transfer,
        'sends more than it carries',
        `within 0 to ${transfer.byteCount}`,
        sent,
      );
    }
  }

  /** Device address minus file offset, in bytes, after it was judged. */
  private judgePlace(transfer: Transfer, file: number, position: number): number {
    const { sectorSize } = this.model.files.store;
    const shift = transfer.block * sectorSize - position;
    const { scenario } = this.context;
    const kind = scenario.fileSystems[scenario.files[file]!.fileSystem]!.blockMap;
    if (transfer.device !== kind) {
      this.complain(ADDRESS, transfer, 'is addressed to the wrong device', kind, transfer.device);
    } else if (kind === 'network') {
      if (shift !== 0) {
        this.complain(
          ADDRESS,
          transfer,
          'is addressed to the wrong place of the file',
          `byte ${position}`,
          `byte ${position + shift}`,
        );
      }
    } else {
      this.judgeSectors(transfer, file, position, shift);
    }
    return shift;
  }

  private judgeSectors(transfer: Transfer, file: number, position: number, shift: number): void {
    const { blocks, files } = this.model;
    const { sectorSize } = files.store;
    const own = blocks.files[file]!;
    const end = position + transfer.byteCount;
    for (let at = position; at < end;) {
      const block = Math.floor(at / own.blockSize);
      const within = at - block * own.blockSize;
      const next = Math.min(end, (block + 1) * own.blockSize);
      const sector = own.sector(block);
      const last = within + (next - at);
      const given = (at + shift) / sectorSize;
      const right = sector * sectorSize + within === at + shift && last <= own.sectors(block) * sectorSize;
      if (sector === HOLE || !right) {
        if (!this.wasIts(own, block, at - within, within, last, shift)) {
          this.complainPlace(transfer, file, at, given);
          return;
        }
      }
      at = next;
    }
  }

  /** Whether every sector from `within` to `last` of the block is, or was until a truncation under way, at that place. */
  private wasIts(
    own: {
      sector(block: number): number;
      sectors(block: number): number;
      lost(b: number, w: number, s: number): string | null;
    },
    block: number,
    start: number,
    within: number,
    last: number,
    shift: number,
  ): boolean {
    const { sectorSize } = this.model.files.store;
    if (within % sectorSize !== 0) return false;
    for (let w = within; w < last; w += sectorSize) {
      const given = (start + w + shift) / sectorSize;
      const index = w / sectorSize;
      const now = own.sector(block);
      if (now !== HOLE && now + index === given && index < own.sectors(block)) continue;
      if (own.lost(block, index, given) !== 'truncated') return false;
    }
    return true;
  }

  private complainPlace(transfer: Transfer, file: number, at: number, given: number): void {
    this.report(ADDRESS, () => {
      const { model } = this;
      const { sectorSize } = model.files.store;
      const address = model.blocks.address(file, at);
      const sectors = this.context.scenario.geometry.diskSectors;
      let observed = model.blocks.describe(given);
      if (given < 0) observed = `sector ${given}: there is none`;
      else if (given >= sectors) observed = `sector ${given}: the disk has ${sectors}`;
      return {
        what: `${this.transferName(transfer)} goes to the wrong place: byte ${at} of file ${file}`,
        expected: address === HOLE ? 'no transfer: a hole' : `sector ${address / sectorSize}`,
        observed,
        thread: transfer.thread,
      };
    });
  }

  private judgeRun(
    transfer: Transfer,
    call: PagerCall,
    frame: CallFrame,
    position: number,
    shift: number,
  ): void {
    const { pageSize } = this.model.files.store;
    const { thread } = call;
    const end = position + transfer.byteCount;
    const wanted = (call.page + call.reqpage) * pageSize;
    if (this.isConfined(call, frame)) {
      if (position >= wanted && end <= wanted + pageSize) return;
      const where = `${rangeText(position, transfer.byteCount)} of the file`;
      const inside = `inside ${rangeText(wanted, pageSize)}`;
      this.complain(RUN, transfer, 'leaves the requested page, which is all that may be read', inside, where);
      return;
    }
    if (this.ticks[thread] !== frame.tick) {
      this.ticks[thread] = frame.tick;
      this.starts[thread] = position;
      this.ends[thread] = end;
      this.shifts[thread] = shift;
      return;
    }
    if (position > this.ends[thread]! || end < this.starts[thread]! || shift !== this.shifts[thread]) {
      const run = rangeText(this.starts[thread]!, this.ends[thread]! - this.starts[thread]!);
      const distance = counted(shift - this.shifts[thread]!, 'byte');
      const where = `${rangeText(position, transfer.byteCount)}, ${distance} off on the device`;
      this.complain(
        RUN,
        transfer,
        'does not continue the run of this get',
        `next to ${run}, in the file and on the device`,
        where,
      );
    }
    this.starts[thread] = Math.min(this.starts[thread]!, position);
    this.ends[thread] = Math.max(this.ends[thread]!, end);
  }

  /** Whether reads must stay inside the requested page: small blocks, or bytes of it were valid. */
  private isConfined(call: PagerCall, frame: CallFrame): boolean {
    const { scenario } = this.context;
    const fs = scenario.fileSystems[scenario.files[Math.max(0, call.file)]!.fileSystem]!;
    const small = fs.blockMap !== 'network' && fs.blockSize < scenario.geometry.pageSize;
    return small || frame.valid[call.reqpage] !== 0;
  }

  pagerReturn(call: PagerCall): void {
    if ((call.function !== 'getmulti' && call.function !== 'getpage') || call.count === 0) return;
    const frame = this.model.returning;
    if (frame === null || call.file < 0) return;
    const { pageSize } = this.model.files.store;
    const wanted = (call.page + call.reqpage) * pageSize;
    const hasRun = this.ticks[call.thread] === frame.tick;
    const start = hasRun ? this.starts[call.thread]! : wanted;
    const end = hasRun ? this.ends[call.thread]! : wanted;
    if (hasRun && (start > wanted || end < Math.min(wanted + pageSize, frame.minEof))) {
      this.report(RUN, () => ({
        what: `the reads of a get of file ${call.file} do not contain the requested page ${call.page + call.reqpage}`,
        expected: rangeText(wanted, pageSize),
        observed: rangeText(start, end - start),
      }));
    }
    if (call.count > 1) this.judgeNeighbours(call, frame, start, end);
  }

  private judgeNeighbours(call: PagerCall, frame: CallFrame, start: number, end: number): void {
    const { model, view } = this;
    const { pageSize, allBits } = model.files.store;
    for (let i = 0; i < call.count; i++) {
      if (i === call.reqpage || !model.stillThere(call, frame, i)) continue;
      const position = (call.page + i) * pageSize;
      if (position >= start && position < end) continue;
      const page = call.frames[i]!;
      // somebody else may have brought it in after it was given back and allocated anew; that is another page
      if ((view.pageFlags(page) & PG_BUSY) === 0 && view.pageValid(page) === allBits) continue;
      this.report(NEIGHBOURS, () => ({
        what: `${this.pageName(page)} is a neighbour that no read of this get carries, but it was not given back`,
        expected: 'freed',
        observed: this.pageState(page),
      }));
    }
  }

  private transferName(transfer: Transfer): string {
    const { store } = this.model.files;
    const first = transfer.frameCount > 0 ? transfer.frames[0]! : -1;
    const where = first < 0 || store.frameFile[first]! < 0 ? '' : ` of ${this.pageName(first)}`;
    return `a ${transfer.write ? 'write' : 'read'}${where} (${counted(transfer.byteCount, 'byte')})`;
  }

  private complain(
    property: string,
    transfer: Transfer,
    what: string,
    expected: string,
    observed: string,
  ): void {
    this.report(property, () => ({
      what: `${this.transferName(transfer)} ${what}`,
      expected,
      observed,
      thread: transfer.thread,
    }));
  }
}

const monitor = (): Clustering => new Clustering();

/** Properties of transfers. */
export const CLUSTERING: readonly Property[] = [
  {
    id: ADDRESS,
    kind: 'always',
    statement:
      'Every sector of a transfer is where the block map puts those bytes of the file, and belongs to the file.',
    source: 'G18, 13.6 Q6, 9.3, 11.5',
    observes: 'each transfer of the pager when it is started, against the own block map',
    doesNotVerify: 'transfers of the file system; a block that moves after the transfer was started',
    monitor,
  },
  {
    id: EXTENT,
    kind: 'always',
    statement:
      'A transfer is not empty, ends where the file ends, and has consecutive pages of one file behind every byte.',
    source: 'G18, 12, 13.6 Q6 (1228-1257), 7.3',
    observes: 'each transfer of the pager when it is started',
    doesNotVerify: 'that nothing was left out (contents.ts)',
    monitor,
  },
  {
    id: RUN,
    kind: 'always',
    statement:
      'The reads of one get are one run, in the file and on the device, with the requested page; or stay inside that page.',
    source: '12, 13.4 Q3 (812-888)',
    observes: 'the reads of each get as they are started, and their union when it returns',
    doesNotVerify: 'that a longer run was possible',
    monitor,
  },
  {
    id: NEIGHBOURS,
    kind: 'always',
    statement: 'Pages outside the run of a get are given back.',
    source: '13.4 Q1 (757-761, 774-778, 789-792, 812-840), P2',
    observes: 'the pages of each get when it returns',
    doesNotVerify: 'pages inside the run (neighbour-states)',
    monitor,
  },
];
