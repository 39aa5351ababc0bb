/**
 * Operations on pages: direct calls of the pager, faults, stores and what cleans and reclaims pages. Each function chooses the
 * arguments into the draft and updates the followed state; false means that the operation would come to nothing now.
 */
import { RUN_MAX } from '../../src/trace/observer.ts';
import { drawMask, drawWithin } from './arguments.ts';
import { percent } from './choose.ts';
import type { Draft } from './draft.ts';
import { WINDOW_PAGES } from './files.ts';
import {
  DIRTY,
  FAULT_AHEAD,
  FAULT_BEHIND,
  MAPPED,
  MEETS_HASPAGE,
  MEETS_PAGE_IN,
  MEETS_PAGE_OUT,
  RESIDENT,
} from './follower.ts';

/** Asking about a page. */
export function drawHaspage(draft: Draft, f: number): boolean {
  const { follower, random } = draft;
  if (!follower.mappable(f) || random.oneIn(2)) return false;
  follower.useMapping(f);
  follower.meet(f, MEETS_HASPAGE);
  draft.page = draft.offsetPage(draft.nearPage(f));
  return true;
}

/** A direct get, of a run or of one page. */
export function drawGet(draft: Draft, f: number, run: boolean): boolean {
  const { random, follower } = draft;
  if (!follower.mappable(f)) return false;
  // The page past EOF now and then; and a clean page may be asked for again, for memory takes it back first.
  const page = random.oneIn(8)
    ? draft.offsetPage(follower.lastPage(f) + 1)
    : draft.pageWithout(f, random.oneIn(3) ? DIRTY : RESIDENT);
  if (page < 0 || follower.buffered(f, page)) return false;
  follower.last[f] = page;
  draft.page = page;
  if (run) {
    draft.before = Math.min(page, random.oneIn(2) ? 0 : random.below(4));
    draft.count = random.oneIn(3) ? 0 : random.below(5);
  }
  if (percent(random, draft.profile.partial)) {
    draft.valid = drawMask(random, draft.fullMask);
    if (random.oneIn(2)) draft.dirty = drawMask(random, draft.fullMask) & draft.valid;
    // by turns, so that it costs no draw
    if (draft.dirty !== 0) draft.other = (page + draft.dirty) % 2;
  }
  follower.useMapping(f);
  follower.meet(f, MEETS_PAGE_IN);
  follower.bringIn(f, page, draft.before, draft.count);
  return true;
}

/** A direct put, of a run or of one page. */
export function drawPut(draft: Draft, f: number, run: boolean): boolean {
  const { random, follower } = draft;
  if (!follower.mappable(f) || follower.size[f] === 0) return false;
  const dirty = random.oneIn(2) ? -1 : follower.dirtyPage(f, random.below(WINDOW_PAGES));
  // no mapping reaches the last page of the 4 GiB, but a get may have brought it in
  const last = draft.offsetPage(follower.lastPage(f));
  if (dirty >= 0) draft.page = dirty;
  else draft.page = random.oneIn(6) ? last : Math.min(draft.nearPage(f), last);
  follower.last[f] = draft.page;
  if (run) {
    draft.count = 1 + random.below(random.oneIn(2) ? 3 : 8);
    draft.other = random.below(2);
  }
  draft.valid = random.oneIn(2) ? draft.fullMask : drawMask(random, draft.fullMask);
  draft.dirty = random.oneIn(2) ? draft.valid : drawMask(random, draft.fullMask) & draft.valid;
  if (draft.dirty === 0) draft.dirty = draft.valid;
  follower.useMapping(f);
  follower.meet(f, MEETS_PAGE_OUT);
  const end = Math.min(draft.page + Math.max(1, draft.count), follower.lastMapped(f) + 1);
  follower.cleaned(f, draft.page, Math.max(0, end - draft.page));
  // Once the file system is gone a put fails, and what it should have cleaned stays dirty.
  for (let page = draft.page; page < end; page++) follower.arrive(f, page, follower.connected[f] === 0);
  return true;
}

/** A read through a mapping. */
export function drawFault(draft: Draft, f: number): boolean {
  const { random, follower } = draft;
  if (!follower.mappable(f) || follower.size[f] === 0) return false;
  const page = draft.pageWithout(f, random.oneIn(4) ? MAPPED : RESIDENT);
  if (page < 0) return false;
  draft.page = page;
  follower.useMapping(f);
  follower.bringIn(f, page, FAULT_BEHIND, FAULT_AHEAD);
  follower.mapPage(f, page);
  return true;
}

/** A store through a mapping, within one page. */
export function drawStore(draft: Draft, f: number): boolean {
  const { random, follower } = draft;
  if (!follower.mappable(f) || follower.size[f] === 0) return false;
  const page = Math.min(draft.nearPage(f), follower.lastMapped(f));
  const { pageSize } = draft.geometry;
  const at = drawWithin(random, draft.geometry);
  draft.offset = page * pageSize + at;
  draft.length = random.oneIn(3) ? pageSize - at : 1 + random.below(pageSize - at);
  follower.useMapping(f);
  follower.bringIn(f, page, FAULT_BEHIND, FAULT_AHEAD);
  follower.arrive(f, page, true);
  follower.mapPage(f, page);
  return true;
}

/** What writes dirty pages back: a range (msync) or a page (page-out). */
export function drawClean(draft: Draft, f: number, range: boolean): boolean {
  const { random, follower } = draft;
  const page = follower.dirtyPage(f, random.below(WINDOW_PAGES));
  if (page < 0) return false;
  follower.last[f] = page;
  draft.page = page;
  let count = 1;
  if (range) {
    // The range may begin before the dirty page.
    draft.page = Math.max(0, page - (random.oneIn(3) ? random.below(3) : 0));
    count = page - draft.page + 1 + (random.oneIn(2) ? 0 : random.below(8));
    draft.count = count;
    // The last run may reach beyond the range.
    while (count < RUN_MAX && (follower.page(f, draft.page + count) & DIRTY) !== 0) count++;
  }
  if (follower.connected[f] === 1) follower.cleaned(f, draft.page, count);
  return true;
}

/** What takes memory back. */
export function drawReclaim(draft: Draft): boolean {
  const { random, follower } = draft;
  let resident = 0;
  for (let f = 0; f < follower.files; f++) resident += follower.resident[f]!;
  if (resident === 0) return false;
  draft.count = 1 + random.below(random.oneIn(3) ? 16 : 4);
  follower.reclaim(draft.count);
  return true;
}
