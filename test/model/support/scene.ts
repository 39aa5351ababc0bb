/**
 * Scenarios for doctored traces: a small geometry and one plain file system, unless a test says otherwise.
 */
import { operation } from '../../../src/scenario/operations.ts';
import { SCENARIO_VERSION, type FileSystem, type Scenario } from '../../../src/scenario/scenario.ts';

/** Page and sector sizes of the stage. */
export const PAGE = 64;
export const SECTOR = 8;
/** All chunks of a page. */
export const ALL = 0xff;

/** What a test may say of its scenario. */
export interface Setting {
  fileSystems?: Partial<FileSystem>[];
  files?: Scenario['files'];
  operations?: Scenario['operations'];
  faults?: Scenario['faults'];
  threads?: number;
}

/** A file system of whole pages on a disk whose tails are not zero. */
export const PLAIN_FILE_SYSTEM: FileSystem = {
  blockMap: 'disk',
  blockSize: PAGE,
  pastEnd: 'hole',
  fragmentSize: 0,
  sharedBuffers: false,
  truncateOrder: 'setsize-last',
  tail: 'pattern',
  clearsTail: false,
  delayedBlocks: false,
};

/** A scenario: by default one file of 200 bytes (EOF in page 3) in four blocks. */
export function scenarioOf(setting: Setting = {}): Scenario {
  return {
    version: SCENARIO_VERSION,
    geometry: {
      pageSize: PAGE,
      sectorSize: SECTOR,
      frames: 16,
      pbufs: 4,
      mapPages: 4,
      diskSectors: 512,
      cachedObjects: 2,
    },
    options: { diagnostic: false, faultChecksSize: false },
    fileSystems: (setting.fileSystems ?? [{}]).map((one) => ({ ...PLAIN_FILE_SYSTEM, ...one })),
    files: setting.files ?? [{ fileSystem: 0, size: 200 }],
    threads: setting.threads ?? 2,
    operations: setting.operations ?? [operation(1, 0, 'fault'), operation(2, 0, 'store')],
    schedule: [],
    faults: setting.faults ?? [],
    media: [],
    target: { name: 'stage', form: 'repaired', switches: [] },
  };
}
