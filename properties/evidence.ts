/**
 * What may have gone wrong for a pager through no fault of its own: failing transfers and calls that the scenario asks for, a
 * disconnected vnode, a disk, memory or map that is full, a size change under way. Asked only when a pager reports a failure,
 * so it may be slow.
 */
import type { Scenario } from '../src/scenario/scenario.ts';
import type { PagerCall } from '../src/trace/observer.ts';
import type { View } from '../src/trace/view.ts';
import { HOLE } from '../model/blocks.ts';
import { FAILURE, type CallFrame } from '../model/calls.ts';
import type { Model } from '../model/model.ts';

const READING = FAILURE.bmap | FAILURE.read | FAILURE.kmem | FAILURE.page;
const WRITING = FAILURE.bmap | FAILURE.write | FAILURE.update | FAILURE.kmem | FAILURE.page;

/** Whether a get or put of these pages may report ERROR. */
export function mayFail(
  scenario: Scenario,
  model: Model,
  view: View,
  call: PagerCall,
  frame: CallFrame,
  write: boolean,
): boolean {
  const { file } = call;
  if (frame.failed || file < 0 || !frame.mounted || !view.fileMounted(file)) return true;
  if ((frame.failures & (write ? WRITING : READING)) !== 0) return true;
  // no frame for the buffer cache, no room in pager_map
  if (frame.starved || model.claims.framesUsed >= scenario.geometry.frames) return true;
  if (view.mapPagesUsed() >= scenario.geometry.mapPages) return true;
  const { files, blocks } = model;
  const { pageSize } = files.store;
  // between the steps of a size change a file system refuses what the pager thinks is there
  if (frame.minEof !== frame.maxEof || files.inode[file]! < frame.maxEof) return true;
  const start = call.page * pageSize;
  const end = Math.min(start + call.count * pageSize, frame.maxEof);
  if (end <= start) return false;
  const fs = scenario.fileSystems[scenario.files[file]!.fileSystem]!;
  const holes = !blocks.everyBlock(file, start, end - start);
  if (holes && fs.pastEnd === 'error') return true;
  if (holes && write && blocks.highest * scenario.geometry.sectorSize + fs.blockSize > diskBytes(scenario))
    return true;
  // through shared buffers a block is written only after what is not valid of it was read; a hole may have been filled since
  if ((holes || blocks.files[file]!.changed) && write && files.sharesBuffers(file)) {
    const first = Math.floor(start / fs.blockSize) * fs.blockSize;
    const last = Math.ceil(end / fs.blockSize) * fs.blockSize;
    if (hitsMediaFault(scenario, model, file, first, last, false)) return true;
  }
  return hitsMediaFault(scenario, model, file, start, end, write);
}

function diskBytes(scenario: Scenario): number {
  return scenario.geometry.diskSectors * scenario.geometry.sectorSize;
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
    if (fault.access === (write ? 'read' : 'write')) return false;
    for (let at = start; at < end; at += sectorSize) {
      const address = model.blocks.address(file, at);
      const sector = address === HOLE ? HOLE : Math.floor(address / sectorSize);
      if (sector >= fault.sector && sector < fault.sector + fault.count) return true;
    }
    return false;
  });
}
