/**
 * Guards whom a size change tells, where the pager is told before the file has the size: the object that was there once, and one
 * that was made meanwhile, which has the old size, again, also if it has the number of the one before. The rest of the kernel is
 * a script here; what comes of it in whole runs is for the scenarios in `test/engine/agreed`.
 */
import { describe, expect, it } from 'vitest';
import { BlockMap } from '../../../src/kernel/block-map.ts';
import { Resizing } from '../../../src/kernel/callers/resizing.ts';
import type { Uio } from '../../../src/kernel/file-access.ts';
import type { Kernel } from '../../../src/kernel/kernel.ts';
import { NOT_ANNOUNCED, Vnode, VmObject, VmPager } from '../../../src/kernel/structures.ts';
import { ENOSPC } from '../../../src/trace/codes.ts';

/** A change that nothing puts to sleep; `meanwhile` is what others do just before the file system changes the size. */
function change(
  what: (resizing: Resizing, vp: Vnode) => Generator<unknown, unknown>,
  meanwhile: (vp: Vnode) => void,
  { hasRoom = true, truncateOrder = 'setsize-first' } = {},
): { told: number[]; during: number | undefined; vp: Vnode; result: unknown } {
  const told: number[] = [];
  let during: number | undefined;
  const vp = new Vnode(0, new BlockMap());
  vp.size = 100;
  vp.vVmdata = new VmObject(0);
  vp.vMount = {} as Vnode['vMount'];
  const resize = (_: Vnode, size: number): boolean => {
    meanwhile(vp);
    during = vp.vVmdata?.announcedSize;
    if (hasRoom) vp.size = size;
    return hasRoom;
  };
  const kernel = {
    buffers: { invalidate: () => 0 },
    fileSystems: {
      of: () => ({ truncateOrder, pastEnd: 'hole', fragmentSize: 0 }),
      movingBlock: () => -1,
      roomInBlock: () => 1000,
      delays: () => true,
      shrink: resize,
      grow: resize,
    },
    pagerCalls: { setsize: (_: Vnode, size: number) => told.push(size), uncache: () => 0 },
    threads: { current: { id: 0 } },
    fileAccess: {
      requestEnd: (_: number, end: number) => end,
      write: (_: Vnode, uio: Uio) => {
        uio.uioResid = 0;
        return 0;
      },
    },
  } as unknown as Kernel;
  const { value, done } = what(new Resizing(kernel), vp).next();
  expect(done).toBe(true);
  return { told, during, vp, result: value };
}

const replace = (vp: Vnode): void => {
  vp.vVmdata = new VmObject(1);
};

describe.each([
  ['shorter', 40, (resizing: Resizing, vp: Vnode) => resizing.shrink(vp, 40)],
  ['longer', 200, (resizing: Resizing, vp: Vnode) => resizing.grow(vp, 200)],
] as const)('a file that becomes %s', (_, size, what) => {
  it('has its pager told once, and remembers what it was told only as long as the file is not that long', () => {
    const { told, during, vp } = change(what, () => {});
    expect(told).toEqual([size]);
    expect(during).toBe(size);
    expect(vp.vVmdata!.announcedSize).toBe(NOT_ANNOUNCED);
  });

  it('has another object told that was made meanwhile', () => {
    const { told, during } = change(what, replace);
    expect(told).toEqual([size, size]);
    // what its buffers bring in is the file as it still is
    expect(during).toBe(NOT_ANNOUNCED);
  });

  it('has an object forget it that its pager lost from the vnode', () => {
    let lost: VmObject | null = null;
    change(what, (vp) => {
      lost = vp.vVmdata!;
      lost.pager = new VmPager();
      lost.pager.pgHandle = vp;
      replace(vp);
    });
    expect(lost!.announcedSize).toBe(NOT_ANNOUNCED);
  });

  it('leaves alone what the object was told for another file by then', () => {
    let other: VmObject | null = null;
    change(what, (vp) => {
      other = vp.vVmdata!;
      other.pager = new VmPager();
      other.pager.pgHandle = new Vnode(1, new BlockMap());
      replace(vp);
    });
    expect(other!.announcedSize).toBe(size);
  });

  it('has an object told that was made meanwhile where the first one was', () => {
    const { told } = change(what, (one) => {
      one.vVmdata!.announcedSize = NOT_ANNOUNCED;
    });
    expect(told).toEqual([size, size]);
  });

  it('has nobody told again whose object is gone', () => {
    const { told } = change(what, (one) => {
      one.vVmdata = null;
    });
    expect(told).toEqual([size]);
  });
});

describe('a file that is written past its end', () => {
  const write = (resizing: Resizing, vp: Vnode): Generator<unknown, unknown> =>
    resizing.write(vp, 100, 50, 1);

  it('has its pager told once, before or after, as its file system does', () => {
    const first = change(write, () => {}, { truncateOrder: 'setsize-last' });
    expect(first).toMatchObject({ told: [150], during: 150, result: 0 });
    expect(first.vp.vVmdata!.announcedSize).toBe(NOT_ANNOUNCED);
    const last = change(write, () => {});
    expect(last).toMatchObject({ told: [150], during: NOT_ANNOUNCED, result: 0 });
  });

  it('has another object told that was made meanwhile, if it was told before', () => {
    expect(change(write, replace, { truncateOrder: 'setsize-last' }).told).toEqual([150, 150]);
    expect(change(write, replace).told).toEqual([150]);
  });
});

it('a file that cannot grow has its pager told the size that it keeps', () => {
  const { told, vp, result } = change(
    (resizing, one) => resizing.grow(one, 200),
    () => {},
    { hasRoom: false },
  );
  expect(result).toBe(ENOSPC);
  expect(told).toEqual([200, 100]);
  expect(vp.vVmdata!.announcedSize).toBe(NOT_ANNOUNCED);
});

it('a file that cannot grow has an object told too that was made meanwhile', () => {
  const { told } = change((resizing, vp) => resizing.grow(vp, 200), replace, { hasRoom: false });
  expect(told).toEqual([200, 100]);
});
