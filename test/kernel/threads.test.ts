/**
 * Guards the processor: sleep and wakeup without memory, who goes on, the order in which transfers finish in the plain run and
 * with delays, interrupts that masks put off, and how runs end that cannot go on.
 */
import { describe, expect, it } from 'vitest';
import { fc, test } from '@fast-check/vitest';
import { Marker, type Buf, type Sleeps } from '../../src/kernel/structures.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { SPL0, SPLBIO } from '../../src/kernel/threads.ts';
import { B_DONE } from '../../src/trace/codes.ts';
import { exception, prepare, putBack, World, type Script } from './support/world.ts';

const world = new World();
const HERE = new Marker('pager');
const ELSEWHERE = new Marker('pager');

function* sleep(kernel: Kernel, channel: Marker | Buf = HERE): Sleeps<void> {
  if (kernel.boundary.tsleep(channel) === null) yield* kernel.boundary.blocked();
}

function* waitFor(kernel: Kernel, bp: Buf): Sleeps<void> {
  const { boundary } = kernel;
  const mask = boundary.splbio();
  while ((bp.bFlags & B_DONE) === 0) yield* sleep(kernel, bp);
  boundary.splx(mask);
}

describe('sleep and wakeup', () => {
  it('a wakeup wakes everybody who sleeps on exactly that address, and runs nobody', () => {
    const log: string[] = [];
    const sleeper = (name: string, channel: Marker): Script =>
      function* (kernel) {
        yield* sleep(kernel, channel);
        log.push(name);
        if (name === 'b') kernel.boundary.wakeup(ELSEWHERE);
      };
    const waker: Script = ({ boundary }) => {
      boundary.wakeup(HERE);
      log.push('woken');
    };
    const result = world.play([sleeper('a', HERE), sleeper('b', HERE), sleeper('c', ELSEWHERE), waker]);
    expect(result.ending).toBe('completed');
    expect(log).toEqual(['woken', 'a', 'b', 'c']);
  });

  it('a wakeup has no memory: who comes later sleeps for ever, and the end of the run names them', () => {
    const result = world.play([
      ({ boundary }) => boundary.wakeup(HERE),
      (kernel) => sleep(kernel),
      function* (kernel) {
        while (kernel.pbufs.try() !== null);
        if (kernel.boundary.getpbuf() === null) yield* kernel.boundary.blocked();
      },
    ]);
    expect(result).toMatchObject({
      ending: 'deadlock',
      detail: 'thread 1 waits for pager; thread 2 waits for pool',
    });
  });

  it('what somebody waits for is named by its kind once', () => {
    const result = world.play([
      function* (kernel) {
        const page = kernel.pages.allocate(kernel.objects.allocate(64), 0)!;
        if (kernel.boundary.tsleep(page) === null) yield* kernel.boundary.blocked();
      },
    ]);
    expect(result).toMatchObject({ ending: 'deadlock', detail: 'thread 0 waits for page 0 of object 0' });
  });

  it('the daemon may sleep for ever', () => {
    expect(world.play([() => {}]).ending).toBe('completed');
  });

  it('the mask is lifted during a sleep and comes back', () => {
    const masks: number[] = [];
    const result = world.play([
      function* (kernel) {
        kernel.boundary.splbio();
        yield* sleep(kernel);
        masks.push(kernel.threads.mask);
        kernel.boundary.splx(SPL0);
      },
      ({ threads, boundary }) => {
        masks.push(threads.mask);
        boundary.wakeup(HERE);
      },
    ]);
    expect(result.ending).toBe('completed');
    expect(masks).toEqual([SPL0, SPLBIO]);
  });

  it.each([
    ['is told that it may, and tests again', 0],
    ['lets another go first, if the schedule says so', 1],
  ])('a spurious wakeup ends a sleep before anything happens: who sleeps %s', (_, other) => {
    const log: string[] = [];
    const result = world.play(
      [
        function* (kernel) {
          yield* sleep(kernel);
          log.push('in vain');
          yield* sleep(kernel);
          log.push('woken');
        },
        ({ boundary }) => {
          log.push('another');
          boundary.wakeup(HERE);
        },
      ],
      {
        schedule: [
          exception('wakeup', 'spurious'),
          ...(other > 0 ? [exception('run', 'run', { amount: other })] : []),
        ],
      },
    );
    expect(log).toEqual(other > 0 ? ['another', 'in vain'] : ['in vain', 'another', 'woken']);
    // a wakeup before the second sleep is lost, as any is
    expect(result.ending).toBe(other > 0 ? 'deadlock' : 'completed');
  });

  it('nothing that is under way ends because of a spurious wakeup', () => {
    const result = world.play(
      [
        function* (kernel) {
          const bp = prepare(kernel, kernel.pbufs.try()!, { write: false, block: 8, count: 64 });
          kernel.disk.strategy(bp);
          const mask = kernel.boundary.splbio();
          yield* sleep(kernel, bp);
          expect(bp.bFlags & B_DONE).toBe(0);
          expect(kernel.threads.mask).toBe(SPLBIO);
          kernel.boundary.splx(mask);
          yield* waitFor(kernel, bp);
          putBack(kernel, bp);
        },
      ],
      { schedule: [exception('wakeup', 'spurious')] },
    );
    expect(result).toMatchObject({ ending: 'completed', transfers: 1 });
  });

  it('who sleeps while nobody else can run is woken by an interrupt, in a plain call', () => {
    const result = world.play([
      function* (kernel) {
        // the daemon runs first, and sleeps from then on
        yield* kernel.threads.waitAWhile();
        const bp = prepare(kernel, kernel.pbufs.try()!, { write: false, block: 8, count: 64 });
        kernel.disk.strategy(bp);
        expect(kernel.boundary.tsleep(bp)).toBe(0);
        expect(bp.bFlags & B_DONE).toBe(B_DONE);
        putBack(kernel, bp);
      },
    ]);
    expect(result).toMatchObject({ ending: 'completed', transfers: 1 });
  });

  it('handlers do not sleep', () => {
    const result = world.play([
      function* (kernel) {
        const bp = prepare(kernel, kernel.pbufs.try()!, { write: false, block: 8, count: 64 });
        bp.bIodone = () => void kernel.boundary.tsleep(bp);
        kernel.disk.strategy(bp);
        yield* waitFor(kernel, bp);
      },
    ]);
    expect(result).toMatchObject({ ending: 'trap', detail: 'tsleep at interrupt level' });
  });

  it('a call that blocked is gone on with once', () => {
    const result = world.play([
      function* (kernel) {
        yield* kernel.boundary.blocked();
      },
    ]);
    expect(result).toMatchObject({ ending: 'trap', detail: 'waiting for a call that did not block' });
  });
});

describe('who goes on', () => {
  const three = (schedule: ReturnType<typeof exception>[]): string[] => {
    const log: string[] = [];
    const script = (thread: number): Script =>
      function* (kernel) {
        log.push(`${thread} begins`);
        yield* kernel.threads.waitAWhile();
        log.push(`${thread} ends`);
      };
    world.play([script(0), script(1), script(2)], { schedule });
    return log;
  };

  it('is the lowest number in the plain run, and what waits comes back in order', () => {
    expect(three([])).toEqual(['0 begins', '1 begins', '2 begins', '0 ends', '1 ends', '2 ends']);
  });

  it('is whom the schedule names: before an operation, and when a thread sleeps', () => {
    expect(three([exception('run', 'run', { amount: 2 })])).toEqual([
      '2 begins',
      '0 begins',
      '1 begins',
      '2 ends',
      '0 ends',
      '1 ends',
    ]);
    expect(three([exception('run', 'run', { ordinal: 1, amount: 2 })]).slice(0, 3)).toEqual([
      '0 begins',
      '2 begins',
      '1 begins',
    ]);
  });

  it('an exception whose address is not met is ignored', () => {
    const plain = three([]);
    expect(three([exception('run', 'run', { ordinal: 7, amount: 2 })])).toEqual(plain);
    expect(three([exception('run', 'run', { amount: 0 })])).toEqual(plain);
    expect(three([exception('run', 'run', { operation: 9, amount: 2 })])).toEqual(plain);
  });
});

describe('transfers', () => {
  /** Starts one read after the other, waits for all, and says in which order they ended. */
  function endings(delays: readonly number[]): number[] {
    const ended: number[] = [];
    const schedule = delays.flatMap((amount, ordinal) =>
      amount < 0 ? [] : [exception('transfer', 'delay', { ordinal, amount })],
    );
    const result = world.play(
      [
        function* (kernel) {
          const started: Buf[] = [];
          for (let i = 0; i < delays.length; i++) {
            const bp = kernel.pbufs.try()!;
            started.push(prepare(kernel, bp, { write: false, block: 8, count: 64 }));
            kernel.disk.strategy(bp);
          }
          for (const bp of started) yield* waitFor(kernel, bp);
          for (const bp of started.toReversed()) putBack(kernel, bp);
        },
      ],
      { schedule, geometry: { pbufs: 8 } },
      { transferEnd: ({ pbuf }) => void ended.push(pbuf) },
    );
    expect(result.ending).toBe('completed');
    return ended;
  }

  it('end in order in the plain run', () => {
    expect(endings([-1, -1, -1, -1])).toEqual([0, 1, 2, 3]);
  });

  test.prop([fc.array(fc.integer({ min: -1, max: 5 }), { maxLength: 8 })])(
    'that are delayed by n are overtaken by the n that start next and are not delayed themselves',
    (delays) => {
      const due = delays.map((delay, i) => (delay < 0 ? i : i + delay + 0.5));
      const order = delays.map((_, i) => i).toSorted((a, b) => due[a]! - due[b]! || a - b);
      expect(endings(delays)).toEqual(order);
    },
  );

  /** Which of the steps of one thread the interrupt of a transfer came before. */
  function interruptedBefore(schedule: ReturnType<typeof exception>[]): string[] {
    const log: string[] = [];
    world.play(
      [
        function* (kernel) {
          const { boundary } = kernel;
          const bp = prepare(kernel, kernel.pbufs.try()!, { write: false, block: 8, count: 64 });
          boundary.vopStrategy(bp);
          const mask = boundary.splbio();
          log.push('masked');
          boundary.wakeup(HERE);
          log.push('called');
          boundary.splx(mask);
          log.push('open');
          boundary.wakeup(HERE);
          log.push('late');
          yield* waitFor(kernel, bp);
          putBack(kernel, bp);
        },
      ],
      { schedule },
      { interruptEnd: () => void log.push('interrupt') },
    );
    return log;
  }

  it('interrupt only when nothing can run, unless the schedule says so', () => {
    expect(interruptedBefore([]).at(-1)).toBe('interrupt');
  });

  it('interrupt at the call that the schedule names, and not while they are masked', () => {
    // the first opportunity (ordinal 0, nothing having been in flight before) is splbio, which then masks
    const at = (ordinal: number): string[] =>
      interruptedBefore([exception('interrupt', 'deliver', { ordinal, amount: 1 })]);
    expect(at(0)).toEqual(['interrupt', 'masked', 'called', 'open', 'late']);
    expect(at(1)).toEqual(['masked', 'called', 'interrupt', 'open', 'late']);
    expect(at(2)).toEqual(['masked', 'called', 'open', 'interrupt', 'late']);
  });

  it('of one buffer cannot be under way twice', () => {
    const result = world.play([
      (kernel) => {
        const bp = prepare(kernel, kernel.pbufs.try()!, { write: false, block: 8, count: 64 });
        kernel.disk.strategy(bp);
        kernel.disk.strategy(bp);
      },
    ]);
    expect(result).toMatchObject({ ending: 'trap', detail: 'a buffer is started while it is in flight' });
  });
});

describe('runs end', () => {
  it.each<[string, Script, string, RegExp]>([
    [
      'in a trap by a null pointer',
      (kernel) => void kernel.vnodes.files[0]!.vVmdata!.size,
      'trap',
      /null pointer/,
    ],
    ['in a panic', ({ boundary }) => boundary.panic('oh'), 'panic', /^oh$/],
    [
      'at the bound on steps',
      ({ boundary }) => {
        for (;;) boundary.wakeup(HERE);
      },
      'bound',
      /200000 calls/,
    ],
  ])('%s', (_name, script, ending, detail) => {
    const result = world.play([script]);
    expect(result.ending).toBe(ending);
    expect(result.detail).toMatch(detail);
    // and the world is as good as new
    expect(world.play([() => {}])).toMatchObject({ ending: 'completed', detail: '', operations: 1 });
  });

  it('with what is thrown if it is the world itself that breaks', () => {
    expect(() =>
      world.play([
        () => {
          throw new RangeError('broken');
        },
      ]),
    ).toThrow('broken');
  });
});
