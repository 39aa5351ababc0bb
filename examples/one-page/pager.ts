/**
 * A pager that reads one page at a time, block by block, and leaves everything else to `BasePager`. It has a bug that many
 * pagers had: look for it, or let `npx pagercheck run --target examples/one-page/pager.ts` find it.
 */
import { BasePager, NO_BLOCK, VM_PAGER_BAD, VM_PAGER_ERROR, VM_PAGER_FAIL, VM_PAGER_OK } from 'pagercheck';
import type { Page, Sleeps, VmPager } from 'pagercheck';

export default class OnePagePager extends BasePager {
  override *getmulti(
    pager: VmPager,
    m: Page[],
    count: number,
    reqpage: number,
    sync: boolean,
  ): Sleeps<number> {
    const { pageSize, sectorSize, allBits } = this.kernel;
    const vnp = pager.pgData!;
    const page = m[reqpage]!;
    for (let i = 0; i < count; i++) if (i !== reqpage) this.giveBack(m[i]!);

    // A page that is valid in part, and a file that is not on a disk, are left to the base.
    if (page.valid !== 0 || !this.isOnDisk(vnp)) return yield* super.getmulti(pager, [page], 1, 0, sync);

    const step = Math.min(vnp.vnpVp!.vMount!.fIosize, pageSize);
    let isCounted = false;
    for (let at = 0; at < pageSize; at += step) {
      const length = Math.min(step, vnp.vnpSize - page.offset - at);
      const error = length > 0 ? yield* this.readBlock(vnp, page, at, length) : NO_BLOCK;
      if (error >= 0) isCounted ||= this.countPageIn();
      if (vnp.vnpVp!.vMount === null) return VM_PAGER_FAIL;
      if (page.offset >= vnp.vnpSize) return VM_PAGER_BAD;
      if (error === NO_BLOCK) yield* this.zero(page, at, step);
      else if (error !== 0) return VM_PAGER_ERROR;
    }
    if (page.offset >= vnp.vnpSize) return VM_PAGER_BAD;
    // The disk has delivered whole sectors; what follows them is zero.
    const end = Math.ceil((vnp.vnpSize - page.offset) / sectorSize) * sectorSize;
    if (end < pageSize) yield* this.zero(page, end, pageSize - end);

    this.kernel.pmapClearModify(page);
    page.valid = allBits;
    page.dirty = 0;
    return VM_PAGER_OK;
  }
}
