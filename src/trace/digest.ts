/**
 * A run as one number: an observer that mixes every event, what it names, the bytes it moves and, where control leaves the pager,
 * all that the view shows. Two runs with the same digest are taken for equal; it costs a fraction of what a recorded trace does.
 */
import type { Choice, Operation, Take } from '../scenario/scenario.ts';
import type { ChannelKind, Ending } from './codes.ts';
import type { Observer, PagerCall, Transfer } from './observer.ts';
import type { View } from './view.ts';

/** Tells everything that a view shows of objects, files, buffers, threads and counters, in a fixed order. */
export function readView(view: View, tell: (what: string, which: number, value: number) => void): void {
  for (let object = 0; object < view.objects; object++) {
    tell('references of object', object, view.objectReferences(object));
    tell('flags of object', object, view.objectFlags(object));
    tell('size of object', object, view.objectSize(object));
    tell('paging in progress of object', object, view.objectPagingInProgress(object));
    tell('resident pages of object', object, view.objectResident(object));
    tell('file of object', object, view.objectFile(object));
    tell('cached: object', object, Number(view.objectCached(object)));
  }
  for (let file = 0; file < view.files; file++) {
    tell('object of file', file, view.fileObject(file));
    tell('use count of file', file, view.fileUseCount(file));
    tell('hold count of file', file, view.fileHoldCount(file));
    tell('outputs of file', file, view.fileOutputs(file));
    tell('flags of file', file, view.fileFlags(file));
    tell('mounted: file', file, Number(view.fileMounted(file)));
    tell('lock owner of file', file, view.fileLockOwner(file));
    tell('size of file', file, view.fileSize(file));
    tell("pager's size of file", file, view.pagerSize(file));
    tell('pagers of file', file, view.pagersOf(file));
  }
  for (let pbuf = 0; pbuf < view.geometry.pbufs; pbuf++) {
    tell('busy: pbuf', pbuf, Number(view.pbufBusy(pbuf)));
    tell('mapped: pbuf', pbuf, Number(view.pbufMapped(pbuf)));
  }
  for (let thread = 0; thread < view.threads; thread++)
    tell('credential references of thread', thread, view.credentialReferences(thread));
  tell('free pbufs', -1, view.pbufsFree());
  tell('map pages used', -1, view.mapPagesUsed());
  tell('hold count of the disk', -1, view.diskHoldCount());
  tell('outputs of the disk', -1, view.diskOutputs());
  tell('interrupt mask', -1, view.interruptMask());
  for (let which = 0; which < 4; which++) tell('counter', which, view.counter(which));
}

/** Tells everything that a view shows of pages. */
export function readPages(view: View, tell: (what: string, which: number, value: number) => void): void {
  for (let frame = 0; frame < view.geometry.frames; frame++) {
    tell('object of frame', frame, view.pageObject(frame));
    if (view.pageObject(frame) < 0) continue;
    tell('page in frame', frame, view.pageIndex(frame));
    tell('flags of frame', frame, view.pageFlags(frame));
    tell('valid of frame', frame, view.pageValid(frame));
    tell('dirty of frame', frame, view.pageDirty(frame));
    tell('busy of frame', frame, view.pageBusy(frame));
    tell('buffers of frame', frame, view.pageBufferMapped(frame));
    tell('wirings of frame', frame, view.pageWired(frame));
    tell('modified: frame', frame, Number(view.pageModified(frame)));
  }
}

/** Stands for each method in the digest. */
const codes = new Map<string, number>();

function codeOf(text: string): number {
  let code = codes.get(text);
  if (code === undefined) {
    code = 0x811c9dc5;
    for (let i = 0; i < text.length; i++) code = Math.imul(code ^ text.charCodeAt(i), 0x01000193);
    codes.set(text, code);
  }
  return code;
}

/** Digests a run. One digest serves many runs: `runBegin` begins anew. */
export class Digest implements Observer {
  /** Events of the run so far. */
  events = 0;
  /** After each event, if asked for. */
  readonly history: number[] = [];
  private readonly keepsHistory: boolean;
  private low = 0;
  private high = 0;
  private view: View | null = null;
  private readonly mixValue = (_what: string, which: number, value: number): void => {
    this.mix(which);
    this.mix(value);
  };

  constructor(keepsHistory = false) {
    this.keepsHistory = keepsHistory;
  }

  /** The number of the run so far: 53 bits. */
  get value(): number {
    return (this.high & 0x1f_ffff) * 2 ** 32 + (this.low >>> 0);
  }

  private mix(value: number): void {
    // values beyond 32 bits are sizes of files
    const part = (value | 0) ^ Math.floor(value / 2 ** 32);
    this.low = Math.imul(this.low ^ part, 0x01000193) ^ (this.high >>> 5);
    this.high = Math.imul((this.high ^ part) + this.low, 0x85ebca6b);
  }

  private add(name: keyof Observer, a = 0, b = 0, c = 0, d = 0, e = 0): void {
    this.events++;
    this.mix(codeOf(name));
    this.mix(a);
    this.mix(b);
    this.mix(c);
    this.mix(d);
    this.mix(e);
    if (this.keepsHistory) this.history.push(this.value);
  }

  private look(): void {
    if (this.view !== null) readView(this.view, this.mixValue);
  }

  private page(frame: number): void {
    const { view } = this;
    if (view === null || frame < 0) return;
    this.mix(view.pageObject(frame));
    this.mix(view.pageIndex(frame));
    this.mix(view.pageFlags(frame));
    this.mix(view.pageValid(frame));
    this.mix(view.pageDirty(frame));
    this.mix(view.pageBusy(frame));
  }

  private bytes(address: number, length: number): void {
    const { memory } = this.view!;
    let sum = 0x811c9dc5;
    for (let i = address; i < address + length; i++) sum = Math.imul(sum ^ memory[i]!, 0x01000193);
    this.mix(sum);
  }

  runBegin(view: View): void {
    this.view = view;
    this.events = 0;
    this.low = 0;
    this.high = 0;
    this.history.length = 0;
    this.add('runBegin');
  }
  runEnd(ending: Ending, detail: string): void {
    this.look();
    // what a fault is called differs between languages
    this.add('runEnd', codeOf(ending), ending === 'trap' ? 0 : codeOf(detail));
    this.view = null;
  }
  settlementBegin(): void {
    this.look();
    this.add('settlementBegin');
  }
  settled(): void {
    this.look();
    this.add('settled');
  }
  operationBegin(thread: number, operation: Operation): void {
    this.add('operationBegin', thread, operation.id);
  }
  operationEnd(thread: number, operation: Operation, noop: boolean, result: number): void {
    this.look();
    readPages(this.view!, this.mixValue);
    this.add('operationEnd', thread, operation.id, noop ? 1 : 0, result);
  }
  pagerCall(call: PagerCall): void {
    this.mix(call.size);
    this.mix(call.object);
    for (let i = 0; i < call.count; i++) this.page(call.frames[i]!);
    this.add(
      'pagerCall',
      call.thread,
      codeOf(call.function),
      call.file,
      call.page,
      call.count * 8 + call.reqpage,
    );
  }
  pagerReturn(call: PagerCall): void {
    this.look();
    this.mix(call.object);
    for (let i = 0; i < call.count; i++) {
      this.page(call.frames[i]!);
      this.mix(call.rtvals[i]!);
    }
    this.add('pagerReturn', call.thread, codeOf(call.function), call.file, call.result, call.count);
  }
  call(thread: number, name: string, a: number, b: number, c: number): void {
    this.add('call', thread, codeOf(name), a, b, c);
  }
  return(thread: number, name: string, result: number): void {
    this.add('return', thread, codeOf(name), result);
  }
  sleep(thread: number, channel: ChannelKind, id: number): void {
    this.add('sleep', thread, codeOf(channel), id);
  }
  resume(thread: number, channel: ChannelKind, id: number): void {
    this.add('resume', thread, codeOf(channel), id);
  }
  wakeup(channel: ChannelKind, id: number): void {
    this.add('wakeup', codeOf(channel), id);
  }
  idle(): void {
    this.add('idle');
  }
  private transfer(name: keyof Observer, transfer: Transfer): void {
    const { view } = this;
    let done = 0;
    const { pageSize } = view!.geometry;
    for (let i = 0; i < transfer.frameCount && done < transfer.byteCount; i++) {
      const frame = transfer.frames[i]!;
      const from = i === 0 ? transfer.pageOffset % pageSize : 0;
      const length = Math.min(pageSize - from, transfer.byteCount - done);
      this.mix(frame);
      if (frame >= 0) this.bytes(view!.pageAddress(frame) + from, length);
      done += length;
    }
    this.mix(transfer.pageOffset);
    this.mix(transfer.bufferSize);
    this.mix(transfer.dirtyOffset);
    this.mix(transfer.dirtyEnd);
    this.mix(transfer.failed ? 1 + transfer.error : 0);
    this.mix(transfer.resid);
    const kind = (transfer.write ? 1 : 0) + (transfer.async ? 2 : 0) + (transfer.device === 'disk' ? 4 : 0);
    this.add(
      name,
      transfer.pbuf,
      transfer.thread * 8 + kind,
      transfer.file,
      transfer.block,
      transfer.byteCount,
    );
  }
  transferStart(transfer: Transfer): void {
    this.transfer('transferStart', transfer);
  }
  transferEnd(transfer: Transfer): void {
    this.transfer('transferEnd', transfer);
  }
  interruptEnd(transfer: Transfer): void {
    this.look();
    this.add('interruptEnd', transfer.pbuf);
  }
  pageAllocated(thread: number, frame: number, object: number, page: number): void {
    this.add('pageAllocated', thread, frame, object, page);
  }
  pageFreed(frame: number): void {
    this.page(frame);
    this.add('pageFreed', frame);
  }
  pageBusied(thread: number, frame: number): void {
    this.page(frame);
    this.add('pageBusied', thread, frame);
  }
  pageWakeup(frame: number): void {
    this.page(frame);
    this.add('pageWakeup', frame);
  }
  claim(thread: number, object: number, count: number): void {
    this.add('claim', thread, object, count);
  }
  release(thread: number, object: number, count: number): void {
    this.add('release', thread, object, count);
  }
  objectCreated(object: number): void {
    this.add('objectCreated', object);
  }
  objectDying(object: number): void {
    this.add('objectDying', object);
  }
  objectFreed(object: number): void {
    this.add('objectFreed', object);
  }
  stored(thread: number, file: number, frame: number, offset: number, length: number, stamp: number): void {
    this.mix(offset);
    this.add('stored', thread, file, frame, length, stamp);
  }
  written(thread: number, file: number, offset: number, length: number, stamp: number): void {
    this.add('written', thread, file, offset, length, stamp);
  }
  delivered(thread: number, file: number, offset: number, length: number, address: number): void {
    this.bytes(address, length);
    this.add('delivered', thread, file, offset, length);
  }
  filled(frame: number, mask: number): void {
    this.add('filled', frame, mask);
  }
  lost(file: number, offset: number, length: number, isCut: boolean): void {
    this.add('lost', file, offset, length, isCut ? 1 : 0);
  }
  allocated(file: number, block: number, sector: number, sectors: number): void {
    this.add('allocated', file, block, sector, sectors);
  }
  freed(file: number, block: number, sector: number, sectors: number): void {
    this.add('freed', file, block, sector, sectors);
  }
  resized(file: number, size: number): void {
    this.add('resized', file, size);
  }
  disconnected(file: number): void {
    this.add('disconnected', file);
  }
  removed(file: number): void {
    this.add('removed', file);
  }
  departure(thread: number, choice: Choice, take: Take): void {
    this.add('departure', thread, codeOf(choice), codeOf(take));
  }
  message(text: string): void {
    this.add('message', codeOf(text));
  }
}
