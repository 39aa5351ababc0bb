/**
 * Where wrong bytes came from. Every byte of the simulated world carries a stamp of its writer; a run of four or more is looked
 * up in the pattern table, and the writers in play are asked whether they could have put it there. Fewer bytes agree with so
 * many places that they are traced only if all writers, wherever they wrote, leave one place. Slow; only for a violation that is
 * reported.
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
import { counted } from './watcher.ts';

/** Shorter runs agree with too many places, and are traced only if all others can be excluded. */
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

/** Phases of the table by the byte that it has there. */
const PHASES: number[][] = Array.from({ length: 256 }, () => []);
for (let phase = 0; phase < PATTERN_LENGTH; phase++) PHASES[PATTERN[phase]!]!.push(phase);

/** Phases of the table at which at least the first byte is found, and how many are. */
function matchesOf(bytes: Uint8Array): { phase: number; length: number }[] {
  if (bytes.length === 0) return [];
  return PHASES[bytes[0]!]!.map((phase) => {
    let length = 1;
    while (length < bytes.length && PATTERN[phase + length] === bytes[length]) length++;
    return { phase, length };
  });
}

const modulo = (a: number): number => ((a % PATTERN_LENGTH) + PATTERN_LENGTH) % PATTERN_LENGTH;

/** Least position at which a stamp is in that phase. */
const positionOf = (stamp: number, phase: number): number => modulo(phase - stamp * 7919);

/** Somebody whose bytes may be anywhere, and where they were meant to be. */
interface Writer {
  stamp: number;
  /** It wrote at positions below this. */
  end: number;
  /** Position that its bytes have if they are where they were found; -1 if they belong somewhere else. */
  own: number;
  /** What they are then. */
  here: string;
  /** What they are otherwise. */
  elsewhere: (position: number) => string;
  /** Whether they get somewhere else by other ways than transfers, which move whole sectors. */
  isAnyhow: boolean;
}

/** All who write in that scenario. */
function writersOf(place: Place, scenario: Scenario): Writer[] {
  const { geometry, files, operations } = scenario;
  const { pageSize, sectorSize } = geometry;
  const { position: own, frame } = place;
  const writers: Writer[] = [];
  const add = (stamp: number, end: number, fields: Partial<Writer> & Pick<Writer, 'elsewhere'>): void => {
    writers.push({ stamp, end, own: -1, here: '', isAnyhow: false, ...fields });
  };
  let farthest = 0;
  for (const [file, { size }] of files.entries()) {
    const contents = `the initial contents of file ${file}`;
    farthest = Math.max(farthest, size);
    add(STAMP_FILE + file, size, {
      own: file === place.file ? own : -1,
      here: `${contents} at this offset`,
      elsewhere: (position) => `${contents} at offset ${position}`,
    });
  }
  for (const { id, page, offset, length } of operations) {
    const end = page * pageSize + 8 * pageSize + offset + length;
    farthest = Math.max(farthest, end);
    add(STAMP_OPERATION + id, end, {
      own,
      here: `stored at this offset by operation ${id}`,
      elsewhere: (position) => `stored at offset ${position} by operation ${id}`,
    });
  }
  add(STAMP_DISK, geometry.diskSectors * sectorSize, {
    elsewhere: (position) =>
      `sector ${Math.floor(position / sectorSize)} of the disk, which nobody ever wrote`,
  });
  add(STAMP_FAILED, pageSize * 16, { elsewhere: () => 'what a failed transfer left behind' });
  // a tail ends with the block in which a file ends
  add(STAMP_TAIL, farthest + Math.max(...scenario.fileSystems.map(({ blockSize }) => blockSize)), {
    own,
    here: 'what lay on disk past the end of the file',
    elsewhere: (position) => `what lay on disk past the end of a file, at offset ${position}`,
  });
  add(STAMP_POISON, geometry.frames * pageSize, {
    own: frame < 0 ? -1 : frame * pageSize + place.pageOffset,
    here: 'what a new page holds before it is filled',
    elsewhere: (position) => `what frame ${Math.floor(position / pageSize)} held before it was filled`,
    isAnyhow: true,
  });
  return writers;
}

/** Says where `bytes` came from, or undefined if nobody in play can have written them, or too many can. */
export function originOf(bytes: Uint8Array, place: Place, scenario: Scenario): string | undefined {
  let length = Math.min(bytes.length, RUN_MAX);
  const zeros = bytes.subarray(0, length).every((byte) => byte === 0);
  if (zeros) return 'zeros';
  const writers = writersOf(place, scenario);
  const matches = matchesOf(bytes.subarray(0, length));
  const phasesOf = (least: number): number[] =>
    matches.filter((one) => one.length >= least).map(({ phase }) => phase);
  const found = length < RUN_MIN ? onlyOrigin(phasesOf(length), writers) : undefined;
  if (found !== undefined) return `${counted(length, 'byte')}: ${found}`;
  // the run may end where another writer's begins: take as much of it as is recognised
  for (; length >= RUN_MIN; length--) {
    const phases = phasesOf(length);
    const origin = here(phases, writers) ?? elsewhere(phases, writers, place, scenario);
    if (origin !== undefined) return `${length} bytes: ${origin}`;
  }
  return undefined;
}

/** The one place of all that anybody wrote to where there are such bytes. */
function onlyOrigin(phases: readonly number[], writers: readonly Writer[]): string | undefined {
  let only: string | undefined;
  for (const phase of phases) {
    for (const { stamp, end, own, here: there, elsewhere: away } of writers) {
      for (let position = positionOf(stamp, phase); position < end; position += PATTERN_LENGTH) {
        if (only !== undefined) return undefined;
        only = position === own ? there : away(position);
      }
    }
  }
  return only;
}

/** Writers whose bytes belong at this very place. */
function here(phases: readonly number[], writers: readonly Writer[]): string | undefined {
  for (const phase of phases) {
    const writer = writers.find(
      ({ stamp, own }) => own >= 0 && positionOf(stamp, phase) === own % PATTERN_LENGTH,
    );
    if (writer !== undefined) return writer.here;
  }
  return undefined;
}

/** Writers whose bytes belong somewhere else. */
function elsewhere(
  phases: readonly number[],
  writers: readonly Writer[],
  place: Place,
  scenario: Scenario,
): string | undefined {
  for (const phase of phases) {
    for (const { stamp, end, isAnyhow, elsewhere: away } of writers) {
      const position = positionOf(stamp, phase);
      const isAligned = (position - place.position) % scenario.geometry.sectorSize === 0;
      if (position < end && (isAnyhow || isAligned)) return away(position);
    }
  }
  return undefined;
}
