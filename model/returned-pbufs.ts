/**
 * Pbufs that came back: each one that carried a transfer is remembered until a call returns, or the completion of a transfer that
 * nobody waits for, and finds it free. What is demanded of a free pbuf is then looked at in these few, not in the whole pool.
 */
import type { View } from '../src/trace/view.ts';

/** The pbufs that a return finds given back. */
export class ReturnedPbufs {
  /** Carried a transfer since they were last found free: the first `recentCount`, in no order. */
  private recent = new Int32Array(0);
  private recentCount = 0;
  private isRecent = new Uint8Array(0);
  private pbufs = 0;
  /** Found free by the return that is being judged: the first `count`. */
  private found = new Int32Array(0);
  count = 0;

  begin(pbufs: number): void {
    if (this.recent.length < pbufs) {
      this.recent = new Int32Array(pbufs);
      this.found = new Int32Array(pbufs);
      this.isRecent = new Uint8Array(pbufs);
    }
    this.isRecent.fill(0);
    this.pbufs = pbufs;
    this.recentCount = 0;
    this.count = 0;
  }

  /** Number `i` of those that came back. */
  at(i: number): number {
    return this.found[i]!;
  }

  transferStart(pbuf: number): void {
    if (pbuf < 0 || pbuf >= this.pbufs || this.isRecent[pbuf] !== 0) return;
    this.isRecent[pbuf] = 1;
    this.recent[this.recentCount++] = pbuf;
  }

  /** A return after which nobody looks. */
  none(): void {
    this.count = 0;
  }

  /** Finds those that are free by now. */
  collect(view: View): void {
    this.count = 0;
    for (let i = this.recentCount - 1; i >= 0; i--) {
      const pbuf = this.recent[i]!;
      if (view.pbufBusy(pbuf)) continue;
      this.recent[i] = this.recent[--this.recentCount]!;
      this.isRecent[pbuf] = 0;
      this.found[this.count++] = pbuf;
    }
  }
}
