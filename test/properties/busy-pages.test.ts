/**
 * Guards the properties of busy pages: foreign hands, pages left busy, the states in which gets and puts leave their pages.
 */
import { BUSY_PAGES } from '../../properties/busy-pages.ts';
import { PG_ACTIVE, PG_BUSY, PG_INACTIVE, VM_PAGER_ERROR, VM_PAGER_PEND } from '../../src/trace/codes.ts';
import { ALL } from '../model/support/scene.ts';
import type { Stage } from '../model/support/stage.ts';
import { testFamily } from './support/judged.ts';
import { completed } from './support/traces.ts';

/** A get of pages 0 and 1, of which 0 is wanted; `leave` says what becomes of the neighbour. */
function withNeighbour(stage: Stage, leave: (frame: number) => void): void {
  const object = stage.object(0);
  const frames = [0, 1].map((page) => stage.allocate(object, page));
  const call = stage.call('getmulti', { run: frames });
  const transfer = stage.transfer(frames);
  for (const frame of frames) stage.fill(frame);
  stage.finish(transfer);
  leave(frames[1]!);
  stage.return(call);
}

/** A put of page 0 during which something is done to it. */
function put(stage: Stage, during: (frame: number) => void, status = 0): void {
  const frame = stage.fault(stage.object(0), 0);
  stage.store(frame, 0, 64);
  stage.busy(frame);
  const call = stage.call('putmulti', { run: [frame] });
  stage.save(frame);
  during(frame);
  stage.pages[frame]!.dirty = 0;
  stage.return(call, status, [status]);
}

testFamily(
  BUSY_PAGES,
  [
    {
      property: 'owner-unbusies',
      when: 'another thread un-busies a page',
      says: 'un-busied by thread 1',
      play: (stage) => {
        const frame = stage.allocate(stage.object(0), 0);
        stage.operation(5, 'fault', 1);
        stage.wakeup(frame);
      },
    },
    {
      property: 'owner-unbusies',
      when: 'another thread frees a page',
      says: 'freed by thread 1',
      play: (stage) => {
        const frame = stage.allocate(stage.object(0), 0);
        stage.operation(5, 'fault', 1);
        stage.free(frame);
      },
    },
    {
      property: 'owner-unbusies',
      when: 'the completion of a synchronous transfer un-busies its page',
      says: 'the completion of pbuf 0',
      play: (stage) => {
        const frame = stage.allocate(stage.object(0), 0);
        stage.call('getmulti', { run: [frame] });
        stage.fill(frame);
        stage.finish(stage.transfer([frame]), () => stage.wakeup(frame));
      },
    },
    {
      property: 'owner-unbusies',
      when: 'the thread un-busies a page that is on its way with an asynchronous transfer',
      says: 'the asynchronous transfer that carries it',
      play: (stage) => {
        const frame = stage.allocate(stage.object(0), 0);
        stage.call('getmulti', { run: [frame] });
        stage.transfer([frame], { async: true });
        stage.fill(frame);
        stage.wakeup(frame);
      },
    },
    {
      property: 'busy-pages-owned',
      when: 'a neighbour is left busy without a transfer',
      play: (stage) => withNeighbour(stage, () => {}),
    },
    {
      property: 'busy-pages-owned',
      when: 'the owner of a busy page has nothing to do any more',
      play: (stage) => {
        stage.allocate(stage.object(0), 0);
        stage.observer.idle();
      },
    },
    {
      property: 'requested-page-kept',
      when: 'a get frees the requested page',
      says: 'freed',
      play: (stage) => {
        const frame = stage.allocate(stage.object(0), 0);
        const call = stage.call('getmulti', { run: [frame] });
        stage.wakeup(frame);
        stage.free(frame);
        stage.return(call, VM_PAGER_ERROR);
      },
    },
    {
      property: 'requested-page-kept',
      when: 'a get un-busies the requested page',
      play: (stage) => {
        const frame = stage.allocate(stage.object(0), 0);
        const call = stage.call('getmulti', { run: [frame] });
        stage.wakeup(frame);
        stage.return(call, VM_PAGER_ERROR);
      },
    },
    {
      property: 'requested-page-kept',
      when: 'a get puts the requested page on a queue',
      play: (stage) => {
        const frame = stage.allocate(stage.object(0), 0);
        const call = stage.call('getmulti', { run: [frame] });
        stage.pages[frame]!.flags |= PG_ACTIVE;
        stage.return(call, VM_PAGER_ERROR);
      },
    },
    ...(
      [
        ['is not wholly valid', (page) => void (page.valid = ALL >> 1)],
        ['is dirty', (page) => void (page.dirty = 1)],
        ['is on no queue', (page) => void (page.flags &= ~PG_INACTIVE)],
        ['is busy again', (page) => void (page.flags |= PG_BUSY)],
      ] as [string, (page: Stage['pages'][number]) => void][]
    ).map(([how, leave]) => ({
      property: 'neighbour-states',
      when: `a neighbour ${how} when its asynchronous transfer has completed`,
      says: 'asynchronous',
      play: completed(leave),
    })),
    {
      property: 'neighbour-states',
      when: 'a neighbour is on no queue',
      play: (stage) => withNeighbour(stage, (frame) => stage.wakeup(frame)),
    },
    {
      property: 'neighbour-states',
      when: 'a neighbour is not wholly valid',
      play: (stage) =>
        withNeighbour(stage, (frame) => {
          stage.deactivate(frame);
          stage.pages[frame]!.valid = 0x7f;
          stage.wakeup(frame);
        }),
    },
    {
      property: 'neighbour-states',
      when: 'a neighbour is dirty',
      play: (stage) =>
        withNeighbour(stage, (frame) => {
          stage.deactivate(frame);
          stage.pages[frame]!.dirty = ALL;
          stage.wakeup(frame);
        }),
    },
    {
      property: 'put-keeps-pages',
      when: 'a put frees its page',
      play: (stage) =>
        put(stage, (frame) => {
          stage.wakeup(frame);
          stage.free(frame);
        }),
    },
    {
      property: 'put-keeps-pages',
      when: 'a put moves its page to another queue',
      play: (stage) =>
        put(stage, (frame) => {
          stage.pages[frame]!.flags ^= PG_ACTIVE | PG_INACTIVE;
        }),
    },
    {
      property: 'put-keeps-pages',
      when: 'a put sleeps after un-busying its page, without a claim',
      play: (stage) =>
        put(stage, (frame) => {
          stage.wakeup(frame);
          stage.sleep();
          stage.resume();
        }),
    },
    {
      property: 'put-keeps-pages',
      when: 'a put leaves a claim on its page',
      play: (stage) =>
        put(stage, (frame) => {
          stage.pages[frame]!.busy = 1;
        }),
    },
  ],
  [
    {
      when: 'a neighbour is in use',
      play: (stage) =>
        withNeighbour(stage, (frame) => {
          stage.deactivate(frame);
          stage.wakeup(frame);
        }),
    },
    {
      when: 'a neighbour is given back',
      play: (stage) =>
        withNeighbour(stage, (frame) => {
          stage.wakeup(frame);
          stage.free(frame);
        }),
    },
    {
      when: 'a neighbour was taken by another thread after it was un-busied',
      play: (stage) =>
        withNeighbour(stage, (frame) => {
          stage.deactivate(frame);
          stage.wakeup(frame);
          stage.sleep();
          stage.busy(frame, 1);
          stage.pages[frame]!.dirty = ALL;
          stage.resume();
        }),
    },
    {
      when: 'a neighbour comes with an asynchronous transfer',
      play: (stage) => {
        const object = stage.object(0);
        stage.operation(1);
        const frames = [0, 1].map((page) => stage.allocate(object, page));
        const call = stage.call('getmulti', { run: frames });
        const sync = stage.transfer([frames[0]!]);
        const tail = stage.transfer([frames[1]!], { async: true, pbuf: 1 });
        stage.fill(frames[0]!);
        stage.finish(sync);
        stage.return(call);
        stage.observer.idle();
        stage.finish(tail, () => {
          stage.fill(frames[1]!);
          stage.deactivate(frames[1]!);
          stage.wakeup(frames[1]!);
        });
      },
    },
    { when: 'an asynchronous transfer has completed', play: completed(() => {}) },
    {
      when: 'a put un-busies its page early under a claim, and takes the claim off',
      play: (stage) =>
        put(stage, (frame) => {
          stage.pages[frame]!.busy = 1;
          stage.wakeup(frame);
          stage.sleep();
          stage.resume();
          stage.pages[frame]!.busy = 0;
        }),
    },
    {
      when: 'a put that is pending keeps its claim',
      play: (stage) =>
        put(
          stage,
          (frame) => {
            stage.pages[frame]!.busy = 1;
          },
          VM_PAGER_PEND,
        ),
    },
    {
      when: 'a page that nobody owned is woken and freed',
      play: (stage) => {
        const frame = stage.fault(stage.object(0), 0);
        stage.operation(5, 'reclaim', 1);
        stage.wakeup(frame);
        stage.free(frame);
      },
    },
  ],
);
