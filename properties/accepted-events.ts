/**
 * Every event of a run is one that the state machines of pages, buffers and objects take in the state that they are in.
 *
 * Verified: each event that a region of a machine declares, of each frame, pbuf and object of the run, against the tables that
 * are compiled from `model/machines`; docs/model.md lists what is refused.
 *
 * Not verified: bytes, masks and counts, which are beside the machines; sectors of the disk, which `block-events.ts` follows.
 */
import type { BufferEvent } from '../model/machines/buffer.ts';
import type { ObjectEvent } from '../model/machines/object.ts';
import type { PageEvent } from '../model/machines/page.ts';
import { Population } from '../model/machines/population.ts';
import type { PagerCall, Transfer } from '../src/trace/observer.ts';
import { BLOCK_EVENTS } from './block-events.ts';
import { forgetUntaken, indicesOf, MACHINES, refusalFound } from './machines.ts';
import type { Property } from './property.ts';
import { Watcher } from './watcher.ts';

const PAGE = 'page-events';
const BUFFER = 'buffer-events';
const OBJECT = 'object-events';

const P = indicesOf<PageEvent>(MACHINES.page);
const B = indicesOf<BufferEvent>(MACHINES.buffer);
const O = indicesOf<ObjectEvent>(MACHINES.object);

class AcceptedEvents extends Watcher {
  private readonly pages = new Population(MACHINES.page);
  private readonly buffers = new Population(MACHINES.buffer);
  private readonly objects = new Population(MACHINES.object);

  protected override reset(): void {
    this.pages.reset();
    this.buffers.reset();
    this.objects.reset();
  }

  count(into: Map<string, number>): void {
    this.pages.count(into);
    this.buffers.count(into);
    this.objects.count(into);
    forgetUntaken(into);
  }

  private page(frame: number, event: number): void {
    const region = this.pages.apply(frame, event);
    if (region >= 0) this.complain(PAGE, this.pages, frame, region, event);
  }

  private buffer(pbuf: number, event: number): void {
    const region = this.buffers.apply(pbuf, event);
    if (region >= 0) this.complain(BUFFER, this.buffers, pbuf, region, event);
  }

  private object(object: number, event: number): void {
    const region = this.objects.apply(object, event);
    if (region >= 0) this.complain(OBJECT, this.objects, object, region, event);
  }

  private complain(property: string, of: Population, subject: number, region: number, event: number): void {
    this.report(property, () => refusalFound(of, subject, region, event, this.nameOf(property, subject)));
  }

  private nameOf(property: string, subject: number): string {
    if (property === PAGE) return this.pageName(subject);
    return property === BUFFER ? `pbuf ${subject}` : this.objectName(subject);
  }

  pageAllocated(_thread: number, frame: number): void {
    this.page(frame, P.ALLOCATE);
  }

  pageBusied(_thread: number, frame: number): void {
    this.page(frame, P.BUSY);
  }

  pageWakeup(frame: number): void {
    this.page(frame, P.WAKEUP);
  }

  pageFreed(frame: number): void {
    this.page(frame, P.FREE);
  }

  pagerCall(call: PagerCall): void {
    switch (call.function) {
      case 'getmulti':
      case 'getpage':
        if (call.object >= 0) this.object(call.object, O.GET);
        for (let i = 0; i < call.count; i++)
          this.page(call.frames[i]!, i === call.reqpage ? P.REQUEST : P.BRING);
        break;
      case 'putmulti':
      case 'putpage':
        if (call.object >= 0) this.object(call.object, O.PUT);
        for (let i = 0; i < call.count; i++) this.page(call.frames[i]!, P.OFFER);
        break;
      case 'dealloc':
        this.object(call.object, O.DETACH);
        break;
      case 'iodone':
        this.buffer(call.size, B.COMPLETE);
        break;
      default:
        break;
    }
  }

  pagerReturn(call: PagerCall): void {
    switch (call.function) {
      case 'getmulti':
      case 'getpage':
        this.end(call, P.REQUEST_END, P.BRING_END);
        break;
      case 'putmulti':
      case 'putpage':
        this.end(call, P.OFFER_END, P.OFFER_END);
        break;
      case 'alloc':
        if (call.result !== 0 && call.file >= 0) this.object(this.view.fileObject(call.file), O.ATTACH);
        break;
      case 'dealloc':
        this.object(call.object, O.DETACH_END);
        break;
      case 'iodone':
        this.buffer(call.size, B.COMPLETE_END);
        this.released(this.model.claims.completedObject);
        break;
      default:
        break;
    }
  }

  /** The call is over for those of its pages that are still what they were. */
  private end(call: PagerCall, requested: number, others: number): void {
    const { returning } = this.model;
    if (returning === null) return;
    for (let i = 0; i < call.count; i++) {
      if (!this.model.stillThere(call, returning, i)) continue;
      this.page(call.frames[i]!, i === call.reqpage ? requested : others);
    }
  }

  transferStart(transfer: Transfer): void {
    this.buffer(transfer.pbuf, B.START);
    if (transfer.pbuf < 0) return;
    for (let i = 0; i < transfer.frameCount; i++)
      this.page(transfer.frames[i]!, transfer.write ? P.WRITE : P.READ);
    if (transfer.async) this.claimed(this.model.claims.objectOf(transfer.pbuf));
  }

  transferEnd(transfer: Transfer): void {
    this.buffer(transfer.pbuf, B.MOVE);
    if (transfer.pbuf < 0) return;
    for (let i = 0; i < transfer.frameCount; i++)
      this.page(transfer.frames[i]!, transfer.write ? P.WRITE_END : P.READ_END);
  }

  objectCreated(object: number): void {
    this.object(object, O.CREATE);
  }

  objectDying(object: number): void {
    this.object(object, O.DIE);
  }

  objectFreed(object: number): void {
    this.object(object, O.DESTROY);
  }

  claim(_thread: number, object: number): void {
    this.claimed(object);
  }

  release(_thread: number, object: number): void {
    this.released(object);
  }

  private claimed(object: number): void {
    if (object >= 0) this.object(object, O.CLAIM);
  }

  /** The model has taken the claim off already. */
  private released(object: number): void {
    if (object < 0) return;
    this.object(object, this.model.claims.outstanding(object) > 0 ? O.RELEASE : O.RELEASE_LAST);
  }
}

const monitor = (): AcceptedEvents => new AcceptedEvents();

/** Properties of the order of events, one a machine. */
export const ACCEPTED_EVENTS: readonly Property[] = [
  {
    id: PAGE,
    kind: 'always',
    statement: 'What happens to a page is what its state machine takes.',
    source: '3.2, 3.4, 13.4 Q2, 13.6 Q4, G1, G5',
    observes:
      'allocation, busying, wakeup and freeing of frames; calls of get and put and their ends; transfers and their ends',
    doesNotVerify: 'bytes and masks; who the owner of a busy page is (owner-unbusies)',
    monitor,
  },
  {
    id: BUFFER,
    kind: 'always',
    statement: 'A pbuf is transferred, moved and completed once and in this order.',
    source: '7.3, 13.12',
    observes: 'transfers, their ends, and the completion routine',
    doesNotVerify: 'what is transferred (transfer-address), who holds the pbuf (pbufs-returned)',
    monitor,
  },
  {
    id: OBJECT,
    kind: 'always',
    statement: 'What happens to an object and its pager is what their state machine takes.',
    source: '5.3, 5.4, 13.2 Q7, 13.3, G4',
    observes: 'creation, death and end of objects, claims, alloc and dealloc, calls of get and put',
    doesNotVerify: 'how many claims and references there are (paging-in-progress)',
    monitor,
  },
  BLOCK_EVENTS,
];
