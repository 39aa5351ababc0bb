/**
 * Guards that a sleeper whom nobody would wake is noticed: a page that does not say that it is wanted, or says so no longer.
 */
import { SLEEPERS } from '../../properties/sleepers.ts';
import { PG_WANTED, VM_PAGER_OK } from '../../src/trace/codes.ts';
import type { Stage } from '../model/support/stage.ts';
import { testFamily } from './support/judged.ts';

/** Thread 1 sleeps on a page that thread 0 brings in; `mark` is what it says on the page, `during` what happens then. */
const waits =
  (mark: number, during: (stage: Stage, frame: number) => void) =>
  (stage: Stage): void => {
    const object = stage.object(0);
    stage.claim(object, 1);
    const frame = stage.allocate(object, 0);
    const call = stage.call('getmulti', { run: [frame] });
    stage.pages[frame]!.flags |= mark;
    stage.observer.sleep(1, 'page', frame);
    stage.fill(frame);
    during(stage, frame);
    stage.return(call, VM_PAGER_OK);
  };

const nothing = (): void => {};

testFamily(
  SLEEPERS,
  [
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
      when: 'the pager forgets that somebody waits',
      play: waits(PG_WANTED, (stage, frame) => {
        stage.pages[frame]!.flags &= ~PG_WANTED;
      }),
      says: 'sleeps, and getmulti returns',
    },
  ],
  [
    { when: 'the page is wanted', play: waits(PG_WANTED, nothing) },
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
