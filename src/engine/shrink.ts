/**
 * Candidates of the shrinker: every way to make a scenario a little smaller, in a fixed order, the ones that promise most
 * first. A search that accepts one goes on where it was and comes back to the beginning afterwards, so that its end is a
 * scenario none of whose candidates fails, whatever way led there. Candidates are scenarios like any other, strictly smaller in
 * `measure`, and a pure function of the scenario. Whether a candidate still fails is for the caller to find out.
 */
import { BOUNDS, type Scenario } from '../scenario/scenario.ts';
import { compareMeasures, measure } from './shrink-measure.ts';
import {
  clearExceptions,
  mergeThreads,
  removeExceptions,
  removeFiles,
  removeFileSystems,
  removeOperations,
  removePairs,
  renumberIds,
  type Pass,
} from './shrink-removal.ts';
import { tradeOperations } from './shrink-trade.ts';
import { movePages, shiftFiles, simplifyArguments, simplifyExceptions } from './shrink-values.ts';
import { plainDisk, plainFiles, plainFileSystems, plainGeometry, plainOptions } from './shrink-world.ts';

/** Where in the order a candidate stands. */
export interface Place {
  pass: number;
  step: number;
}

/** A smaller scenario. */
export interface Candidate {
  scenario: Scenario;
  place: Place;
}

/** All kinds of change. Ids are renumbered at the very end: that changes the bytes that operations store. */
const PASSES: readonly Pass[] = [
  clearExceptions,
  removeOperations,
  removeExceptions,
  mergeThreads,
  removeFiles,
  removeFileSystems,
  removePairs,
  tradeOperations,
  plainGeometry,
  plainFileSystems,
  plainOptions,
  plainFiles,
  shiftFiles,
  movePages,
  simplifyArguments,
  simplifyExceptions,
  plainDisk,
  renumberIds,
];

const BEGINNING: Place = { pass: 0, step: 0 };

/** The candidates from a place on, then those before it. Each of them once. */
export function* candidates(scenario: Scenario, from: Place = BEGINNING): Generator<Candidate> {
  yield* between(scenario, from, null);
  if (from.pass > 0 || from.step > 0) yield* between(scenario, BEGINNING, from);
}

function* between(scenario: Scenario, from: Place, to: Place | null): Generator<Candidate> {
  const size = measure(scenario);
  const last = to === null ? PASSES.length - 1 : to.pass;
  for (let pass = from.pass; pass <= last; pass++) {
    for (const { step, make } of PASSES[pass]!(scenario)) {
      if (pass === from.pass && step < from.step) continue;
      if (to !== null && pass === to.pass && step >= to.step) break;
      const smaller = make();
      if (smaller !== null && hasDisk(smaller) && compareMeasures(measure(smaller), size) < 0) {
        yield { scenario: smaller, place: { pass, step } };
      }
    }
  }
}

/** Plainer files of gigabytes may need a disk that there cannot be. */
function hasDisk({ geometry }: Scenario): boolean {
  return (
    geometry.diskSectors <= BOUNDS.diskSectors[1] &&
    geometry.diskSectors * geometry.sectorSize <= BOUNDS.diskBytes
  );
}
