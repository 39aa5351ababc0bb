/**
 * Guards the properties of what is borrowed: every count is shown one too many or one too few, at every moment it is looked at.
 */
import { operation } from '../../src/scenario/operations.ts';
import { PBUFS_AND_MAPS } from '../../properties/pbufs-and-maps.ts';
import type { Stage } from '../model/support/stage.ts';
import { VM_PAGER_OK } from '../../src/trace/codes.ts';
import { testFamily } from './support/judged.ts';
import { get as getPage } from './support/traces.ts';

/** A get of the first page; `during` happens between call and return. */
const get = (stage: Stage, during: (frame: number) => void): void =>
  getPage(0, VM_PAGER_OK, (_, frame) => during(frame))(stage);

/** A get whose pages come with an asynchronous transfer of pbuf 1; `during` is the completion. */
function asynchronous(stage: Stage, during: () => void): void {
  get(stage, (frame) => {
    stage.freePbufs--;
    stage.diskHolds++;
    stage.credentials[0]! += 2;
    stage.pbufs[1] = { busy: true, mapped: true };
    stage.transfer([frame], { async: true, pbuf: 1 });
  });
  const carrier = stage.transferOf(1);
  stage.finish(carrier, during);
}

function giveBack(stage: Stage): void {
  stage.freePbufs++;
  stage.diskHolds--;
  stage.credentials[0]! -= 2;
  stage.pbufs[1] = { busy: false, mapped: false };
}

/** What haspage does while a page is looked for. */
const haspage =
  (during: (stage: Stage) => void) =>
  (stage: Stage): void => {
    const call = stage.call('haspage', { file: 0, page: 0 });
    during(stage);
    stage.return(call, 1);
  };

testFamily(
  PBUFS_AND_MAPS,
  [
    {
      property: 'interrupt-mask-restored',
      when: 'haspage leaves interrupts masked',
      says: 'haspage returned with another interrupt mask',
      play: haspage((stage) => {
        stage.mask = 1;
      }),
    },
    {
      property: 'pbufs-returned',
      when: 'haspage keeps a pbuf',
      says: 'haspage returned, and thread 0 holds another number of pbufs',
      play: haspage((stage) => {
        stage.freePbufs--;
      }),
    },
    {
      property: 'map-pages-returned',
      when: 'haspage keeps a page of pager_map',
      says: 'haspage returned, and thread 0 holds another number of pages',
      play: haspage((stage) => {
        stage.mapPages++;
      }),
    },
    {
      property: 'interrupt-mask-restored',
      when: 'an operation ends with interrupts masked',
      // the operation that left it so, not the settlement
      says: '"cause":"interrupt-mask-restored/fault/-","operation":1',
      play: (stage) => {
        stage.operation(1);
        stage.mask = 1;
        stage.observer.operationEnd(0, operation(1, 0, 'fault'), false, 0);
      },
    },
    {
      property: 'windows-unmapped',
      when: 'a window that carried no transfer is mapped at the end',
      says: 'settlement',
      play: (stage) => {
        get(stage, () => {
          stage.pbufs[2]!.mapped = true;
        });
        stage.settle();
      },
    },
    {
      property: 'pbufs-returned',
      when: 'a get keeps a pbuf',
      says: '+1',
      play: (stage) =>
        get(stage, () => {
          stage.freePbufs--;
        }),
    },
    {
      property: 'pbufs-returned',
      when: 'a thread keeps a pbuf while another one works',
      says: 'thread 0 holds',
      play: (stage) => {
        const object = stage.object(0);
        const frame = stage.allocate(object, 0);
        const call = stage.call('getmulti', { run: [frame] });
        stage.freePbufs--;
        stage.sleep(0, 'call');
        stage.operation(9, 'fault', 1);
        stage.freePbufs--;
        stage.sleep(1, 'call');
        stage.resume(0, 'call');
        stage.return(call, 4);
      },
    },
    {
      property: 'pbufs-returned',
      when: 'the completion of an asynchronous transfer does not give its pbuf back',
      says: 'its pbuf is given back',
      play: (stage) => asynchronous(stage, () => {}),
    },
    {
      property: 'pbufs-returned',
      when: 'the completion of a synchronous transfer gives the pbuf back under the waiter',
      says: 'its pbuf stays with the thread that waits',
      play: (stage) =>
        get(stage, (frame) => {
          stage.freePbufs--;
          stage.finish(stage.transfer([frame]), () => {
            stage.freePbufs++;
          });
        }),
    },
    {
      property: 'windows-unmapped',
      when: 'a window stays mapped after its pbuf was given back',
      play: (stage) =>
        get(stage, (frame) => {
          stage.finish(stage.transfer([frame]));
          stage.pbufs[0] = { busy: false, mapped: true };
        }),
    },
    {
      property: 'windows-unmapped',
      when: 'an asynchronous completion leaves the window mapped',
      play: (stage) =>
        asynchronous(stage, () => {
          giveBack(stage);
          stage.pbufs[1] = { busy: false, mapped: true };
        }),
    },
    {
      property: 'map-pages-returned',
      when: 'a put keeps a page of pager_map',
      play: (stage) => {
        const frame = stage.fault(stage.object(0), 0);
        stage.store(frame, 0, 64);
        stage.busy(frame);
        const call = stage.call('putmulti', { run: [frame] });
        stage.save(frame);
        stage.pages[frame]!.dirty = 0;
        stage.mapPages++;
        stage.return(call, 0, [0]);
      },
    },
    {
      property: 'hold-counts',
      when: 'a file is released once too often',
      says: 'file 0',
      play: (stage) =>
        get(stage, () => {
          stage.fileList[0]!.holds--;
        }),
    },
    {
      property: 'hold-counts',
      when: 'a file stays held by a buffer that was given back',
      says: '1: no buffer of the pager is attached',
      play: (stage) => {
        Object.assign(stage.fileList[0]!, { holds: 1, buffers: 1 });
        get(stage, () => {
          stage.fileList[0]!.holds++;
        });
      },
    },
    {
      property: 'hold-counts',
      when: 'the disk stays held by a buffer that was given back',
      says: 'the disk',
      play: (stage) =>
        get(stage, () => {
          stage.diskHolds++;
        }),
    },
    {
      property: 'hold-counts',
      when: 'the disk is released once too often by a completion',
      play: (stage) =>
        asynchronous(stage, () => {
          giveBack(stage);
          stage.diskHolds -= 1;
        }),
    },
    {
      property: 'hold-counts',
      when: 'a file is below zero at settlement',
      play: (stage) => {
        stage.fileList[0]!.holds = -1;
        stage.observer.settled();
      },
    },
    {
      property: 'write-counts',
      when: 'a write is started that was not counted',
      play: (stage) => {
        const frame = stage.fault(stage.object(0), 0);
        stage.transfer([frame], { write: true });
        stage.diskWrites--;
        stage.observer.idle();
      },
    },
    {
      property: 'write-counts',
      when: 'a get of a file counts a write of it',
      says: 'file 0',
      play: (stage) =>
        get(stage, () => {
          stage.fileList[0]!.outputs++;
        }),
    },
    {
      property: 'write-counts',
      when: 'a write of a file is still counted at settlement',
      says: 'file 0',
      play: (stage) => {
        stage.fileList[0]!.outputs = 1;
        stage.observer.settled();
      },
    },
    {
      property: 'hold-counts',
      when: 'a file is still held at settlement',
      says: 'file 0',
      play: (stage) => {
        stage.fileList[0]!.holds = 1;
        stage.observer.settled();
      },
    },
    {
      property: 'write-counts',
      when: 'a read is counted as a write',
      play: (stage) =>
        get(stage, () => {
          stage.diskWrites++;
        }),
    },
    {
      property: 'credentials-returned',
      when: 'a get keeps a reference to a credential',
      play: (stage) =>
        get(stage, () => {
          stage.credentials[0]!++;
        }),
    },
    {
      property: 'credentials-returned',
      when: 'an asynchronous transfer has taken three references',
      play: (stage) =>
        get(stage, (frame) => {
          stage.credentials[0]! += 3;
          stage.freePbufs--;
          stage.transfer([frame], { async: true, pbuf: 1 });
        }),
    },
    {
      property: 'interrupt-mask-restored',
      when: 'a get returns with the disk masked',
      play: (stage) =>
        get(stage, () => {
          stage.mask = 1;
        }),
    },
    {
      property: 'interrupt-mask-restored',
      when: 'a completion unmasks the disk',
      play: (stage) =>
        get(stage, (frame) => {
          stage.mask = 1;
          stage.finish(stage.transfer([frame]), () => {
            stage.mask = 0;
          });
        }),
    },
    {
      property: 'no-sleep-in-completion',
      when: 'a completion routine waits for a page',
      says: 'a sleep on a page',
      play: (stage) =>
        get(stage, (frame) => {
          stage.finish(stage.transfer([frame]), () => stage.sleep(0, 'page', frame));
        }),
    },
  ],
  [
    {
      when: 'haspage gives back what it takes, and the mask',
      play: haspage((stage) => {
        stage.freePbufs--;
        stage.mapPages++;
        stage.mask = 1;
        stage.mask = 0;
        stage.mapPages--;
        stage.freePbufs++;
      }),
    },
    {
      when: 'buffers of the file system hold the file',
      play: (stage) => {
        Object.assign(stage.fileList[0]!, { holds: 2, buffers: 2 });
        get(stage, () => {});
        Object.assign(stage.fileList[0]!, { holds: 0, buffers: 0 });
      },
    },
    {
      when: 'a get takes a pbuf, a map page and references and gives them back',
      play: (stage) =>
        get(stage, (frame) => {
          stage.mapPages++;
          stage.freePbufs--;
          stage.diskHolds++;
          stage.credentials[0]! += 2;
          stage.mask = 1;
          stage.pbufs[0] = { busy: true, mapped: true };
          const transfer = stage.transfer([frame]);
          stage.sleep();
          stage.observer.idle();
          stage.finish(transfer);
          stage.resume();
          stage.pbufs[0] = { busy: false, mapped: false };
          stage.mask = 0;
          stage.credentials[0]! -= 2;
          stage.diskHolds--;
          stage.freePbufs++;
          stage.mapPages--;
        }),
    },
    {
      when: 'an asynchronous transfer gives everything back',
      play: (stage) => asynchronous(stage, () => giveBack(stage)),
    },
    {
      when: 'two threads hold a pbuf each and give it back',
      play: (stage) => {
        const object = stage.object(0);
        const frames = [0, 1].map((page, thread) => stage.allocate(object, page, thread));
        const calls = frames.map((frame, thread) => {
          const call = stage.call('getmulti', { run: [frame], thread });
          stage.freePbufs--;
          stage.sleep(thread);
          return call;
        });
        for (const thread of [1, 0]) {
          stage.resume(thread);
          stage.freePbufs++;
          stage.fill(frames[thread]!);
          stage.return(calls[thread]!);
        }
      },
    },
    {
      when: 'a write is counted while it is under way',
      play: (stage) => {
        const object = stage.object(0);
        const frame = stage.fault(object, 0);
        stage.store(frame, 0, 64);
        stage.put(object, [frame]);
        stage.settle();
      },
    },
  ],
);
