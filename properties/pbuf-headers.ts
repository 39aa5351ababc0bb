/**
 * The headers of physical buffers belong to whoever has taken them: the completion of a transfer that somebody waits for leaves
 * its header to that one, and nobody writes to a header that was given back, which may be another's the next moment.
 *
 * Verified: that the completion routine of a synchronous transfer changes no field of the header; that the header which an
 * asynchronous completion or a get or put has given back is as it was when it was given back, when they return; all headers that
 * are free, at settlement.
 *
 * Not verified: writes to a header that is free between those moments, unless it is taken again, which the simulated kernel traps
 * (no-trap); reads of one.
 */
import { PBUF_FIELDS, PBUF_POISON } from '../src/trace/codes.ts';
import type { PagerCall } from '../src/trace/observer.ts';
import type { Property } from './property.ts';
import { Watcher } from './watcher.ts';

const HEADERS = 'pbuf-headers-owned';

class PbufHeaders extends Watcher {
  private readonly before = new Int32Array(PBUF_FIELDS.length);
  private readonly now = new Int32Array(PBUF_FIELDS.length);

  private isPbuf(pbuf: number): boolean {
    return pbuf >= 0 && pbuf < this.view.geometry.pbufs;
  }

  pagerCall(call: PagerCall): void {
    if (call.function === 'iodone' && this.isPbuf(call.size)) this.view.pbufHeader(call.size, this.before);
  }

  pagerReturn(call: PagerCall): void {
    if (call.function !== 'iodone') {
      if (call.count > 0 && this.model.returning !== null) this.judgeFree(call.function);
      return;
    }
    if (!this.isPbuf(call.size)) return;
    // a transfer without an object to release is one that somebody waits for
    if (this.model.claims.completedObject === -1) this.judgeWaited(call.size);
    else this.judgeFree('iodone');
  }

  private judgeWaited(pbuf: number): void {
    const { before, now, view } = this;
    view.pbufHeader(pbuf, now);
    for (let i = 0; i < now.length; i++) {
      if (now[i] === before[i]) continue;
      this.report(HEADERS, () => ({
        what: `the completion of the synchronous transfer of pbuf ${pbuf} has changed ${PBUF_FIELDS[i]!}`,
        expected: `${before[i]!}: the header belongs to the thread that waits`,
        observed: `${now[i]!}`,
      }));
    }
  }

  /** Headers that have come back since the last look. */
  private judgeFree(name: string): void {
    const { returned } = this.model;
    for (let i = 0; i < returned.count; i++) this.judgeHeader(returned.at(i), name);
  }

  private judgeHeader(pbuf: number, name: string): void {
    const { now, view } = this;
    view.pbufHeader(pbuf, now);
    for (let i = 0; i < now.length; i++) {
      if (now[i] === PBUF_POISON) continue;
      this.report(HEADERS, () => ({
        what: `pbuf ${pbuf} is free after ${name}, and ${PBUF_FIELDS[i]!} was written after it was given back`,
        expected: 'nobody touches the header of a free pbuf',
        observed: `${now[i]!}`,
      }));
    }
  }

  settled(): void {
    const { view } = this;
    for (let pbuf = 0; pbuf < view.geometry.pbufs; pbuf++)
      if (!view.pbufBusy(pbuf)) this.judgeHeader(pbuf, 'settlement');
  }
}

const monitor = (): PbufHeaders => new PbufHeaders();

/** The property of buffer headers. */
export const PBUF_HEADERS: readonly Property[] = [
  {
    id: HEADERS,
    kind: 'always',
    statement:
      'The completion of a synchronous transfer leaves the header of its pbuf alone, and nobody writes to one that is free.',
    source: '13.12 Q1, Q3, G21',
    observes:
      'headers when a completion begins and returns; those that were given back, when an asynchronous completion, ' +
      'a get or a put returns; all at settlement',
    doesNotVerify:
      'reads of a free header; a write to one that is taken again before it is looked at (no-trap)',
    monitor,
  },
];
