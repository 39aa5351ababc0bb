/**
 * Guards what is particular to sectors as subjects: what a file has when a run begins, runs that are too long to go through, sectors
 * that come back while an old transfer is under way, and a defect that no other machine sees.
 */
import { describe, expect, it } from 'vitest';
import { ACCEPTED_EVENTS } from '../../properties/accepted-events.ts';
import { Judge } from '../../properties/judge.ts';
import { createReferenceTarget } from '../../src/targets/reference.ts';
import type { Observer, Transfer } from '../../src/trace/observer.ts';
import { SMALL_GEOMETRY, type Scenario } from '../../src/scenario/scenario.ts';
import { EMPTY_VIEW, scenarioOf } from '../support/fakes.ts';

const { sectorSize, pageSize } = SMALL_GEOMETRY;

/** Files of a block, of many blocks, and of none. They lie behind each other, from the second page of the disk on. */
const LARGE_BLOCKS = 1000;
const BLOCK_SECTORS = 64 / sectorSize;
const FIRST = pageSize / sectorSize;

function transfer(pbuf: number, file: number, block: number, write = false): Transfer {
  return {
    pbuf,
    thread: 0,
    file,
    device: 'disk',
    write,
    async: false,
    block,
    byteCount: sectorSize,
    bufferSize: sectorSize,
    dirtyOffset: 0,
    dirtyEnd: sectorSize,
    pageOffset: 0,
    frames: new Int32Array(17),
    frameCount: 0,
    failed: false,
    error: 0,
    resid: 0,
  };
}

/** What is said about sectors in a trace. */
function said(trace: (o: Observer) => void): string[] {
  const judge = new Judge(['block-events']);
  const scenario = scenarioOf('get');
  const file = scenario.files[0]!;
  judge.begin({
    ...scenario,
    geometry: { ...SMALL_GEOMETRY, diskSectors: 2 ** 31 - 1 },
    files: [
      { ...file, size: 64 },
      { ...file, size: 64 * LARGE_BLOCKS },
      { ...file, size: 0 },
    ],
  });
  judge.observer.runBegin(
    new Proxy(EMPTY_VIEW, { get: (view, name): unknown => Reflect.get(view, name) ?? ((): number => 0) }),
  );
  trace(judge.observer);
  return judge.violations.map(({ what }) => what);
}

/** Where the large file begins, and how many sectors it has. */
const LARGE = FIRST + BLOCK_SECTORS;
const SECTORS = LARGE_BLOCKS * BLOCK_SECTORS;

describe('a file', () => {
  it('has its own sectors when a run begins, and no others', () => {
    expect(said((o) => o.transferStart(transfer(0, 0, FIRST)))).toEqual([]);
    expect(said((o) => o.transferStart(transfer(0, 1, LARGE + SECTORS - 1)))).toEqual([]);
    expect(said((o) => o.transferStart(transfer(0, 0, LARGE)))).toEqual([
      `sector ${LARGE}, as file 0 has it, does not take READ in state free of ownership; sector ${LARGE} is file 1's block 0`,
    ]);
  });

  it('is not given what another file has from the beginning', () => {
    expect(said((o) => o.allocated(2, 0, LARGE + 5, 1))[0]).toContain(
      'as file 1 has it, does not take ALLOCATE_TO_OTHER in state owned',
    );
  });

  it('may read over the network whatever it likes', () => {
    expect(said((o) => o.transferStart({ ...transfer(0, 0, LARGE), device: 'network' }))).toEqual([]);
  });

  it('is asked for no more sectors than there can be pages', () => {
    const huge = { ...transfer(0, 0, FIRST), byteCount: 0xffffffff };
    expect(said((o) => o.transferStart(huge))[0]).toContain('does not take READ in state free');
  });
});

describe('a long run of sectors', () => {
  const gone = (o: Observer): void => o.freed(1, 500_000, LARGE, SECTORS);

  it('is lost for those that were touched before, and for those that are touched later', () => {
    const before = (o: Observer): void => {
      o.transferStart(transfer(0, 1, LARGE + 7));
      o.transferEnd(transfer(0, 1, LARGE + 7));
    };
    expect(said(before)).toEqual([]);
    const read = (o: Observer): void => o.transferStart(transfer(0, 1, LARGE + 7));
    for (const history of [gone, (o: Observer): void => (before(o), gone(o))]) {
      expect(said(history)).toEqual([]);
      expect(said((o) => (history(o), read(o)))[0]).toContain(
        'does not take READ in state free of ownership',
      );
    }
  });

  it('can be given to another file, whole or in part, once it was lost', () => {
    const part = (o: Observer): void => o.allocated(2, 0, LARGE + 5, 8);
    const whole = (o: Observer): void => o.allocated(2, 0, LARGE, SECTORS);
    for (const give of [part, whole]) {
      expect(said((o) => (gone(o), give(o)))).toEqual([]);
      expect(said((o) => (gone(o), give(o), o.transferStart(transfer(0, 2, LARGE + 5))))).toEqual([]);
    }
    expect(said((o) => (whole(o), o.transferStart(transfer(0, 1, LARGE))))[0]).toContain('ALLOCATE_TO_OTHER');
    expect(said((o) => (gone(o), part(o), part(o)))[0]).toContain('does not take ALLOCATE in state owned');
  });

  it('is not lost twice', () => {
    const touched = (o: Observer): void => o.transferStart(transfer(0, 1, LARGE));
    expect(said((o) => (gone(o), gone(o), touched(o)))[0]).toContain('does not take FREE in state free');
  });
});

describe('a transfer', () => {
  /** The sector is lost while it is read, and comes back. */
  const comesBack = (o: Observer): void => {
    o.transferStart(transfer(0, 1, LARGE));
    o.freed(1, 500_000, LARGE, 1);
    o.allocated(1, 500_001, LARGE, 1);
  };

  it('that began before the file was given the sector anew is nothing to the new one', () => {
    expect(said((o) => (comesBack(o), o.transferStart(transfer(1, 1, LARGE, true))))).toEqual([]);
    expect(
      said((o) => {
        comesBack(o);
        o.transferStart(transfer(1, 1, LARGE, true));
        o.transferEnd(transfer(0, 1, LARGE));
        o.transferStart(transfer(2, 1, LARGE));
      })[0],
    ).toContain('does not take READ in state writing of transfer');
  });

  it('ends for those sectors only that it began with', () => {
    const ends = (o: Observer): void => {
      comesBack(o);
      o.transferEnd(transfer(0, 1, LARGE));
      o.transferStart(transfer(0, 1, LARGE));
      o.transferEnd(transfer(0, 1, LARGE));
    };
    expect(said(ends)).toEqual([]);
  });
});

/** An alloc sleeps, another makes a pager and an object meanwhile: one page of each is the same sectors. */
function twoPagers(): Scenario {
  const scenario = scenarioOf('put', 'store');
  const [put, store] = scenario.operations;
  return {
    ...scenario,
    threads: 2,
    files: [{ fileSystem: 0, size: 1 }],
    operations: [
      { ...put!, valid: 0xff, dirty: 0xff },
      { ...store!, thread: 1 },
    ],
    schedule: [
      { operation: 1, thread: 0, choice: 'malloc', subject: 0, ordinal: 0, take: 'sleep', amount: 0 },
    ],
    target: { name: 'reference', form: 'repaired', switches: ['alloc-race'] },
  };
}

it('two pagers of one file are seen by no other machine when they transfer the same sector at once', () => {
  const judge = new Judge(ACCEPTED_EVENTS.map(({ id }) => id));
  const scenario = twoPagers();
  judge.begin(scenario);
  createReferenceTarget().execute(scenario, judge.observer);
  expect(judge.violations.map(({ property }) => property)).toEqual(['block-events']);
  expect(judge.violations[0]!.what).toContain('of transfer');
});
