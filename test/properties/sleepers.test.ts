/**
 * Guards that a sleeper whom nobody would wake is noticed: a page that does not say that it is wanted, or says so no longer; a last
 * claim that is given back without a word.
 */
import { SLEEPERS } from '../../properties/sleepers.ts';
import { PG_WANTED, VM_PAGER_OK, type PagerFunction } from '../../src/trace/codes.ts';
import type { Stage } from '../model/support/stage.ts';
import { testFamily } from './support/judged.ts';
import { clusterUnderWay } from './support/traces.ts';

/**
 * Thread 1 sleeps on a page that thread 0 brings in; `mark` is what it says on the page, `during` what happens then. In vain: it
 * goes on by itself before long, and until it does nobody need wake it.
 */
const waits =
  (mark: number, during: (stage: Stage, frame: number) => void, isInVain = false) =>
  (stage: Stage): void => {
    const object = stage.object(0);
    stage.claim(object, 1);
    const frame = stage.allocate(object, 0);
    const call = stage.call('getmulti', { run: [frame] });
    stage.pages[frame]!.flags |= mark;
    if (isInVain) stage.observer.departure(1, 'wakeup', 'spurious');
    stage.observer.sleep(1, 'page', frame);
    stage.fill(frame);
    during(stage, frame);
    stage.return(call, VM_PAGER_OK);
  };

const nothing = (): void => {};

const forget = (stage: Stage, frame: number): void => {
  stage.pages[frame]!.flags &= ~PG_WANTED;
};

/** Thread 1 waits until nobody claims the object, within that pager call; the completion of a transfer is the last to claim it. */
const awaits =
  (within: PagerFunction | null, completion: (stage: Stage) => void, claims = 1, isInVain = false) =>
  (stage: Stage): void => {
    const { object, frames, call, tail } = clusterUnderWay(stage);
    stage.objectList[object]!.pip = claims;
    stage.return(call, VM_PAGER_OK);
    if (within !== null) stage.call(within, { thread: 1, file: 0, object });
    if (isInVain) stage.observer.departure(1, 'wakeup', 'spurious');
    stage.sleep(1, 'object', object);
    stage.finish(tail, () => {
      stage.fill(frames[1]);
      stage.deactivate(frames[1]);
      stage.wakeup(frames[1]);
      stage.objectList[object]!.pip--;
      completion(stage);
    });
  };

testFamily(
  SLEEPERS,
  [
    ...([null, 'dealloc'] as const).map((within) => ({
      property: 'last-claim-wakes',
      when: `nobody wakes who waits for the last claim in ${within ?? 'no call'}`,
      play: awaits(within, nothing),
      says: 'thread 1 is woken',
    })),
    {
      property: 'last-claim-wakes',
      when: 'another object is woken',
      play: awaits(null, (stage) => stage.observer.wakeup('object', 7)),
      says: 'the object of file 0 and woken nobody',
    },
    {
      property: 'sleepers-announced',
      when: 'a thread goes to sleep without a word',
      play: waits(0, (stage, frame) => {
        stage.pages[frame]!.flags |= PG_WANTED;
      }),
      says: 'thread 1 goes to sleep',
    },
    {
      property: 'sleepers-announced',
      when: 'a thread goes to sleep without a word, and goes on by itself',
      play: waits(0, forget, true),
      says: 'thread 1 goes to sleep',
    },
    {
      property: 'sleepers-announced',
      when: 'the pager forgets that somebody waits',
      play: waits(PG_WANTED, (stage, frame) => {
        stage.pages[frame]!.flags &= ~PG_WANTED;
      }),
      says: 'sleeps, and getmulti returns',
    },
  ],
  [
    {
      when: 'who waits for the last claim is woken',
      play: awaits(null, (stage) => stage.observer.wakeup('object', 0)),
    },
    {
      when: 'who waited for the last claim goes on by itself',
      play: awaits(null, (stage) => stage.resume(1, 'object', 0)),
    },
    { when: 'it was not the last claim', play: awaits(null, nothing, 2) },
    { when: 'alloc may wait for the end of the object', play: awaits('alloc', nothing) },
    { when: 'dealloc sleeps in vain, and nobody is asleep', play: awaits('dealloc', nothing, 1, true) },
    { when: 'the page is wanted', play: waits(PG_WANTED, nothing) },
    { when: 'who sleeps in vain need not be woken', play: waits(PG_WANTED, forget, true) },
    {
      when: 'the sleeper was woken',
      play: waits(PG_WANTED, (stage, frame) => {
        stage.pages[frame]!.flags &= ~PG_WANTED;
        stage.observer.wakeup('page', frame);
      }),
    },
    {
      when: 'the sleeper goes on by itself',
      play: waits(PG_WANTED, (stage, frame) => {
        stage.pages[frame]!.flags &= ~PG_WANTED;
        stage.observer.resume(1, 'page', frame);
      }),
    },
  ],
);
