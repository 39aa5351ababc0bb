/**
 * Guards the properties of haspage, alloc, setsize, uncache and dealloc: wrong answers and wrong leavings, also of calls during which
 * others ran.
 */
import { OBJECTS } from '../../properties/objects.ts';
import { OBJ_CANPERSIST, OBJ_DEAD, VVMIO } from '../../src/trace/codes.ts';
import type { PagerCall } from '../../src/trace/observer.ts';
import type { Setting } from '../model/support/scene.ts';
import type { Stage } from '../model/support/stage.ts';
import { testFamily } from './support/judged.ts';
import { right, wrong } from './support/traces.ts';

/** haspage of a page with that answer. */
const haspage =
  (page: number, result: number) =>
  (stage: Stage): void =>
    stage.return(stage.call('haspage', { file: 0, page }), result);

/** A file whose first block is there and whose others are holes; the second file system knows nothing of blocks past the last. */
const HOLES: Setting = {
  files: [{ fileSystem: 0, size: 256, extents: [{ block: 0, sector: 40, count: 1 }] }],
};
const SMALL_HOLES: Setting = {
  fileSystems: [{ blockSize: 16 }],
  files: [{ fileSystem: 0, size: 256, extents: [{ block: 6, sector: 40, count: 1 }] }],
};

/** The first VOP_GETATTR fails. */
const NO_ATTRIBUTES: Setting = {
  faults: [{ operation: 1, thread: 0, choice: 'getattr', subject: 0, ordinal: 0, take: 'error', amount: 0 }],
};

/** alloc of a file without an object; `make` is what the pager does, `result` whether it says so. */
const alloc =
  (make: (stage: Stage) => void, result = 1) =>
  (stage: Stage): void => {
    const call = stage.call('alloc', { file: 0 });
    make(stage);
    stage.return(call, result);
  };

const fresh = (stage: Stage): void => {
  stage.object(0);
  stage.fileList[0]!.uses++;
};

/** A call about a file that has an object; `during` is what the pager does. */
const about =
  (
    name: 'uncache' | 'dealloc',
    during: (stage: Stage, call: PagerCall) => number,
    before: (stage: Stage) => void = () => {},
  ) =>
  (stage: Stage): void => {
    const object = stage.object(0);
    before(stage);
    const call = stage.call(name, { file: 0, object });
    stage.return(call, during(stage, call));
  };

const unreferenced = (stage: Stage): void => {
  Object.assign(stage.objectList[0]!, { references: 0, cached: true });
};

const gone = (stage: Stage): number => {
  stage.dropObject(0);
  stage.fileList[0]!.uses--;
  return 1;
};

/** What uncache does to an object that others hold. */
const leftAlone = (stage: Stage): number => {
  stage.objectList[0]!.flags &= ~OBJ_CANPERSIST;
  return 0;
};

/** uncache terminates the object, whose pager had all references to the vnode but `kept`. */
const terminates =
  (kept: number) =>
  (stage: Stage): number => {
    const dealloc = stage.call('dealloc', { file: 0, object: 0 });
    stage.dropObject(0);
    stage.fileList[0]!.uses = kept - 1;
    stage.return(dealloc);
    return 1;
  };

/** The thread sleeps; meanwhile others do that. */
const meanwhile = (stage: Stage, others: (stage: Stage) => void): void => {
  stage.sleep(0);
  stage.operation(5, 'fault', 1);
  others(stage);
  stage.sleep(1);
  stage.resume(0);
};

/** setsize of file 0 to one page, which looks at no page; others do that while it sleeps. */
const shorten = (stage: Stage, others?: (stage: Stage) => void): void => {
  const call = stage.call('setsize', { file: 0, size: 64 });
  stage.fileList[0]!.pagerSize = 64;
  stage.objectList[0]!.size = 64;
  if (others !== undefined) meanwhile(stage, () => others(stage));
  stage.return(call);
};

/** Somebody else refers to the object of file 0 and to the vnode. */
const othersRefer = (stage: Stage): void => {
  stage.objectList[0]!.references++;
  stage.fileList[0]!.uses++;
};

/** setsize to the size that the file has; `during` is what the pager does. */
const setsize =
  (during: (stage: Stage) => void) =>
  (stage: Stage): void => {
    stage.object(0);
    const call = stage.call('setsize', { file: 0, size: 200 });
    during(stage);
    stage.return(call);
  };

/** The pager of file 0 goes with its object. */
const givesUp = (stage: Stage): void => {
  const { object } = stage.fileList[0]!;
  const dealloc = stage.call('dealloc', { file: 0, object });
  stage.dropObject(object);
  stage.fileList[0]!.uses--;
  stage.return(dealloc);
};

testFamily(
  OBJECTS,
  [
    wrong(
      'setsize-sizes',
      'it keeps an object reference while others change the size too',
      setsize((stage) => {
        stage.objectList[0]!.references++;
        meanwhile(stage, () => {
          stage.return(stage.call('setsize', { file: 0, size: 200, thread: 1 }));
        });
      }),
      undefined,
      '1 more',
    ),
    wrong(
      'alloc-result',
      'the pager is of no type',
      alloc((stage) => {
        fresh(stage);
        stage.fileList[0]!.pagerType = 0;
      }),
      undefined,
      'PG_VNODE',
    ),
    wrong(
      'alloc-result',
      'the object cannot be looked up',
      alloc((stage) => {
        fresh(stage);
        stage.fileList[0]!.isHashed = false;
      }),
      undefined,
      'hashed under its pager',
    ),
    wrong(
      'alloc-result',
      'it keeps a vnode reference of an object that others have made while it slept',
      alloc((stage) => {
        meanwhile(stage, fresh);
        stage.objectList[0]!.references++;
        stage.fileList[0]!.uses++;
      }),
      undefined,
      'no more vnode references',
    ),
    wrong(
      'alloc-result',
      'it makes the object after it slept, with a reference too many',
      alloc((stage) => {
        meanwhile(stage, () => {});
        fresh(stage);
        stage.objectList[0]!.references++;
      }),
      undefined,
      'one more object reference',
    ),
    wrong(
      'alloc-result',
      'it fails after it slept, and keeps a vnode reference',
      alloc((stage) => {
        stage.fileList[0]!.uses++;
        meanwhile(stage, () => {});
      }, 0),
      NO_ATTRIBUTES,
      'something was left behind',
    ),
    wrong(
      'setsize-sizes',
      'it keeps an object reference over a sleep in which others gave one up',
      setsize((stage) => {
        stage.objectList[0]!.references++;
        meanwhile(stage, () => stage.objectList[0]!.references--);
      }),
      undefined,
      '1 more',
    ),
    wrong(
      'uncache-answer',
      'it keeps an object reference over a sleep in which others gave one up',
      about('uncache', (stage) => {
        stage.objectList[0]!.references += 2;
        meanwhile(stage, () => stage.objectList[0]!.references--);
        return leftAlone(stage);
      }),
      undefined,
      'not 2 more',
    ),
    wrong(
      'dealloc-undoes',
      'it keeps the vnode reference over a sleep in which others gave one up',
      about('dealloc', (stage) => {
        Object.assign(stage.fileList[0]!, { object: -1, pagers: 0 });
        meanwhile(stage, () => stage.fileList[0]!.uses--);
        return 0;
      }),
      undefined,
      '0 vnode references',
    ),
    wrong('haspage-answer', 'it is FALSE for data', haspage(1, 0), undefined, 'there is a block'),
    wrong('haspage-answer', 'it is FALSE for a page whose last block is there', haspage(1, 0), SMALL_HOLES),
    wrong(
      'haspage-answer',
      'it is FALSE for data that waits in a buffer for its place',
      (stage) => {
        stage.fileList[0]!.dirtyBlocks.add(2);
        haspage(2, 0)(stage);
      },
      HOLES,
      'the buffer cache has data',
    ),
    wrong('haspage-answer', 'it is TRUE past EOF', haspage(4, 1), undefined, 'at or past EOF'),
    wrong('haspage-answer', 'it is TRUE without a file system', (stage) => {
      stage.fileList[0]!.mounted = false;
      haspage(1, 1)(stage);
    }),
    wrong('haspage-answer', 'it is TRUE although the file system went meanwhile', (stage) => {
      const call = stage.call('haspage', { file: 0, page: 1 });
      stage.fileList[0]!.mounted = false;
      stage.return(call, 1);
    }),
    wrong('haspage-answer', 'it is TRUE for a hole that can be told', haspage(2, 1), HOLES, 'a hole'),
    wrong(
      'haspage-answer',
      'it is TRUE for a hole of a file that has got a block elsewhere',
      (stage) => {
        stage.observer.allocated(0, 3, 80, 8);
        haspage(2, 1)(stage);
      },
      HOLES,
      'a hole',
    ),
    wrong('alloc-result', 'there is a pager for no vnode', (stage) =>
      stage.return(stage.call('alloc', { file: -1 }), 1),
    ),
    wrong(
      'alloc-result',
      'it fails although nothing failed',
      alloc(() => {}, 0),
      undefined,
      'nothing failed',
    ),
    wrong(
      'alloc-result',
      'v_vmdata is null',
      alloc(() => {}),
      undefined,
      'v_vmdata',
    ),
    wrong(
      'alloc-result',
      'the object is dying',
      alloc((stage) => {
        fresh(stage);
        stage.objectList[0]!.flags |= OBJ_DEAD;
      }),
    ),
    wrong(
      'alloc-result',
      'the pager has an old size',
      alloc((stage) => {
        fresh(stage);
        stage.fileList[0]!.pagerSize = 100;
      }),
      undefined,
      'size 200',
    ),
    wrong(
      'alloc-result',
      "the object's size is not rounded up",
      alloc((stage) => {
        fresh(stage);
        stage.objectList[0]!.size = 200;
      }),
    ),
    wrong(
      'alloc-result',
      'the vnode is not referenced',
      alloc((stage) => stage.object(0)),
      undefined,
      'vnode reference',
    ),
    wrong(
      'alloc-result',
      'a found object gets no reference',
      (stage) => {
        fresh(stage);
        stage.return(stage.call('alloc', { file: 0 }), 1);
      },
      undefined,
      'object reference',
    ),
    wrong(
      'alloc-result',
      'a failed one leaves a reference to the vnode',
      alloc((stage) => {
        stage.fileList[0]!.uses++;
      }, 0),
      NO_ATTRIBUTES,
    ),
    wrong(
      'one-pager-per-file',
      'there are two pagers',
      alloc((stage) => {
        fresh(stage);
        stage.fileList[0]!.pagers = 2;
      }),
    ),
    wrong(
      'setsize-sizes',
      'the pager keeps the old size',
      (stage) => {
        stage.object(0);
        stage.return(stage.call('setsize', { file: 0, size: 300 }));
      },
      undefined,
      "the pager's size is 300",
    ),
    wrong('setsize-sizes', 'the object keeps the old size', (stage) => {
      stage.object(0);
      const call = stage.call('setsize', { file: 0, size: 300 });
      stage.fileList[0]!.pagerSize = 300;
      stage.return(call);
    }),
    wrong('setsize-sizes', 'a size beyond 32 bits wraps', (stage) => {
      stage.object(0);
      const call = stage.call('setsize', { file: 0, size: 2 ** 32 + 64 });
      stage.fileList[0]!.pagerSize = 64;
      stage.objectList[0]!.size = 64;
      stage.return(call);
    }),
    wrong(
      'setsize-sizes',
      'it keeps a reference',
      (stage) => {
        stage.object(0);
        const call = stage.call('setsize', { file: 0, size: 250 });
        stage.fileList[0]!.pagerSize = 250;
        stage.objectList[0]!.references++;
        stage.return(call);
      },
      undefined,
      'object references',
    ),
    wrong(
      'setsize-removes-pages',
      'a page past EOF stays',
      (stage) => {
        stage.fault(stage.object(0), 3);
        shorten(stage);
      },
      undefined,
      'file 0 page 3',
    ),
    wrong('setsize-removes-pages', 'a page stays that buffers gave up before it', (stage) => {
      const page = stage.fault(stage.object(0), 3);
      stage.pages[page]!.bufferMapped = 1;
      stage.resize(0, 250);
      stage.pages[page]!.bufferMapped = 0;
      shorten(stage);
    }),
    wrong(
      'uncache-answer',
      'it is TRUE although others hold the object',
      about('uncache', () => 1),
      undefined,
      'FALSE: there is 1 other reference',
    ),
    wrong(
      'uncache-answer',
      'it is FALSE although nobody does',
      about('uncache', () => 0, unreferenced),
    ),
    wrong('uncache-answer', 'it is FALSE without an object', (stage) =>
      stage.return(stage.call('uncache', { file: 0 }), 0),
    ),
    wrong(
      'uncache-answer',
      'it is TRUE and the object is still cached',
      about('uncache', () => 1, unreferenced),
      undefined,
      'is gone',
    ),
    wrong(
      'uncache-answer',
      'it keeps a reference',
      about('uncache', (stage) => {
        stage.objectList[0]!.references++;
        return 0;
      }),
    ),
    wrong('lock-left-alone', 'haspage locks the vnode that it asks', (stage) => {
      const call = stage.call('haspage', { file: 0, page: 0 });
      stage.fileList[0]!.lock = 0;
      stage.return(call, 1);
    }),
    wrong('lock-left-alone', 'a put lets go of the lock of its caller', (stage) => {
      const run = [stage.fault(stage.object(0), 0)];
      stage.fileList[0]!.lock = 0;
      const call = stage.call('putmulti', { file: 0, run });
      stage.fileList[0]!.lock = -1;
      stage.return(call);
    }),
    wrong(
      'uncache-keeps-lock',
      "it gives the caller's lock away",
      about(
        'uncache',
        (stage) => {
          stage.fileList[0]!.lock = -1;
          return 0;
        },
        (stage) => {
          stage.fileList[0]!.lock = 0;
        },
      ),
      undefined,
      'locked by thread 0',
    ),
    wrong(
      'uncache-keeps-lock',
      "it releases another process's lock",
      about(
        'uncache',
        (stage) => {
          stage.fileList[0]!.lock = -1;
          return 0;
        },
        (stage) => {
          stage.fileList[0]!.lock = -2;
        },
      ),
      undefined,
      'locked by another process',
    ),
    wrong(
      'uncache-keeps-lock',
      'it keeps a lock that the caller did not have',
      about('uncache', (stage) => {
        stage.fileList[0]!.lock = 0;
        return 0;
      }),
    ),
    wrong(
      'uncache-keeps-lock',
      'it lets go of the last reference to a vnode that it has to lock again',
      about('uncache', terminates(1), (stage) => {
        unreferenced(stage);
        Object.assign(stage.fileList[0]!, { lock: 0, uses: 2 });
      }),
      undefined,
      'a reference of its own',
    ),
    wrong(
      'uncache-answer',
      'a referenced object will be cached again when it is let go',
      about('uncache', () => 0),
      undefined,
      'not cached when its last reference goes',
    ),
    wrong('vnodes-let-go', 'somebody keeps a reference of a vnode', (stage) => {
      stage.fileList[0]!.uses = 1;
      stage.observer.settled();
    }),
    wrong(
      'dealloc-undoes',
      'v_vmdata still points to the object',
      about('dealloc', () => 0),
      undefined,
      'v_vmdata is null',
    ),
    wrong(
      'dealloc-undoes',
      'somebody still claims paging in progress',
      about('dealloc', (stage) => {
        stage.fileList[0]!.object = -1;
        stage.objectList[0]!.pip = 1;
        return 0;
      }),
    ),
    wrong(
      'dealloc-undoes',
      'the pager stays on the list',
      about('dealloc', (stage) => {
        stage.fileList[0]!.object = -1;
        return 0;
      }),
      undefined,
      'off the list',
    ),
    wrong(
      'dealloc-undoes',
      'VVMIO stays on',
      about('dealloc', (stage) => {
        Object.assign(stage.fileList[0]!, { object: -1, pagers: 0, flags: VVMIO });
        return 0;
      }),
    ),
    wrong(
      'dealloc-undoes',
      'the vnode keeps its reference',
      about('dealloc', (stage) => {
        Object.assign(stage.fileList[0]!, { object: -1, pagers: 0 });
        return 0;
      }),
      undefined,
      'vnode reference',
    ),
  ],
  [
    right('alloc gives a cached object up and makes another', (stage) => {
      stage.object(0);
      stage.fileList[0]!.uses = 1;
      unreferenced(stage);
      alloc((inner) => {
        givesUp(inner);
        fresh(inner);
      })(stage);
    }),
    right(
      'alloc finds a cached object, fails after a sleep, and gives it up',
      (stage) => {
        stage.object(0);
        stage.fileList[0]!.uses = 1;
        unreferenced(stage);
        alloc((inner) => {
          Object.assign(inner.objectList[0]!, { references: 1, cached: false });
          meanwhile(inner, () => {});
          inner.objectList[0]!.references--;
          givesUp(inner);
        }, 0)(stage);
      },
      NO_ATTRIBUTES,
    ),
    right('the object that alloc has made is gone, and others have made one of that number', (stage) => {
      alloc((inner) => {
        fresh(inner);
        givesUp(inner);
        meanwhile(inner, fresh);
        inner.objectList.at(-1)!.references++;
      })(stage);
    }),
    right('the target does not say which object is hashed', (stage) => {
      stage.saysLookup = false;
      alloc(fresh)(stage);
    }),
    right('others refer to an object and a vnode while the calls of a thread sleep', (stage) => {
      alloc((inner) => {
        fresh(inner);
        meanwhile(inner, othersRefer);
      })(stage);
      const sized = stage.call('setsize', { file: 0, size: 200 });
      meanwhile(stage, othersRefer);
      stage.return(sized);
      const uncached = stage.call('uncache', { file: 0, object: 0 });
      meanwhile(stage, othersRefer);
      stage.return(uncached, leftAlone(stage));
    }),
    right(
      'others refer to a vnode while its pager goes',
      about('dealloc', (stage) => {
        Object.assign(stage.fileList[0]!, { object: -1, pagers: 0 });
        meanwhile(stage, () => stage.fileList[0]!.uses++);
        stage.fileList[0]!.uses--;
        return 0;
      }),
    ),
    right(
      'haspage tells data from holes and from what lies past EOF',
      (stage) => {
        haspage(0, 1)(stage);
        haspage(2, 0)(stage);
        haspage(4, 0)(stage);
      },
      HOLES,
    ),
    right(
      'haspage cannot tell because the buffer cache may know',
      (stage) => {
        stage.operation(3, 'read');
        haspage(2, 1)(stage);
      },
      HOLES,
    ),
    right(
      'haspage is asked about a hole beside data that waits in a buffer for its place',
      (stage) => {
        stage.operation(3, 'write');
        stage.fileList[0]!.dirtyBlocks.add(2);
        haspage(1, 0)(stage);
        haspage(2, 1)(stage);
      },
      HOLES,
    ),
    right(
      'haspage is asked about a hole with a buffer behind EOF in the same page',
      (stage) => {
        stage.fileList[0]!.dirtyBlocks.add(5);
        haspage(1, 0)(stage);
      },
      { fileSystems: [{ blockSize: 16 }], files: [{ fileSystem: 0, size: 80, extents: [] }] },
    ),
    right('haspage cannot tell because there is no block map', haspage(2, 1), {
      ...HOLES,
      fileSystems: [{ blockMap: 'network' }],
    }),
    right('haspage cannot tell because the block map failed', haspage(2, 1), {
      ...HOLES,
      faults: [{ operation: 1, thread: 0, choice: 'bmap', subject: 0, ordinal: 0, take: 'error', amount: 0 }],
    }),
    right('alloc makes an object, and then finds it', (stage) => {
      alloc(fresh)(stage);
      const call = stage.call('alloc', { file: 0 });
      stage.objectList[0]!.references++;
      stage.return(call, 1);
    }),
    right(
      'alloc fails because there are no attributes',
      alloc(() => {}, 0),
      NO_ATTRIBUTES,
    ),
    right(
      'alloc clamps a size beyond 32 bits',
      alloc((stage) => {
        fresh(stage);
        stage.fileList[0]!.pagerSize = 2 ** 32 - 64;
        stage.objectList[0]!.size = 2 ** 32 - 64;
      }),
      { files: [{ fileSystem: 0, size: 2 ** 33, extents: [] }] },
    ),
    right('a size in the last page of 32 bits is clamped to whole pages or not', (stage) => {
      stage.object(0);
      for (const size of [2 ** 32 - 10, 2 ** 32 - 64]) {
        const call = stage.call('setsize', { file: 0, size: 2 ** 32 - 10 });
        stage.fileList[0]!.pagerSize = size;
        stage.objectList[0]!.size = 2 ** 32 - 64;
        stage.return(call);
      }
    }),
    right('setsize of a file without an object does nothing', (stage) =>
      stage.return(stage.call('setsize', { file: 0, size: 5 })),
    ),
    right('setsize takes the pages past EOF away', (stage) => {
      stage.fault(stage.object(0), 3);
      stage.resize(0, 64);
    }),
    right('setsize leaves a page that buffers map', (stage) => {
      stage.pages[stage.fault(stage.object(0), 3)]!.bufferMapped = 1;
      shorten(stage);
    }),
    right('buffers that mapped a page when setsize came to it give it up while it sleeps', (stage) => {
      const page = stage.fault(stage.object(0), 3);
      stage.pages[page]!.bufferMapped = 1;
      shorten(stage, () => {
        stage.pages[page]!.bufferMapped = 0;
      });
    }),
    right('buffers are made while setsize sleeps, and given up while it sleeps again', (stage) => {
      const page = stage.fault(stage.object(0), 3);
      shorten(stage, () => {
        stage.pages[page]!.bufferMapped = 1;
        stage.sleep(1);
        stage.resume(0);
        stage.sleep(0);
        stage.resume(1);
        stage.pages[page]!.bufferMapped = 0;
      });
    }),
    right(
      'uncache holds a reference while it locks the vnode again',
      about('uncache', terminates(2), (stage) => {
        unreferenced(stage);
        Object.assign(stage.fileList[0]!, { lock: 0, uses: 2 });
      }),
    ),
    right('others lock and let go while haspage sleeps', (stage) => {
      const call = stage.call('haspage', { file: 0, page: 0 });
      meanwhile(stage, () => {
        stage.fileList[0]!.lock = 1;
      });
      stage.return(call, 1);
    }),
    right('uncache gives an unreferenced object up', about('uncache', gone, unreferenced)),
    right('uncache leaves a referenced one', about('uncache', leftAlone)),
    right('uncache without an object is TRUE', (stage) =>
      stage.return(stage.call('uncache', { file: 0 }), 1),
    ),
    right(
      'uncache of an object that is dying is TRUE',
      about(
        'uncache',
        () => 1,
        (stage) => {
          stage.objectList[0]!.flags |= OBJ_DEAD;
        },
      ),
    ),
    right(
      'dealloc undoes everything',
      about('dealloc', (stage) => {
        Object.assign(stage.fileList[0]!, { object: -1, pagers: 0 });
        stage.fileList[0]!.uses--;
        return 0;
      }),
    ),
  ],
);
