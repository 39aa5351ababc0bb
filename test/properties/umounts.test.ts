/**
 * Guards the property of umount: objects that stay in the cache, objects of other file systems that are touched, also while others
 * run.
 */
import { UMOUNTS } from '../../properties/umounts.ts';
import { OBJ_CANPERSIST } from '../../src/trace/codes.ts';
import type { Setting } from '../model/support/scene.ts';
import type { Stage } from '../model/support/stage.ts';
import { testFamily } from './support/judged.ts';
import { right, wrong } from './support/traces.ts';

const UMOUNT = 'umount-uncaches';

/** File 0 is on another file system than the one that is unmounted. */
const TWO: Setting = { fileSystems: [{}, {}], files: [{ fileSystem: 1, size: 200 }] };

const nothing = (): void => {};

/** umount of file system 0 while file 0 has an object that is in the cache or not; `during` is what happens. */
const umount =
  (isCached: boolean, during: (stage: Stage) => void) =>
  (stage: Stage): void => {
    stage.object(0);
    if (isCached) cached(stage);
    const call = stage.call('umount', { file: -1, size: 0 });
    during(stage);
    stage.return(call);
  };

/** The last reference to the object goes. */
const cached = (stage: Stage): void => {
  Object.assign(stage.objectList[0]!, { references: 0, cached: true });
};

const referenced = (stage: Stage): void => {
  Object.assign(stage.objectList[0]!, { references: 1, cached: false });
};

const given = (stage: Stage): void => {
  stage.dropObject(0);
  stage.fileList[0]!.uses--;
};

const changed = (stage: Stage): void => {
  stage.objectList[0]!.flags &= ~OBJ_CANPERSIST;
};

/** umount sleeps; meanwhile others do that. */
const meanwhile =
  (others: (stage: Stage) => void) =>
  (stage: Stage): void => {
    stage.sleep(0);
    stage.operation(5, 'fault', 1);
    others(stage);
    stage.sleep(1);
    stage.resume(0);
  };

testFamily(
  UMOUNTS,
  [
    wrong(UMOUNT, 'an unreferenced object stays cached', umount(true, nothing), undefined, 'still cached'),
    wrong(
      UMOUNT,
      'an unreferenced object stays cached although others ran',
      umount(true, meanwhile(nothing)),
      undefined,
      'still cached',
    ),
    wrong(UMOUNT, 'an object of another file system is given up', umount(true, given), TWO, 'is gone'),
    wrong(UMOUNT, 'an object of another file system loses its flag', umount(false, changed), TWO, 'flags 0'),
    wrong(
      UMOUNT,
      'an object of another file system loses its flag before umount sleeps',
      umount(false, (stage) => {
        changed(stage);
        meanwhile(nothing)(stage);
      }),
      TWO,
      // found when another thread goes on, and umount's doing
      '"function":"umount"',
    ),
    wrong(
      UMOUNT,
      'an object of another file system is given up after umount has slept',
      umount(true, (stage) => {
        meanwhile(nothing)(stage);
        given(stage);
      }),
      TWO,
      'is gone',
    ),
    wrong(
      UMOUNT,
      'an unreferenced object stays cached while an umount of another file system sleeps',
      umount(
        true,
        meanwhile((stage) => {
          stage.return(stage.call('umount', { file: -1, size: 1, thread: 1 }));
        }),
      ),
      TWO,
      'still cached',
    ),
  ],
  [
    right(
      'two umounts at once, one of which gives the object up',
      umount(
        true,
        meanwhile((stage) => {
          const call = stage.call('umount', { file: -1, size: 0, thread: 1 });
          given(stage);
          stage.return(call);
        }),
      ),
    ),
    right('the objects of the file system are given up', umount(true, given)),
    right('a referenced object stays', umount(false, nothing)),
    right('objects of other file systems stay', umount(true, nothing), TWO),
    right('an object that others refer to while umount sleeps', umount(true, meanwhile(referenced))),
    right('an object comes into the cache while umount sleeps', umount(false, meanwhile(cached))),
    right(
      'an object was referenced when umount came by',
      umount(true, (stage) => {
        meanwhile(referenced)(stage);
        meanwhile(cached)(stage);
      }),
    ),
    right('others give up an object of another file system', umount(true, meanwhile(given)), TWO),
    right('the file system of an object goes while umount sleeps', (stage) =>
      umount(
        true,
        meanwhile((inner) => {
          inner.fileList[0]!.mounted = false;
        }),
      )(stage),
    ),
  ],
);
