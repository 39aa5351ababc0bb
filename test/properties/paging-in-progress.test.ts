/**
 * Guards the properties of claims of paging in progress: counts too small, too large, below zero, and objects that go too early.
 */
import { PAGING_IN_PROGRESS } from '../../properties/paging-in-progress.ts';
import type { Stage } from '../model/support/stage.ts';
import { testFamily } from './support/judged.ts';

/** A get whose last page comes with an asynchronous transfer; what its completion does to the claim is the test's. */
function asynchronousTail(stage: Stage, claimed: number, released: number): void {
  const object = stage.object(0);
  stage.claim(object, 1);
  const frames = [1, 2].map((page) => stage.allocate(object, page));
  const call = stage.call('getmulti', { run: frames });
  const sync = stage.transfer([frames[0]!]);
  stage.objectList[object]!.pip += claimed;
  const tail = stage.transfer([frames[1]!], { async: true, pbuf: 1 });
  stage.fill(frames[0]!);
  stage.finish(sync);
  stage.return(call);
  stage.wakeup(frames[0]!);
  stage.claim(object, -1);
  stage.finish(tail, () => {
    stage.fill(frames[1]!);
    stage.deactivate(frames[1]!);
    stage.wakeup(frames[1]!);
    stage.objectList[object]!.pip -= released;
  });
}

testFamily(
  PAGING_IN_PROGRESS,
  [
    {
      property: 'paging-in-progress',
      when: 'an asynchronous transfer is started without a claim',
      play: (stage) => asynchronousTail(stage, 0, 0),
    },
    {
      property: 'paging-in-progress',
      when: 'the claim of an asynchronous transfer is never given back',
      play: (stage) => asynchronousTail(stage, 1, 0),
    },
    {
      property: 'paging-in-progress',
      when: 'a put keeps a claim',
      play: (stage) => {
        const object = stage.object(0);
        const frame = stage.fault(object, 0);
        stage.store(frame, 0, 64);
        stage.claim(object, 1);
        stage.busy(frame);
        const call = stage.call('putmulti', { run: [frame] });
        stage.save(frame);
        stage.pages[frame]!.dirty = 0;
        stage.objectList[object]!.pip++;
        stage.return(call, 0, [0]);
      },
    },
    {
      property: 'paging-in-progress',
      when: 'a claim is left when nothing runs',
      play: (stage) => {
        const object = stage.object(0);
        stage.objectList[object]!.pip = 1;
        stage.observer.idle();
      },
    },
    {
      property: 'paging-in-progress-below-zero',
      when: 'a claim is given back twice',
      play: (stage) => asynchronousTail(stage, 1, 2),
    },
    {
      property: 'object-freed-unclaimed',
      when: 'an object is freed under a claim',
      play: (stage) => {
        const object = stage.object(0);
        stage.claim(object, 1);
        stage.dropObject(object);
      },
    },
  ],
  [
    { when: 'a get has an asynchronous tail', play: (stage) => asynchronousTail(stage, 1, 1) },
    {
      when: 'faults and puts claim and give back',
      play: (stage) => {
        const object = stage.object(0);
        const frame = stage.fault(object, 0);
        stage.store(frame, 0, 64);
        stage.put(object, [frame]);
        stage.observer.idle();
        stage.settle();
      },
    },
    {
      when: 'an interrupt comes between the claim for an asynchronous transfer and its start',
      play: (stage) => {
        const object = stage.object(0);
        const frame = stage.allocate(object, 1);
        stage.call('getmulti', { run: [frame] });
        stage.objectList[object]!.pip++;
        stage.sleep();
        stage.observer.idle();
      },
    },
  ],
);
