/**
 * Guards that every pair of state and event that a machine refuses is a violation that names subject, state and event: for each,
 * a doctored trace leads there by events that are taken, and then emits the one that is not.
 */
import { describe, expect, it } from 'vitest';
import { ACCEPTED_EVENTS } from '../../properties/accepted-events.ts';
import { Judge } from '../../properties/judge.ts';
import { MACHINES } from '../../properties/machines.ts';
import type { CompiledMachine } from '../../model/machines/compile.ts';
import { Population } from '../../model/machines/population.ts';
import { operation } from '../../src/scenario/operations.ts';
import { SMALL_GEOMETRY } from '../../src/scenario/scenario.ts';
import type { Observer, PagerCall, Transfer } from '../../src/trace/observer.ts';
import { entriesOf, type Entry } from '../model/machines/entries.ts';
import { EMPTY_VIEW, scenarioOf } from '../support/fakes.ts';

const IDS = ACCEPTED_EVENTS.map(({ id }) => id);

function call(changes: Partial<PagerCall>): PagerCall {
  return {
    thread: 0,
    function: 'getmulti',
    operation: operation(1, 0, 'get'),
    file: 0,
    object: -1,
    count: 0,
    reqpage: 0,
    page: 0,
    frames: Int32Array.of(0, 1, -1, -1, -1, -1, -1, -1),
    rtvals: new Int32Array(8),
    size: 0,
    result: 0,
    locked: false,
    ...changes,
  };
}

function transfer(changes: Partial<Transfer>): Transfer {
  return {
    pbuf: 0,
    thread: 0,
    file: 0,
    device: 'disk',
    write: false,
    async: false,
    block: 0,
    byteCount: 64,
    bufferSize: 64,
    dirtyOffset: 0,
    dirtyEnd: 64,
    pageOffset: 0,
    frames: new Int32Array(16),
    frameCount: 0,
    failed: false,
    error: 0,
    resid: 0,
    ...changes,
  };
}

/** The sector that the traces are about: no file's when a run begins; the model takes it for file 0's block 3. */
const SECTOR = 100;

function disk(changes: Partial<Transfer>): Transfer {
  return transfer({ block: SECTOR, byteCount: SMALL_GEOMETRY.sectorSize, ...changes });
}

/**
 * What makes a trace say each event: of frame 0, of pbuf 0, of object 0, of a sector of file 0. Ends of calls say it of the call that
 * they end.
 */
const ACTS: Record<string, Record<string, (o: Observer) => void>> = {
  page: {
    ALLOCATE: (o) => o.pageAllocated(0, 0, 0, 0),
    BUSY: (o) => o.pageBusied(0, 0),
    WAKEUP: (o) => o.pageWakeup(0),
    FREE: (o) => o.pageFreed(0),
    REQUEST: (o) => o.pagerCall(call({ count: 1 })),
    BRING: (o) => o.pagerCall(call({ count: 1, reqpage: 1 })),
    OFFER: (o) => o.pagerCall(call({ function: 'putmulti', count: 1 })),
    READ: (o) => o.transferStart(transfer({ frameCount: 1 })),
    READ_END: (o) => o.transferEnd(transfer({ frameCount: 1 })),
    WRITE: (o) => o.transferStart(transfer({ frameCount: 1, write: true })),
    WRITE_END: (o) => o.transferEnd(transfer({ frameCount: 1, write: true })),
  },
  buffer: {
    START: (o) => o.transferStart(transfer({})),
    MOVE: (o) => o.transferEnd(transfer({})),
    COMPLETE: (o) => o.pagerCall(call({ function: 'iodone' })),
    COMPLETE_END: (o) => o.pagerReturn(call({ function: 'iodone' })),
  },
  object: {
    CREATE: (o) => o.objectCreated(0),
    DIE: (o) => o.objectDying(0),
    DESTROY: (o) => o.objectFreed(0),
    CLAIM: (o) => o.claim(0, 0, 1),
    RELEASE: (o) => {
      o.claim(0, 0, 1);
      o.release(0, 0, 1);
    },
    RELEASE_LAST: (o) => o.release(0, 0, 1),
    ATTACH: (o) => {
      const alloc = call({ function: 'alloc' });
      o.pagerCall(alloc);
      o.pagerReturn({ ...alloc, result: 1 });
    },
    DETACH: (o) => o.pagerCall(call({ function: 'dealloc', object: 0 })),
    DETACH_END: (o) => o.pagerReturn(call({ function: 'dealloc', object: 0 })),
    GET: (o) => o.pagerCall(call({ object: 0 })),
    PUT: (o) => o.pagerCall(call({ function: 'putmulti', object: 0 })),
  },
  block: {
    ALLOCATE: (o) => o.allocated(0, 3, SECTOR, 1),
    ALLOCATE_TO_OTHER: (o) => o.allocated(1, 3, SECTOR, 1),
    // of a block that does not have it: a place that was left before
    FREE: (o) => o.freed(0, 9, SECTOR, 1),
    TRUNCATE: (o) => o.freed(0, 3, SECTOR, 1),
    TELL: (o) => {
      const setsize = call({ function: 'setsize', object: 0, size: 256 });
      o.pagerCall(setsize);
      o.pagerReturn(setsize);
    },
    READ: (o) => o.transferStart(disk({})),
    READ_END: (o) => o.transferEnd(disk({})),
    WRITE: (o) => o.transferStart(disk({ write: true })),
    WRITE_END: (o) => o.transferEnd(disk({ write: true })),
  },
};

/** What every trace begins with: the model must have heard of the sector, or it does not call its loss a truncation. */
const PRELUDE: Record<string, string[]> = { block: ['ALLOCATE', 'FREE'] };

/** A view in which everything is 0. */
const VIEW = new Proxy(EMPTY_VIEW, {
  get: (view, name): unknown => Reflect.get(view, name) ?? ((): number => 0),
});

/**
 * Never refused, by the making of the monitor: ends of calls are only told of pages that are in the call, a release that leaves
 * claims only where the model counts some, the end of setsize only to sectors that wait for it; and while a sector waits, each
 * further loss of it is a truncation.
 */
const NEVER = new Set([
  'REQUEST_END',
  'BRING_END',
  'OFFER_END',
  'RELEASE',
  'TELL',
  'FREE in ownership truncated',
]);

const isTold = ({ region, state, event }: Entry): boolean =>
  !NEVER.has(event) && !NEVER.has(`${event} in ${region} ${state}`);

/**
 * What is refused by an earlier region as well, whichever way leads there: a page of a get is busy, and a pager leaves only an object
 * that is dying.
 */
const SHADOWED: Record<string, string[]> = {
  page: ['FREE in call requested', 'FREE in call brought'],
  buffer: [],
  object: ['ATTACH in pager leaving', 'GET in pager leaving'],
  block: [],
};

/**
 * The shortest list of events, all of them taken by every region, after which a region is in a state and is the first to refuse the
 * event; null if there is none, because an earlier region refuses it in every such state.
 */
function wayTo(machine: CompiledMachine, { region, state, event: last }: Entry): string[] | null {
  const at = machine.regions.findIndex(({ name }) => name === region);
  const queue: string[][] = [PRELUDE[machine.id] ?? []];
  const seen = new Set<string>();
  for (const way of queue) {
    const population = new Population(machine);
    const isTaken = way.every((event) => population.apply(0, machine.events.indexOf(event)) < 0);
    const here = machine.regions.map((_, i) => population.stateOf(0, i)).join();
    if (!isTaken || seen.has(here)) continue;
    seen.add(here);
    if (population.stateOf(0, at) === state && population.apply(0, machine.events.indexOf(last)) === at)
      return way;
    for (const event of machine.events)
      if (ACTS[machine.id]![event] !== undefined) queue.push([...way, event]);
  }
  return null;
}

describe.each(Object.values(MACHINES))('the machine of $id', (machine) => {
  const refused = entriesOf(machine).filter((entry) => entry.to === null && isTold(entry));

  it('refuses something in every region', () => {
    for (const { name } of machine.regions) expect(refused.some(({ region }) => region === name)).toBe(true);
  });

  const shown = refused.filter((entry) => wayTo(machine, entry) !== null);

  it('refuses alone all but what another region refuses in each of those states', () => {
    const others = refused.filter((entry) => !shown.includes(entry));
    expect(others.map(({ region, state, event }) => `${event} in ${region} ${state}`)).toEqual(
      SHADOWED[machine.id],
    );
  });

  it.each(shown)('$region: $event in $state is a violation', ({ region, state, event }: Entry) => {
    const way = wayTo(machine, { region, state, event } as Entry);
    const judge = new Judge(IDS);
    const scenario = scenarioOf('get');
    judge.begin({ ...scenario, files: [...scenario.files, ...scenario.files] });
    judge.observer.runBegin(VIEW);
    for (const step of way!) ACTS[machine.id]![step]!(judge.observer);
    const property = `${machine.id}-events`;
    expect(judge.violations.filter((one) => one.property === property)).toEqual([]);
    ACTS[machine.id]![event]!(judge.observer);
    const found = judge.violations.find((one) => one.property === property);
    expect(found?.what).toContain(` does not take ${event} in state ${state} of ${region}`);
    expect(found).toMatchObject({ observed: state });
  });
});
