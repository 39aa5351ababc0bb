/** Guards the small parts of the command line: which exit code wins, what a pipe gets of the progress, how options are read. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hunt } from '../../src/cli/commands/hunt.ts';
import { Console } from '../../src/cli/console.ts';
import { exitOfReplay, exitOfRun } from '../../src/cli/exit.ts';
import { pagerForm } from '../../src/cli/pager-form.ts';
import { HuntProgress } from '../../src/cli/hunt-progress.ts';
import { Interrupts } from '../../src/cli/interrupts.ts';
import { Progress } from '../../src/cli/progress.ts';
import { nameList, timeValue } from '../../src/cli/values.ts';
import { nearest } from '../../src/engine/errors.ts';
import { verdictOf, VERDICTS, type RunReport } from '../../src/engine/results.ts';
import { runReport, suiteReport, VIOLATION } from '../support/reports.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('exit codes', () => {
  it('are those of the documentation', () => {
    expect(Object.fromEntries(VERDICTS.map((verdict) => [verdict, exitOfRun(verdict)]))).toEqual({
      held: 0,
      violated: 1,
      'internal-error': 3,
      'not-reached': 4,
      'not-deterministic': 5,
      interrupted: 130,
    });
    expect((['held', 'reproduced', 'differs'] as const).map(exitOfReplay)).toEqual([0, 1, 6]);
  });

  it('are the lowest that applies', () => {
    const troubles: [Partial<RunReport>, number][] = [
      [{ suites: [suiteReport({ violations: [VIOLATION] })] }, 1],
      [{ internal: { message: '', stack: '', suite: '', run: 0, file: null, scenario: null } }, 3],
      [{ suites: [suiteReport({ notReached: ['x'] })] }, 4],
      [{ suites: [suiteReport({ difference: { run: 0, event: 0, first: '', second: '', file: null } })] }, 5],
      [{ stopped: 'interrupted' }, 130],
    ];
    for (let from = 0; from < troubles.length; from++) {
      const all = troubles.slice(from);
      const suites = all.flatMap(([trouble]) => trouble.suites ?? []);
      const report = runReport(
        Object.assign({}, ...all.map(([trouble]) => trouble), { suites }) as RunReport,
      );
      expect(exitOfRun(verdictOf(report))).toBe(troubles[from]![1]);
    }
    expect(exitOfRun(verdictOf(runReport()))).toBe(0);
  });
});

describe('progress in a pipe', () => {
  const lines = (isQuiet: boolean): string[] => {
    const written: string[] = [];
    const stream = { write: (text: string) => written.push(text) };
    let nowMs = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
    const console = new Console({ color: false, quiet: isQuiet }, stream, stream, {});
    const progress = new Progress(console, stream as unknown as NodeJS.WriteStream);
    const { suiteBegin, progress: tell, suiteEnd } = progress.listener;
    suiteBegin!('mixed', 20_000);
    const counts = { operations: 0, noops: 0, transfers: 0 };
    for (const [runs, ms, causes] of [
      [100, 50, 0],
      [9000, 10_100, 0],
      [9100, 10_200, 0],
      [15_000, 20_200, 2],
    ] as const) {
      nowMs = ms;
      tell!('mixed', { runs, causes, ...counts }, 20_000);
    }
    suiteEnd!(suiteReport());
    progress.pause(() => written.push('printed\n'));
    progress.stop();
    return written;
  };

  it('is a line now and then', () => {
    expect(lines(false)).toEqual([
      'mixed: 9,000 of 20,000 runs after 10.1 s\n',
      'mixed: 15,000 of 20,000 runs, 2 failures after 20.2 s\n',
      'printed\n',
    ]);
  });

  it('is nothing at all under --quiet', () => {
    expect(lines(true)).toEqual(['printed\n']);
  });
});

describe('a bar on a terminal', () => {
  /** What is written to a terminal, piece by piece. */
  const terminal = (): { stream: NodeJS.WriteStream; written: string[] } => {
    const written: string[] = [];
    const stream = { isTTY: true, columns: 80, write: (text: string) => written.push(text) };
    return { stream: stream as unknown as NodeJS.WriteStream, written };
  };

  /** Whether a bar was drawn, and its line was not cleared since. */
  const isDrawn = (written: readonly string[]): boolean =>
    // oxlint-disable-next-line no-control-regex -- what clears a line begins with one
    /\.{10}(?!.*\u001B\[2K)/s.test(written.join(''));

  it('of a hunt is drawn when it is told to, after what is said first, and never after its end', () => {
    const { stream, written } = terminal();
    const console = new Console({ color: false, quiet: false }, stream, stream, {});
    const progress = new HuntProgress(console, stream, 1000);
    progress.pause(() => written.push('early\n'));
    expect(written).toEqual(['early\n']);
    progress.start();
    expect(isDrawn(written)).toBe(true);
    progress.stop();
    expect(isDrawn(written)).toBe(false);
    written.length = 0;
    progress.pause(() => written.push('late\n'));
    expect(written.filter((text) => text.includes('....'))).toEqual([]);
  });

  it('of a hunt begins below what the hunt says first', async () => {
    const { stream, written } = terminal();
    const console = new Console({ color: false, quiet: false }, stream, stream, {});
    const corpus = mkdtempSync(join(tmpdir(), 'pagercheck-console-'));
    const options = {
      target: 'reference',
      pager: 'repaired+input-sector-tail',
      suite: ['get'],
      seed: 1,
      corpus,
    };
    expect(await hunt({ ...options, time: 60_000 }, console, stream)).toBe(1);
    rmSync(corpus, { recursive: true });
    const header = written.findIndex((text) =>
      text.startsWith('target reference, repaired+input-sector-tail'),
    );
    expect(written.findIndex((text) => text.includes('....'))).toBeGreaterThan(header);
    expect(header).toBe(0);
  });

  it('is taken away for what is said to an interrupt', () => {
    const { stream, written } = terminal();
    const console = new Console({ color: false, quiet: false }, stream, stream, {});
    const progress = new HuntProgress(console, stream, 1000);
    progress.start();
    let wasDrawn = true;
    const interrupts = new Interrupts(
      (message) => {
        progress.pause(() => {
          wasDrawn = isDrawn(written);
          console.news(message);
        });
      },
      () => {},
    );
    process.emit('SIGINT');
    interrupts.release();
    expect(interrupts.signal.aborted).toBe(true);
    expect(wasDrawn).toBe(false);
    const said = written.findIndex((text) => text.startsWith('interrupted: stopping'));
    expect(written.slice(said).some((text) => text.includes('....'))).toBe(true);
    progress.stop();
  });
});

describe('values', () => {
  it('of times have units', () => {
    expect(['30s', '10m', '2h'].map(timeValue)).toEqual([30_000, 600_000, 7_200_000]);
  });

  it('of lists may be repeated and hold commas', () => {
    const names = nameList('--suite');
    expect(names('c, a', names('a,b'))).toEqual(['a', 'b', 'c']);
  });

  it('of forms name switches', () => {
    const known = ['input-bad', 'input-hole'];
    expect(pagerForm('repaired', known)).toEqual({ form: 'repaired', switches: [] });
    expect(pagerForm('as-written', known)).toEqual({ form: 'as-written', switches: [] });
    expect(pagerForm('repaired+input-bad,input-hole,input-bad', known)).toEqual({
      form: 'repaired',
      switches: known,
    });
    expect(pagerForm('as-written+input-hole', known)).toEqual({
      form: 'as-written',
      switches: ['input-hole'],
    });
  });
});

describe('the nearest name', () => {
  const known = ['zero-past-eof', 'no-panic', 'mixed', 'get'];
  it.each([
    ['zero-pats-eof', 'zero-past-eof'],
    ['zero', 'zero-past-eof'],
    ['Mixed', 'mixed'],
    ['gte', 'get'],
    ['xyzzy', undefined],
    ['', undefined],
    ['x'.repeat(10_000), undefined],
  ])('to %s', (name, near) => {
    expect(nearest(name, known)).toBe(near);
  });
});
