/**
 * Guards that the kernel traps a pager that works on a vnode to which nobody refers, by whatever operation, and lets it work on
 * one that is referred to.
 */
import { expect, it } from 'vitest';
import type { PagerKernel } from '../../src/kernel/boundary.ts';
import { Uio } from '../../src/kernel/file-access.ts';
import type { Vnode } from '../../src/kernel/structures.ts';
import { fileSystem, prepare, World } from './support/world.ts';

const world = new World();

/** A request for no byte. */
const nothing = (): Uio => new Uio();

it.each<[string, (kernel: PagerKernel, vp: Vnode) => unknown]>([
  ['VREF', (kernel, vp) => kernel.vref(vp)],
  ['VOP_GETATTR', (kernel, vp) => kernel.vopGetattr(vp, { vaSize: 0 })],
  ['VOP_BMAP', (kernel, vp) => kernel.vopBmap(vp, 0, { dvp: null, bn: 0 })],
  ['VOP_BMAP', (kernel, vp) => kernel.vopBmapDevice(vp, { dvp: null, bn: 0 })],
  ['VOP_READ', (kernel, vp) => kernel.vopRead(vp, nothing())],
  ['VOP_WRITE', (kernel, vp) => kernel.vopWrite(vp, nothing())],
  ['VOP_UPDATE', (kernel, vp) => kernel.vopUpdate(vp)],
  ['VOP_ISLOCKED', (kernel, vp) => kernel.vopIslocked(vp)],
  ['VOP_ISLOCKED', (kernel, vp) => kernel.vopHoldsLock(vp)],
  ['VOP_LOCK', (kernel, vp) => kernel.vopLock(vp)],
  ['VOP_UNLOCK', (kernel, vp) => kernel.vopUnlock(vp)],
])('%s of a vnode that nobody refers to traps', (name, use) => {
  const play = (references: number): ReturnType<World['play']> =>
    world.play([
      ({ boundary, vnodes }) => {
        vnodes.files[0]!.vUsecount = references;
        use(boundary, vnodes.files[0]!);
      },
    ]);
  expect(play(1).ending).toBe('completed');
  expect(play(0)).toMatchObject({ ending: 'trap', detail: `${name}: nobody refers to the vnode of file 0` });
});

it('a transfer that is addressed to such a vnode traps', () => {
  const result = world.play(
    [
      (kernel) => {
        const [vp] = kernel.vnodes.files;
        const bp = prepare(kernel, kernel.pbufs.try()!, { write: false, block: 0, count: 64, vp: vp! });
        kernel.boundary.vopStrategy(bp);
      },
    ],
    { fileSystems: [fileSystem({ blockMap: 'network' })] },
  );
  expect(result).toMatchObject({
    ending: 'trap',
    detail: 'VOP_STRATEGY: nobody refers to the vnode of file 0',
  });
});
