/**
 * Guards the pool of buffer headers: none is lost or handed out twice, the last one back is the first one out, waiters are
 * woken, headers come clean, and what they hold (credentials, vnodes) is let go of.
 */
import { describe, expect, it } from 'vitest';
import { fc, test } from '@fast-check/vitest';
import { NOCRED, type Buf } from '../../src/kernel/structures.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { B_DONE, PBUF_FIELDS, PBUF_POISON } from '../../src/trace/codes.ts';
import { exception, World, type Changes, type Script } from './support/world.ts';

const world = new World();

const run = (script: Script, changes: Changes = {}): ReturnType<World['play']> =>
  world.play([script], changes);

describe('the pool', () => {
  test.prop([fc.integer({ min: 1, max: 6 }), fc.array(fc.tuple(fc.boolean(), fc.nat()), { maxLength: 40 })])(
    'gives back what came last, and loses nothing',
    (pbufs, steps) => {
      const taken: Buf[] = [];
      const stack: number[] = [];
      const result = run(
        ({ pbufs: pool }) => {
          for (let i = pbufs - 1; i >= 0; i--) stack.push(i);
          for (const [take, which] of steps) {
            if (take) {
              const bp = pool.try();
              expect(bp?.id).toBe(stack.pop());
              if (bp !== null) taken.push(bp);
            } else if (taken.length > 0) {
              const [bp] = taken.splice(which % taken.length, 1);
              stack.push(bp!.id);
              pool.release(bp!);
            }
            expect(pool.freeCount + taken.length).toBe(pbufs);
            expect(pool.freeCount).toBe(stack.length);
          }
        },
        { geometry: { pbufs } },
      );
      expect(result.ending).toBe('completed');
    },
  );

  it('wakes who waits for a header', () => {
    const log: string[] = [];
    const held: Buf[] = [];
    const result = world.play(
      [
        ({ pbufs }) => void held.push(pbufs.try()!),
        function* ({ boundary }) {
          const bp = boundary.getpbuf() ?? (yield* boundary.blocked<Buf>());
          log.push(`got ${bp.id}`);
          boundary.relpbuf(bp);
        },
        ({ boundary }) => {
          log.push('released');
          boundary.relpbuf(held[0]!);
        },
      ],
      { geometry: { pbufs: 1 } },
    );
    expect(result.ending).toBe('completed');
    expect(log).toEqual(['released', 'got 0']);
  });

  it('may make the caller wait although there is one', () => {
    const log: string[] = [];
    world.play(
      [
        function* ({ boundary }) {
          const bp = boundary.getpbuf() ?? (yield* boundary.blocked<Buf>());
          log.push(`got ${bp.id}`);
          boundary.relpbuf(bp);
        },
        () => void log.push('meanwhile'),
      ],
      { schedule: [exception('pbuf', 'sleep')] },
    );
    expect(log).toEqual(['meanwhile', 'got 0']);
  });
});

describe('a header', () => {
  it('comes clean, with a window of its own', () => {
    run((kernel) => {
      const { pbufs } = kernel;
      const bp = pbufs.try()!;
      Object.assign(bp, { bFlags: 7, bData: 3, bBcount: 1, bBlkno: 9, bError: 5, bResid: 8, bDirtyend: 4 });
      pbufs.release(bp);
      const again = pbufs.try()!;
      expect(again).toBe(bp);
      expect(again).toMatchObject({
        bFlags: 0,
        bData: again.window,
        bBcount: 0,
        bBufsize: 0,
        bResid: 0,
        bError: 0,
        bBlkno: 0,
        bDirtyoff: 0,
        bDirtyend: 0,
        bVp: null,
        bIodone: null,
        bProc: null,
        bRcred: NOCRED,
        bWcred: NOCRED,
      });
      expect(pbufs.try()!.window).not.toBe(again.window);
    });
  });

  it('lets go of its credentials and its vnode', () => {
    run((kernel) => {
      const { pbufs, boundary, vnodes } = kernel;
      const bp = pbufs.try()!;
      const credential = boundary.curproc!.pUcred;
      bp.bRcred = credential;
      bp.bWcred = credential;
      boundary.crhold(credential);
      boundary.crhold(credential);
      boundary.pbgetvp(vnodes.disk, bp);
      expect([credential.crRef, vnodes.disk.vHoldcnt]).toEqual([3, 1]);
      boundary.relpbuf(bp);
      expect([credential.crRef, vnodes.disk.vHoldcnt, bp.bVp]).toEqual([1, 0, null]);
      expect(NOCRED.crRef).toBe(1);
    });
  });

  it('without credentials (null ones) is returned all the same', () => {
    expect(
      run(({ pbufs }) => {
        const bp = pbufs.try()!;
        bp.bRcred = null;
        pbufs.release(bp);
      }).ending,
    ).toBe('completed');
  });

  it.each<[string, Script, RegExp]>([
    [
      'returned twice',
      ({ pbufs }) => {
        const bp = pbufs.try()!;
        pbufs.release(bp);
        pbufs.release(bp);
      },
      /free already/,
    ],
    [
      'given two vnodes',
      ({ pbufs, vnodes }) => {
        const bp = pbufs.try()!;
        pbufs.attach(vnodes.disk, bp);
        pbufs.attach(vnodes.disk, bp);
      },
      /has a vnode already/,
    ],
    ['without a vnode cannot lose it', ({ pbufs }) => pbufs.detach(pbufs.try()!), /no vnode/],
    ['without a vnode cannot be started', ({ pbufs, disk }) => void disk.strategy(pbufs.try()!), /no vnode/],
  ])('%s: panic', (_name, script, detail) => {
    const result = run(script);
    expect(result.ending).toBe('panic');
    expect(result.detail).toMatch(detail);
  });

  it.each<[string, (bp: Buf) => void]>([
    ['b_flags', (bp) => (bp.bFlags |= B_DONE)],
    ['b_data', (bp) => (bp.bData += 1)],
    ['b_bcount', (bp) => (bp.bBcount = 0)],
    ['b_bufsize', (bp) => (bp.bBufsize = 0)],
    ['b_resid', (bp) => (bp.bResid = 0)],
    ['b_error', (bp) => (bp.bError = 0)],
    ['b_blkno', (bp) => (bp.bBlkno = 0)],
    ['b_dirtyoff', (bp) => (bp.bDirtyoff = 0)],
    ['b_dirtyend', (bp) => (bp.bDirtyend = 0)],
    ['b_vp', (bp) => (bp.bVp = world.kernel.vnodes.disk)],
    ['b_iodone', (bp) => (bp.bIodone = () => {})],
    ['b_proc', (bp) => (bp.bProc = world.kernel.boundary.curproc)],
    ['b_rcred', (bp) => (bp.bRcred = null)],
    ['b_wcred', (bp) => (bp.bWcred = null)],
  ])('whose %s was written while it was free shows it, and traps when it is taken', (name, write) => {
    const header = new Int32Array(PBUF_FIELDS.length);
    const written = (kernel: Kernel): string[] => {
      kernel.pbufs.header(0, header);
      return PBUF_FIELDS.filter((_, i) => header[i] !== PBUF_POISON);
    };
    let before: string[] = ['not looked at'];
    let after: string[] = [];
    const result = run((kernel) => {
      const bp = kernel.pbufs.try()!;
      kernel.pbufs.release(bp);
      before = written(kernel);
      write(bp);
      after = written(kernel);
      kernel.pbufs.try();
    });
    expect([before, after]).toEqual([[], [name]]);
    expect(result).toMatchObject({ ending: 'trap', detail: expect.stringContaining('pbuf 0') as unknown });
  });

  it('releasing a hold that nobody has panics with diagnostics, else the count goes below zero', () => {
    const script: Script = ({ boundary, vnodes }) => {
      boundary.holdrele(vnodes.files[0]!);
      expect(vnodes.files[0]!.vHoldcnt).toBe(-1);
    };
    expect(run(script).ending).toBe('completed');
    expect(run(script, { options: { diagnostic: true } }).ending).toBe('panic');
  });
});
