/** Guards the property of the list of pagers: pagers that belong to no vnode or another one, that are lost, doubled or forgotten. */
import { PAGER_LIST } from '../../properties/pager-list.ts';
import type { Setting } from '../model/support/scene.ts';
import type { Stage } from '../model/support/stage.ts';
import { testFamily } from './support/judged.ts';
import { right, wrong } from './support/traces.ts';

const BACK = 'pagers-lead-back';

const TWO: Setting = {
  files: [
    { fileSystem: 0, size: 200 },
    { fileSystem: 0, size: 90 },
  ],
};

/** Files 0 and 1 have pagers; something happens to the pager of file 0 while a call runs. */
const during =
  (name: 'alloc' | 'dealloc' | 'setsize' | 'uncache' | 'umount', happens: (stage: Stage) => void) =>
  (stage: Stage): void => {
    stage.object(0);
    stage.object(1);
    const call = stage.call(name, { file: name === 'umount' ? -1 : 1, size: 90 });
    happens(stage);
    stage.return(call, 1);
  };

const unlist = (stage: Stage): void => {
  stage.fileList[0]!.pagers = 0;
};

const vnodeOf =
  (file: number) =>
  (stage: Stage): void => {
    stage.fileList[0]!.vnode = file;
  };

/** `v_vmdata` of file 0 is null. */
const forget = (stage: Stage): void => {
  stage.fileList[0]!.object = -1;
};

/** Another thread is in alloc or dealloc of file 0 when a setsize of file 1 returns. */
const meanwhile =
  (name: 'alloc' | 'dealloc', file: number, happens: (stage: Stage) => void) =>
  (stage: Stage): void => {
    stage.object(0);
    stage.object(1);
    stage.call(name, { file, thread: 1 });
    stage.sleep(1);
    happens(stage);
    stage.return(stage.call('setsize', { file: 1, size: 90 }));
  };

testFamily(
  PAGER_LIST,
  [
    ...(['alloc', 'dealloc', 'setsize', 'uncache', 'umount'] as const).flatMap((name) => [
      wrong(
        BACK,
        `${name} takes a pager off the list`,
        during(name, unlist),
        TWO,
        'of file 0 is on the list',
      ),
      wrong(BACK, `${name} gives a pager another vnode`, during(name, vnodeOf(1)), TWO, 'v_vmdata of file 1'),
      wrong(
        BACK,
        `${name} leaves a pager without a vnode`,
        during(name, vnodeOf(-1)),
        TWO,
        'it has no vnode',
      ),
      wrong(
        BACK,
        `${name} forgets the object of a vnode`,
        during(name, forget),
        TWO,
        'v_vmdata of file 0, whose vnode it has, does not lead',
      ),
    ]),
    wrong(BACK, 'the list is wrong although nobody calls', (stage) => {
      stage.object(0);
      unlist(stage);
      stage.observer.settlementBegin();
    }),
    wrong(BACK, 'a pager is left when everything is given up', (stage) => {
      stage.object(0);
      stage.settle(() => {
        stage.fileList[0]!.pagers = 1;
      });
    }),
    wrong(BACK, 'another file has its pager made meanwhile', meanwhile('alloc', 1, unlist), TWO),
  ],
  [
    right(
      'all is as it should be',
      (stage) => {
        during('uncache', () => {})(stage);
        stage.settle();
      },
      TWO,
    ),
    right('the pager of the file is being made', meanwhile('alloc', 0, unlist), TWO),
    right('the pager of the file is being taken down', meanwhile('dealloc', 0, forget), TWO),
    right('a pager that is being made has no vnode yet', meanwhile('alloc', 0, vnodeOf(-1)), TWO),
    right(
      'the target does not show the list',
      (stage) => {
        stage.saysPagers = false;
        during('setsize', forget)(stage);
      },
      TWO,
    ),
  ],
);
