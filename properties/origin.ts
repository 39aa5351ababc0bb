/**
 * Where wrong bytes came from. Every byte of the simulated world carries a stamp of its writer; a run of four or more is looked
 * up in the pattern table, and the writers in play are asked whether they could have put it there. Slow; only for a violation
 * that is reported.
 */
import {
  PATTERN,
  PATTERN_LENGTH,
  STAMP_DISK,
  STAMP_FAILED,
  STAMP_FILE,
  STAMP_OPERATION,
  STAMP_POISON,
  STAMP_TAIL,
} from '../src/scenario/pattern.ts';
import type { Scenario } from '../src/scenario/scenario.ts';

/** Shorter runs agree with too many places. */
const RUN_MIN = 4;
/** Longer ones say nothing more. */
const RUN_MAX = 16;

/** What is known of the place where wrong bytes were found. */
export interface Place {
  /** File offset of the first wrong byte. */
  position: number;
  /** File that it belongs to. */
  file: number;
  /** Frame and offset in the page, if they are in memory; -1 otherwise. */
  frame: number;
  pageOffset: number;
}

/** Phases of the table at which the bytes begin. */
function phasesOf(bytes: Uint8Array): number[] {
  const phases: number[] = [];
  for (let phase = 0; phase < PATTERN_LENGTH; phase++) {
    let i = 0;
    while (i < bytes.length && PATTERN[phase + i] === bytes[i]) i++;
    if (i === bytes.length) phases.push(phase);
  }
  return phases;
}

const modulo = (a: number): number => ((a % PATTERN_LENGTH) + PATTERN_LENGTH) % PATTERN_LENGTH;

/** Least position at which a stamp is in that phase. */
const positionOf = (stamp: number, phase: number): number => modulo(phase - stamp * 7919);

/** Whether a stamp is in that phase at that very position. */
const isAt = (stamp: number, phase: number, position: number): boolean =>
  positionOf(stamp, phase) === position % PATTERN_LENGTH;

/** Says where `bytes` came from, or undefined if nobody in play can have written them. */
export function originOf(bytes: Uint8Array, place: Place, scenario: Scenario): string | undefined {
  let length = Math.min(bytes.length, RUN_MAX);
  const zeros = bytes.subarray(0, length).every((byte) => byte === 0);
  if (zeros) return 'zeros';
  // the run may end where another writer's begins: take as much of it as is recognised
  for (; length >= RUN_MIN; length--) {
    const phases = phasesOf(bytes.subarray(0, length));
    for (const judge of [here, elsewhere]) {
      for (const phase of phases) {
        const found = judge(phase, place, scenario);
        if (found !== undefined) return `${length} bytes: ${found}`;
      }
    }
  }
  return undefined;
}

/** Writers whose bytes belong at this very place. */
function here(phase: number, place: Place, scenario: Scenario): string | undefined {
  const { position, file, frame, pageOffset } = place;
  const { pageSize } = scenario.geometry;
  if (isAt(STAMP_FILE + file, phase, position)) return `the initial contents of file ${file} at this offset`;
  for (const operation of scenario.operations) {
    if (isAt(STAMP_OPERATION + operation.id, phase, position))
      return `stored at this offset by operation ${operation.id}`;
  }
  if (isAt(STAMP_TAIL, phase, position)) return `what lay on disk past the end of the file`;
  if (frame >= 0 && isAt(STAMP_POISON, phase, frame * pageSize + pageOffset))
    return 'what a new page holds before it is filled';
  return undefined;
}

/** Writers whose bytes belong somewhere else. */
function elsewhere(phase: number, place: Place, scenario: Scenario): string | undefined {
  const { geometry, files, operations } = scenario;
  const aligned = (position: number): boolean => (position - place.position) % geometry.sectorSize === 0;
  for (let file = 0; file < files.length; file++) {
    const position = positionOf(STAMP_FILE + file, phase);
    if (position < files[file]!.size && aligned(position))
      return `the initial contents of file ${file} at offset ${position}`;
  }
  for (const operation of operations) {
    const position = positionOf(STAMP_OPERATION + operation.id, phase);
    const end =
      operation.page * geometry.pageSize + 8 * geometry.pageSize + operation.offset + operation.length;
    if (position < end && aligned(position))
      return `stored at offset ${position} by operation ${operation.id}`;
  }
  const address = positionOf(STAMP_DISK, phase);
  if (address < geometry.diskSectors * geometry.sectorSize && aligned(address)) {
    return `sector ${Math.floor(address / geometry.sectorSize)} of the disk, which nobody ever wrote`;
  }
  const failed = positionOf(STAMP_FAILED, phase);
  if (failed < geometry.pageSize * 16 && aligned(failed)) return 'what a failed transfer left behind';
  const tail = positionOf(STAMP_TAIL, phase);
  if (tail < PATTERN_LENGTH && aligned(tail))
    return `what lay on disk past the end of a file, at offset ${tail}`;
  const poison = positionOf(STAMP_POISON, phase);
  if (poison < geometry.frames * geometry.pageSize)
    return `what frame ${Math.floor(poison / geometry.pageSize)} held before it was filled`;
  return undefined;
}
