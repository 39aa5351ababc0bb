/**
 * Whole scenarios: a machine, file systems, files, operations that follow their state, and departures from the plain run. What
 * is drawn is a pure function of the random source and the profile; the target is filled in by whoever runs it.
 */
import { layoutOf } from '../../src/scenario/layout.ts';
import { BOUNDS, SCENARIO_VERSION, type FileSystem, type Scenario } from '../../src/scenario/scenario.ts';
import { percent, weighted, within } from './choose.ts';
import { drawCallsInside, drawExceptions, drawMedia, drawMeetings, drawVainSleeps } from './exceptions.ts';
import { drawFiles } from './files.ts';
import { drawDelays, drawFileSystem } from './file-systems.ts';
import { drawGeometry } from './geometry.ts';
import { OperationGenerator } from './operations.ts';
import type { Profile } from './profile.ts';
import type { Random } from './random.ts';

/** A generator of scenarios of one profile. It keeps scratch memory between scenarios and is not re-entrant. */
export function scenarios(profile: Profile): (random: Random) => Scenario {
  const operations = new OperationGenerator(profile);
  return (random) => {
    const geometry = drawGeometry(random, profile.geometry);
    const fileSystems: FileSystem[] = [];
    for (let n = within(random, profile.fileSystems.count); n > 0; n--) {
      fileSystems.push(drawFileSystem(random, profile.fileSystems, geometry));
    }
    const scenario: Scenario = {
      version: SCENARIO_VERSION,
      geometry,
      options: { diagnostic: random.oneIn(4), faultChecksSize: percent(random, profile.faultChecksSize) },
      fileSystems,
      files: drawFiles(random, profile.files, geometry, fileSystems),
      threads: 1 + weighted(random, profile.threads),
      operations: [],
      schedule: [],
      faults: [],
      media: [],
      target: { name: 'reference', form: 'repaired', switches: [] },
    };
    let blockSize = 0;
    for (const fs of fileSystems) blockSize = Math.max(blockSize, fs.blockSize);
    const free = (within(random, random.pick(profile.geometry.freeBlocks)) * blockSize) / geometry.sectorSize;
    const { diskSectors } = BOUNDS;
    geometry.diskSectors = Math.min(
      Math.max(layoutOf(scenario).firstFree + free, diskSectors[0]),
      diskSectors[1],
    );
    const length = percent(random, profile.short) ? random.between(1, 8) : within(random, profile.length);
    operations.draw(random, scenario, length);
    drawMeetings(random, scenario, operations);
    drawExceptions(random, profile.schedule, scenario, operations, 'schedule');
    drawExceptions(random, profile.faults, scenario, operations, 'faults');
    scenario.media = drawMedia(random, profile.media, scenario);
    drawCallsInside(random, scenario, operations);
    drawDelays(random, fileSystems);
    drawVainSleeps(random, scenario, operations);
    return scenario;
  };
}
