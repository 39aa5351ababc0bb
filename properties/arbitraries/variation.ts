/**
 * Scenarios near a given one: its world with a few things changed, its operations with others between them. What the given one
 * came close to is in reach of these more often than of scenarios that are drawn from nothing. New operations follow an abstract
 * state in which the old ones did not happen, which costs some no-ops; any sequence of operations is a scenario.
 */
import { cloneScenario } from '../../src/scenario/compare.ts';
import { SETTLEMENT, type Exception, type Operation, type Scenario } from '../../src/scenario/scenario.ts';
import { aside, percent, weighted } from './choose.ts';
import { drawExceptions, drawMeetings } from './exceptions.ts';
import { drawFileSystem } from './file-systems.ts';
import { drawUnit } from './files.ts';
import { drawGeometry } from './geometry.ts';
import { OperationGenerator } from './operations.ts';
import type { Profile } from './profile.ts';
import type { Random } from './random.ts';

/** New operations of half of the variations; the others have more. */
const FEW = 6;
const MORE = 24;

/** Draws variations by one profile. It keeps scratch memory between scenarios and is not re-entrant. */
export function variations(profile: Profile): (random: Random, parent: Scenario) => Scenario {
  const operations = new OperationGenerator(profile);
  return (random, parent) => {
    const child = cloneScenario(parent);
    delete child.expect;
    if (random.oneIn(3)) changeWorld(random, profile, child);
    const before = parent.threads;
    // two threads that keep locks of their own from one operation to the next could deadlock by themselves
    const isAlone = parent.operations.some(({ kind, other }) => kind === 'lock' && other === 0);
    if (!isAlone && random.oneIn(3)) child.threads = Math.max(before, 1 + weighted(random, profile.threads));
    const grown = (one: Exception): Exception =>
      // the daemon has the number after the last process
      one.thread === before ? { ...one, thread: child.threads } : one;
    const schedule = child.schedule.map(grown);
    const faults = child.faults.map(grown);
    const old = child.operations;
    const fresh: Scenario = { ...child, operations: [], schedule: [], faults: [] };
    operations.draw(random, fresh, 1 + random.below(random.oneIn(2) ? FEW : MORE));
    drawMeetings(random, fresh, operations);
    drawExceptions(random, profile.schedule, fresh, operations, 'schedule');
    drawExceptions(random, profile.faults, fresh, operations, 'faults');
    const shift = old.reduce((most, { id }) => Math.max(most, id), 0);
    for (const one of fresh.operations) one.id += shift;
    child.operations = merge(random, old, fresh.operations);
    child.schedule = join(schedule, fresh.schedule, faults, shift);
    child.faults = join(faults, fresh.faults, child.schedule, shift);
    return child;
  };
}

/** The new operations before the old ones, behind them, or all mixed; each list keeps its order. */
function merge(random: Random, old: readonly Operation[], fresh: readonly Operation[]): Operation[] {
  switch (random.below(4)) {
    case 0:
      return [...fresh, ...old];
    case 1:
    case 2:
      return [...old, ...fresh];
    default: {
      const merged: Operation[] = [];
      let i = 0;
      let j = 0;
      while (i < old.length || j < fresh.length) {
        const left = old.length - i;
        if (random.below(left + fresh.length - j) < left) merged.push(old[i++]!);
        else merged.push(fresh[j++]!);
      }
      return merged;
    }
  }
}

/** Both lists; a new exception whose address is taken is left out. */
function join(
  old: readonly Exception[],
  fresh: readonly Exception[],
  others: readonly Exception[],
  shift: number,
): Exception[] {
  const joined = [...old];
  for (const one of fresh) {
    const operation = one.operation === SETTLEMENT ? SETTLEMENT : one.operation + shift;
    const isTaken = (other: Exception): boolean =>
      other.operation === operation &&
      other.thread === one.thread &&
      other.choice === one.choice &&
      other.subject === one.subject &&
      other.ordinal === one.ordinal;
    if (!joined.some(isTaken) && !others.some(isTaken)) joined.push({ ...one, operation });
  }
  return joined;
}

/** Changes one or two things that scenarios fix. What is where on the disk stays. */
function changeWorld(random: Random, profile: Profile, scenario: Scenario): void {
  const { geometry, fileSystems, files, options } = scenario;
  for (let n = 1 + random.below(2); n > 0; n--) {
    switch (random.below(4)) {
      case 0: {
        const { pbufs, mapPages, frames, cachedObjects } = drawGeometry(random, profile.geometry);
        Object.assign(
          geometry,
          random.pick([{ pbufs }, { mapPages }, { frames }, { cachedObjects }, { pbufs, mapPages, frames }]),
        );
        break;
      }
      case 1: {
        const at = random.below(fileSystems.length);
        const one = fileSystems[at]!;
        const drawn = drawFileSystem(random, profile.fileSystems, geometry);
        const { truncateOrder, tail, clearsTail } = drawn;
        Object.assign(one, { truncateOrder, tail, clearsTail });
        if (one.blockMap === 'disk' && drawn.blockMap === 'disk') one.pastEnd = drawn.pastEnd;
        if (one.blockMap !== 'none') one.sharedBuffers = percent(random, profile.fileSystems.sharedBuffers);
        break;
      }
      case 2: {
        const file = random.pick(files);
        const fs = fileSystems[file.fileSystem]!;
        const unit = drawUnit(random, geometry, fs);
        const size = Math.floor(file.size / unit) * unit + aside(random, unit);
        // its blocks and their places are those of the file as it was
        if (size >= 0 && Math.ceil(size / fs.blockSize) === Math.ceil(file.size / fs.blockSize))
          file.size = size;
        break;
      }
      default:
        options.faultChecksSize = percent(random, profile.faultChecksSize);
        options.diagnostic = random.oneIn(4);
    }
  }
}
