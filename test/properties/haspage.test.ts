/**
 * Guards that haspage may change nothing: each thing that it could leave otherwise, and what others and completions may do
 * meanwhile.
 */
import { HASPAGE } from '../../properties/haspage.ts';
import { PG_ACTIVE, PG_INACTIVE } from '../../src/trace/codes.ts';
import type { Stage } from '../model/support/stage.ts';
import { testFamily } from './support/judged.ts';
import { clusterUnderWay, right, wrong } from './support/traces.ts';

const ID = 'haspage-changes-nothing';

/** haspage of page 1, which is resident; `during` is what happens in it. */
const asked =
  (during: (stage: Stage, frame: number) => void) =>
  (stage: Stage): void => {
    const object = stage.object(0);
    const frame = stage.fault(object, 1);
    const call = stage.call('haspage', { file: 0, object, page: 1 });
    during(stage, frame);
    stage.return(call, 1);
  };

/** The same with a page that an asynchronous transfer is bringing in. */
const askedOfTransit =
  (during: (stage: Stage, frame: number) => void) =>
  (stage: Stage): void => {
    const { object, frames, call: get, tail } = clusterUnderWay(stage);
    stage.objectList[object]!.pip++;
    stage.return(get);
    const call = stage.call('haspage', { file: 0, object, page: 1 });
    stage.finish(tail, () => {
      stage.fill(frames[1]);
      stage.deactivate(frames[1]);
      stage.wakeup(frames[1]);
      stage.objectList[object]!.pip--;
    });
    during(stage, frames[1]);
    stage.return(call, 1);
  };

/** It sleeps, and another thread does that. */
const meanwhile = (stage: Stage, others: () => void): void => {
  stage.sleep(0, 'call');
  stage.operation(5, 'fault', 1);
  others();
  stage.sleep(1);
  stage.resume(0, 'call');
};

const changes = (when: string, says: string, during: (stage: Stage, frame: number) => void) =>
  wrong(ID, when, asked(during), undefined, says);

testFamily(
  HASPAGE,
  [
    changes('it takes the page to another queue', 'the flags of the page', (stage, frame) => {
      stage.pages[frame]!.flags ^= PG_INACTIVE | PG_ACTIVE;
    }),
    changes('it takes the page off its queue', 'the queue of the page', (stage, frame) => {
      stage.pages[frame]!.queue = 0;
    }),
    changes('it makes the page invalid', 'the valid mask', (stage, frame) => {
      stage.pages[frame]!.valid = 1;
    }),
    changes('it makes the page dirty', 'the dirty mask', (stage, frame) => {
      stage.pages[frame]!.dirty = 1;
    }),
    changes('it says that a mapping was modified', 'the modified bit', (stage, frame) => {
      stage.pages[frame]!.modified = true;
    }),
    changes('it frees the page', 'the number of resident pages', (stage, frame) => stage.free(frame)),
    changes('it lets somebody else be in the place of the page', 'the frame of the page', (stage, frame) => {
      stage.pages[frame]!.index = 2;
    }),
    wrong(
      ID,
      'it brings a page in',
      (stage) => {
        const object = stage.object(0);
        const call = stage.call('haspage', { file: 0, object, page: 2 });
        stage.allocate(object, 2);
        stage.return(call, 1);
      },
      undefined,
      'the number of resident pages',
    ),
    ...['v_vnodein', 'v_vnodepgsin', 'v_vnodeout', 'v_vnodepgsout'].map((name, which) =>
      changes(`it counts ${name}`, `changed ${name}`, (stage) => {
        stage.counted[which]!++;
      }),
    ),
    changes('it claims', 'paging_in_progress', (stage) => {
      stage.objectList[0]!.pip++;
    }),
    changes('it refers to the object', 'the references of the object', (stage) => {
      stage.objectList[0]!.references++;
    }),
    changes('it lets the object not be cached', 'the flags of the object', (stage) => {
      stage.objectList[0]!.flags = 0;
    }),
    changes('it resizes the object', 'the size of the object', (stage) => {
      stage.objectList[0]!.size -= 64;
    }),
    changes('it forgets the size', 'the size that the pager knows', (stage) => {
      stage.fileList[0]!.pagerSize = 0;
    }),
    changes('it refers to the vnode', 'the references of the vnode', (stage) => {
      stage.fileList[0]!.uses++;
    }),
    changes('it terminates the object', 'the allocation of the object', (stage, frame) => {
      stage.free(frame);
      stage.dropObject(0);
    }),
    changes('it sleeps, and dirties the page, and nobody else has run', 'the dirty mask', (stage, frame) => {
      stage.sleep(0, 'call');
      stage.observer.idle();
      stage.resume(0, 'call');
      stage.pages[frame]!.dirty = 1;
    }),
    wrong(
      ID,
      'a transfer ends meanwhile, which is no excuse for a reference',
      askedOfTransit((stage) => {
        stage.objectList[0]!.references++;
      }),
      undefined,
      'the references of the object',
    ),
    wrong(
      ID,
      'the transfer that ends meanwhile is of another file',
      asked((stage, frame) => {
        stage.finish(stage.transfer([], { file: 1 }));
        stage.pages[frame]!.dirty = 1;
      }),
      {
        files: [
          { fileSystem: 0, size: 200 },
          { fileSystem: 0, size: 200 },
        ],
      },
      'the dirty mask',
    ),
  ],
  [
    right(
      'haspage asks',
      asked(() => {}),
    ),
    right('haspage asks about a page that is not there', (stage) => {
      const object = stage.object(0);
      stage.return(stage.call('haspage', { file: 0, object, page: 2 }), 1);
    }),
    right(
      'an asynchronous transfer of the page ends meanwhile',
      askedOfTransit(() => {}),
    ),
    right(
      'others change everything while it sleeps',
      asked((stage, frame) =>
        meanwhile(stage, () => {
          stage.objectList[0]!.references++;
          stage.fileList[0]!.uses++;
          stage.counted[0]!++;
          stage.store(frame, 0, 8);
        }),
      ),
    ),
    right('haspage of one thread is over when that of another begins', (stage) => {
      const object = stage.object(0);
      const frame = stage.fault(object, 1);
      stage.return(stage.call('haspage', { file: 0, object, page: 1 }), 1);
      stage.store(frame, 0, 8);
      stage.return(stage.call('haspage', { file: 0, object, page: 1, thread: 1 }), 1);
    }),
  ],
);
