/**
 * Guards the property of umount: objects that stay in the cache, objects of other file systems that are touched, also while others
 * run.
 */
import { UMOUNTS } from '../../properties/umounts.ts';
import { OBJ_CANPERSIST, OBJ_DEAD } from '../../src/trace/codes.ts';
import type { Setting } from '../model/support/scene.ts';
import type { Stage } from '../model/support/stage.ts';
import { testFamily } from './support/judged.ts';
import { right, wrong } from './support/traces.ts';

const UMOUNT = 'umount-uncaches';
const REACHES = 'umount-reaches-all';

/** File 0 is on another file system than the one that is unmounted. */
const TWO: Setting = { fileSystems: [{}, {}], files: [{ fileSystem: 1, size: 200 }] };

const nothing = (): void => {};

/** umount of file system 0, or of all, while file 0 has an object that is in the cache or not; `during` is what happens. */
const umount =
  (isCached: boolean, during: (stage: Stage) => void, fileSystem = 0) =>
  (stage: Stage): void => {
    stage.object(0);
    if (isCached) cached(stage);
    const call = stage.call('umount', { file: -1, size: fileSystem });
    during(stage);
    stage.return(call);
  };

/** Umount of all file systems. */
const umountAll = (isCached: boolean, during: (stage: Stage) => void): ((stage: Stage) => void) =>
  umount(isCached, during, -1);

const disconnected = (stage: Stage): void => {
  stage.fileList[0]!.mounted = false;
};

/** What uncache does to an object that others refer to. */
const uncached = (stage: Stage): void => {
  stage.objectList[0]!.flags &= ~OBJ_CANPERSIST;
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

const dying = (stage: Stage): void => {
  stage.objectList[0]!.flags |= OBJ_DEAD;
};

/** The object goes, and the next one has its number. */
const replaced = (stage: Stage): void => {
  given(stage);
  stage.fileList[0]!.object = 0;
  stage.objectList[0]!.cached = false;
  stage.observer.objectCreated(0);
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
      'an unreferenced object of some file system stays cached when all go',
      umountAll(true, nothing),
      TWO,
      'still cached',
    ),
    wrong(
      UMOUNT,
      'the object of a file without a file system stays cached when all go',
      umountAll(true, disconnected),
      TWO,
      'still cached',
    ),
    wrong(
      REACHES,
      'an object in use keeps its permission to be cached',
      umount(false, nothing),
      undefined,
      'will be kept when its last reference goes","expected":"uncache was called for it: no OBJ_CANPERSIST",' +
        '"observed":"OBJ_CANPERSIST, and 1 reference',
    ),
    wrong(REACHES, 'it keeps it although others ran', umount(false, meanwhile(nothing))),
    wrong(
      REACHES,
      'an object that was cached is in use when umount has run',
      umount(true, meanwhile(referenced)),
    ),
    wrong(REACHES, 'another process has locked its vnode', (stage) => {
      stage.fileList[0]!.lock = -2;
      umount(false, nothing)(stage);
    }),
    wrong(REACHES, 'an object in use keeps it when all file systems go', umountAll(false, nothing), TWO),
    wrong(
      REACHES,
      'the object of a file without a file system keeps it when all go',
      umountAll(false, meanwhile(disconnected)),
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
    right('a referenced object stays', umount(false, uncached)),
    right('objects of other file systems stay', umount(true, nothing), TWO),
    right('objects of other file systems may be cached later', umount(false, nothing), TWO),
    right('all objects are given up when all file systems go', umountAll(true, given), TWO),
    right('objects in use will not be cached when all file systems go', umountAll(false, uncached), TWO),
    right(
      'an object that others refer to while umount sleeps',
      umount(true, (stage) => {
        meanwhile(referenced)(stage);
        uncached(stage);
      }),
    ),
    right('an object dies while umount runs', umount(false, dying)),
    right('an object was dying when umount was called', (stage) => {
      stage.object(0);
      dying(stage);
      const call = stage.call('umount', { file: -1, size: 0 });
      stage.return(call);
    }),
    right('an object is made while umount sleeps', (stage) => {
      const call = stage.call('umount', { file: -1, size: 0 });
      meanwhile((inner) => void inner.object(0))(stage);
      stage.return(call);
    }),
    right('another object has taken the number while umount sleeps', umount(true, meanwhile(replaced))),
    right('a pager is being made when umount is called', (stage) => {
      stage.object(0);
      stage.fileList[0]!.object = -1;
      const call = stage.call('umount', { file: -1, size: 0 });
      meanwhile((inner) => {
        inner.fileList[0]!.object = 0;
      })(stage);
      stage.return(call);
    }),
    right(
      'the file system of an object in use goes while umount sleeps',
      umount(false, meanwhile(disconnected)),
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
