/**
 * What may have gone wrong for a pager through no fault of its own: failing transfers and calls that the scenario asks for, a
 * disk, memory or map that is full, a size change under way. It is looked for page by page: what failed for one page of a run is
 * no excuse for another. A call into the kernel that failed may have been made for any page, and so excuses all. Asked only when
 * a pager reports a failure, so it may be slow.
 *
 * A file system that is gone is no evidence: the answer to that is FAIL.
 */
import type { MediaFault, Scenario } from '../src/scenario/scenario.ts';
import type { PagerCall } from '../src/trace/observer.ts';
import type { View } from '../src/trace/view.ts';
import { HOLE } from '../model/blocks.ts';
import { FAILURE, type CallFrame } from '../model/calls.ts';
import type { Model } from '../model/model.ts';

const READING = FAILURE.bmap | FAILURE.read | FAILURE.kmem | FAILURE.page;
const WRITING = FAILURE.bmap | FAILURE.write | FAILURE.update | FAILURE.kmem | FAILURE.page;

/** Whether a get or put of these pages may report ERROR for page `i` of them; of a get that is the requested one. */
export function mayFail(
  scenario: Scenario,
  model: Model,
  view: View,
  call: PagerCall,
  frame: CallFrame,
  i: number,
  write: boolean,
): boolean {
  const { file } = call;
  // a get that fails may have given up the page for what failed beside it, which was one transfer of the operation
  if (file < 0 || (write ? ((frame.failedPages >> i) & 1) !== 0 : frame.failed)) return true;
  if ((frame.failures & (write ? WRITING : READING)) !== 0) return true;
  const { files, blocks, claims } = model;
  const { pageSize } = files.store;
  const sharesBuffers = files.sharesBuffers(file);
  // only a buffer cache that shares the object's pages needs frames of its own
  if (sharesBuffers && (frame.starved || claims.framesUsed >= scenario.geometry.frames)) return true;
  const start = (call.page + i) * pageSize;
  const end = Math.min(start + pageSize, frame.maxEof);
  if (end <= start) return false;
  const fs = scenario.fileSystems[scenario.files[file]!.fileSystem]!;
  const holes = !blocks.everyBlock(file, start, end - start);
  // another thread may have filled one after it was in the way, or moved a block off a sector that could not be read or written
  const moved = model.calls.blocksMoved(frame);
  if (
    moved &&
    scenario.media.some((fault) => concerns(fault, write) || (sharesBuffers && concerns(fault, false)))
  )
    return true;
  const wereHoles = holes || moved;
  // no room in pager_map for a second page, which the way through the file system may need; a transfer needs none
  const isThroughFile = fs.blockMap === 'none' || holes || blocks.files[file]!.changes > 0;
  const isCarried = write ? ((frame.started >> i) & 1) !== 0 : frame.transfers > 0;
  if ((isThroughFile || !isCarried) && view.mapPagesUsed() >= scenario.geometry.mapPages) return true;
  // between the steps of a size change a file system refuses what the pager thinks is there
  if (Math.min(frame.minEof, files.inode[file]!) < end) return true;
  if (wereHoles && fs.pastEnd === 'error') return true;
  if (
    wereHoles &&
    write &&
    blocks.highest * scenario.geometry.sectorSize + fs.blockSize > diskBytes(scenario)
  )
    return true;
  // through shared buffers a block is written only after what is not valid of it was read; a hole may have been filled since
  if ((holes || blocks.files[file]!.changes > 0) && write && sharesBuffers) {
    const first = Math.floor(start / fs.blockSize) * fs.blockSize;
    const last = Math.ceil(end / fs.blockSize) * fs.blockSize;
    if (hitsMediaFault(scenario, model, file, first, last, false)) return true;
  }
  return hitsMediaFault(scenario, model, file, start, end, write);
}

function diskBytes(scenario: Scenario): number {
  return scenario.geometry.diskSectors * scenario.geometry.sectorSize;
}

/** Whether the fault makes reads, or writes, fail. */
function concerns(fault: MediaFault, write: boolean): boolean {
  return fault.access !== (write ? 'read' : 'write');
}

/** Whether a sector behind these bytes of the file cannot be read or written. */
function hitsMediaFault(
  scenario: Scenario,
  model: Model,
  file: number,
  start: number,
  end: number,
  write: boolean,
): boolean {
  const { sectorSize } = scenario.geometry;
  return scenario.media.some((fault) => {
    if (!concerns(fault, write)) return false;
    for (let at = start; at < end; at += sectorSize) {
      const address = model.blocks.address(file, at);
      const sector = address === HOLE ? HOLE : Math.floor(address / sectorSize);
      if (sector >= fault.sector && sector < fault.sector + fault.count) return true;
    }
    return false;
  });
}
