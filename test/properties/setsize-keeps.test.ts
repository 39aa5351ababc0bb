/**
 * Guards what setsize has to leave as it was: the object, the pages of a file that does not become shorter, and everything when
 * the size is the same; and what others, completions and terminations may change meanwhile.
 */
import { SETSIZE_KEEPS } from '../../properties/setsize-keeps.ts';
import { OBJ_CANPERSIST, OBJ_DEAD, PG_ACTIVE } from '../../src/trace/codes.ts';
import type { Stage } from '../model/support/stage.ts';
import { testFamily } from './support/judged.ts';
import { clusterUnderWay, right, wrong } from './support/traces.ts';

/** The file has 200 bytes: EOF is in page 3. */
const SIZE = 200;
const LAST = 3;

/** setsize of a file with an object; its pages 0 and 3 are resident. `during` is what happens in it. */
const sized =
  (
    size: number,
    during: (stage: Stage, frames: readonly number[]) => void,
    before: (stage: Stage, frames: readonly number[]) => void = () => {},
  ) =>
  (stage: Stage): void => {
    const object = stage.object(0);
    const frames = [stage.fault(object, 0), stage.fault(object, LAST)];
    before(stage, frames);
    const call = stage.call('setsize', { file: 0, size });
    during(stage, frames);
    if (stage.fileList[0]!.object === object) {
      stage.fileList[0]!.pagerSize = size;
      stage.objectList[object]!.size = Math.ceil(size / 64) * 64;
    }
    stage.return(call);
  };

/** The same of a file whose object nobody refers to; setsize looks it up, and lets go of it at the end. */
const sizedCached = (
  size: number,
  during: (stage: Stage) => void,
  before: (stage: Stage) => void = () => {},
): ((stage: Stage) => void) =>
  sized(
    size,
    (stage) => {
      stage.objectList[0]!.cached = false;
      during(stage);
    },
    (stage) => {
      Object.assign(stage.objectList[0]!, { references: 0, cached: true });
      before(stage);
    },
  );

/** The thread sleeps; meanwhile others do that. */
const meanwhile = (stage: Stage, others: () => void): void => {
  stage.sleep(0);
  stage.operation(5, 'fault', 1);
  others();
  stage.sleep(1);
  stage.resume(0);
};

const cachedAgain = (stage: Stage): void => {
  stage.objectList[0]!.cached = true;
};

/** The object is terminated: its pages go, then its pager, then itself. */
const dies = (stage: Stage): void => {
  stage.objectList[0]!.flags |= OBJ_DEAD;
  stage.observer.objectDying(0);
  for (const [frame, page] of stage.pages.entries()) if (page.object === 0) stage.free(frame);
  const call = stage.call('dealloc', { file: 0, object: 0 });
  stage.dropObject(0);
  stage.return(call);
};

/** An object of no file is in the cache beside it. */
const another = (stage: Stage): void => {
  const object = stage.object(1);
  Object.assign(stage.objectList[object]!, { references: 0, cached: true });
};

/** A neighbour is on its way in, and comes while `during` runs. */
const inTransit =
  (during: (stage: Stage, arrives: (left?: (frame: number) => void) => void) => void, size: number) =>
  (stage: Stage): void => {
    const { object, frames, call: get, tail } = clusterUnderWay(stage);
    stage.return(get);
    const call = stage.call('setsize', { file: 0, size });
    const [, neighbour] = frames;
    const brought = (frame: number): void => {
      stage.fill(frame);
      stage.deactivate(frame);
      stage.wakeup(frame);
    };
    during(stage, (left = brought) => stage.finish(tail, () => left(neighbour)));
    stage.fileList[0]!.pagerSize = size;
    stage.objectList[object]!.size = Math.ceil(size / 64) * 64;
    stage.return(call);
  };

const TWO_FILES = {
  files: [
    { fileSystem: 0, size: SIZE },
    { fileSystem: 0, size: SIZE },
    { fileSystem: 0, size: SIZE },
    { fileSystem: 0, size: SIZE },
  ],
};

const same = (
  when: string,
  says: string,
  during: (stage: Stage, frames: readonly number[]) => void,
): ReturnType<typeof wrong> => wrong('setsize-to-same-size', when, sized(SIZE, during), undefined, says);

testFamily(
  SETSIZE_KEEPS,
  [
    wrong(
      'setsize-keeps-object',
      'a cached object is terminated',
      sizedCached(250, dies),
      undefined,
      'cached again',
    ),
    wrong(
      'setsize-keeps-object',
      'an object that others hold is terminated',
      sized(250, dies),
      undefined,
      'it has 1 reference',
    ),
    wrong(
      'setsize-keeps-object',
      'a cached object is not cached again',
      sizedCached(250, () => {}),
      undefined,
      '0 references, and not cached',
    ),
    wrong(
      'setsize-keeps-object',
      'a cached object is not cached again although others ran',
      sizedCached(250, (stage) => meanwhile(stage, () => {})),
      undefined,
      '0 references, and not cached',
    ),
    wrong(
      'setsize-keeps-object',
      'it is cached again and still referred to',
      sizedCached(250, (stage) => {
        cachedAgain(stage);
        stage.objectList[0]!.references = 1;
      }),
      undefined,
      '1 reference, and cached',
    ),
    wrong(
      'setsize-keeps-object',
      'a cached object may not be cached any more when it is used next',
      sizedCached(250, (stage) => {
        cachedAgain(stage);
        stage.objectList[0]!.flags &= ~OBJ_CANPERSIST;
      }),
      undefined,
      'may not be cached any more',
    ),
    wrong(
      'setsize-keeps-pages',
      'the page with the old EOF is freed when the file grows',
      sized(250, (stage, [, last]) => stage.free(last!)),
      undefined,
      'file 0 page 3',
    ),
    wrong(
      'setsize-keeps-pages',
      'the first page is freed when the file grows, after others ran',
      sized(250, (stage, [first]) => {
        meanwhile(stage, () => {});
        stage.free(first!);
      }),
      undefined,
      'file 0 page 0',
    ),
    wrong(
      'setsize-keeps-pages',
      'a page is freed although the size is the same',
      sized(SIZE, (stage, [first]) => stage.free(first!)),
    ),
    same('it frees a page', 'resident pages: 2, as before', (stage, [first]) => stage.free(first!)),
    same('it frees a page and brings it in again', 'holds the page', (stage, [first]) => {
      stage.free(first!);
      const again = stage.allocate(0, 0);
      stage.fill(again);
      stage.deactivate(again);
      stage.wakeup(again);
    }),
    same('it takes a page to another queue', 'flags', (stage, [first]) => {
      stage.pages[first!]!.flags |= PG_ACTIVE;
    }),
    same('it makes a page invalid', 'valid mask ff', (stage, [first]) => {
      stage.pages[first!]!.valid = 0x7f;
    }),
    same('it makes the page with EOF in it dirty', 'dirty mask 00', (stage, [, last]) => {
      stage.pages[last!]!.dirty = 2;
    }),
    same('it says that a mapping was modified', 'modified bit', (stage, [first]) => {
      stage.pages[first!]!.modified = true;
    }),
    wrong(
      'setsize-to-same-size',
      'it zeros what was stored past EOF',
      sized(
        SIZE,
        (stage, [, last]) => stage.memory.fill(0, last! * 64 + 8, last! * 64 + 64),
        (stage, [, last]) => stage.store(last!, 16, 8),
      ),
      undefined,
      'from byte 16 on',
    ),
    same('it keeps a reference', 'references of the object: 1', (stage) => {
      stage.objectList[0]!.references++;
    }),
    same('it lets the object not be cached', 'flags of the object', (stage) => {
      stage.objectList[0]!.flags &= ~OBJ_CANPERSIST;
    }),
    same('it terminates the object', 'the object is there', dies),
    wrong(
      'setsize-to-same-size',
      'it takes the object out of the cache',
      sizedCached(SIZE, () => {}),
      undefined,
      'cached objects among it: 1',
    ),
    wrong(
      'setsize-to-same-size',
      'the pager has another size',
      (stage) => {
        stage.object(0);
        const call = stage.call('setsize', { file: 0, size: SIZE });
        stage.fileList[0]!.pagerSize = 192;
        stage.return(call);
      },
      undefined,
      'size of the pager: 200',
    ),
    wrong(
      'setsize-to-same-size',
      'the object has another size',
      (stage) => {
        stage.object(0);
        const call = stage.call('setsize', { file: 0, size: SIZE });
        stage.objectList[0]!.size = SIZE;
        stage.return(call);
      },
      undefined,
      'size of the object: 256',
    ),
    wrong(
      'setsize-to-same-size',
      'a transfer ends meanwhile, which is no excuse for a reference',
      inTransit((stage, arrives) => {
        arrives();
        stage.objectList[0]!.references++;
      }, SIZE),
      undefined,
      'references of the object',
    ),
  ],
  [
    right('a cached object is cached again', sizedCached(250, cachedAgain)),
    right(
      'others take a cached object up, and do not want it to be cached',
      sizedCached(250, (stage) =>
        meanwhile(stage, () => {
          Object.assign(stage.objectList[0]!, { references: 1, flags: 0 });
        }),
      ),
    ),
    right(
      'others uncache the object, which then goes with the last reference',
      sizedCached(250, (stage) => {
        meanwhile(stage, () => {
          stage.objectList[0]!.flags &= ~OBJ_CANPERSIST;
        });
        dies(stage);
      }),
    ),
    right(
      'more objects are cached than may be, and the oldest goes',
      sizedCached(250, dies, (stage) => {
        another(stage);
        Object.assign(stage.fileList[2]!, { object: -1 });
        const third = stage.object(2);
        Object.assign(stage.objectList[third]!, { references: 0, cached: true });
      }),
      TWO_FILES,
    ),
    right(
      'the object is being terminated',
      sized(
        250,
        () => {},
        (stage) => {
          Object.assign(stage.objectList[0]!, { references: 0, flags: OBJ_DEAD });
        },
      ),
    ),
    right(
      'another object is terminated within setsize',
      (stage) => {
        sizedCached(
          250,
          (inner) => {
            cachedAgain(inner);
            inner.observer.objectDying(1);
          },
          another,
        )(stage);
      },
      TWO_FILES,
    ),
    right(
      'a page past EOF is freed when the file shrinks',
      sized(64, (stage, [, last]) => stage.free(last!)),
    ),
    right(
      'a completion frees a page that could not be read, while the file grows',
      inTransit((_stage, arrives) => arrives((frame) => _stage.free(frame)), 250),
    ),
    right(
      'others free a page while the file grows',
      sized(250, (stage, [first]) => meanwhile(stage, () => stage.free(first!))),
    ),
    right(
      'a page of another object is freed',
      (stage) => {
        sized(
          250,
          (inner) => inner.free(inner.pages.findIndex(({ object }) => object === 1)),
          (inner) => inner.fault(inner.object(1), 0),
        )(stage);
      },
      TWO_FILES,
    ),
    right(
      'the size is the same and nothing changes',
      sized(SIZE, () => {}),
    ),
    right('the size is the same, the object cached, and cached again', sizedCached(SIZE, cachedAgain)),
    right(
      'a neighbour comes while the size is set to what it is',
      inTransit((_stage, arrives) => arrives(), SIZE),
    ),
    right(
      'others change everything while the size is set to what it is',
      sized(SIZE, (stage, [first, last]) =>
        meanwhile(stage, () => {
          stage.objectList[0]!.references++;
          stage.store(last!, 0, 8);
          stage.free(first!);
        }),
      ),
    ),
    right('a file without an object', (stage) =>
      stage.return(stage.call('setsize', { file: 0, size: SIZE })),
    ),
  ],
);
