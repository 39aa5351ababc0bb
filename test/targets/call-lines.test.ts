/**
 * Guards that a violation of a pager of one's own is told with the line from which the kernel was called last: a line of its own
 * code, by thread, and none where only what it inherits has called.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Violation } from '../../properties/property.ts';
import { SUITES } from '../../properties/suites/catalogue.ts';
import { Random } from '../../properties/arbitraries/random.ts';
import { replayScenario } from '../../src/engine/replay.ts';
import { allProperties } from '../../src/engine/run.ts';
import { catalogueParts } from '../../src/engine/setup.ts';
import type { PagerKernel } from '../../src/kernel/boundary.ts';
import { BasePager } from '../../src/targets/base-pager.ts';
import { createPagerTarget } from '../../src/targets/reference.ts';
import { callerIn } from '../../src/targets/thrown.ts';

type Get = ReturnType<BasePager['getmulti']>;

const lines = readFileSync(fileURLToPath(import.meta.url), 'utf8').split('\n');

/** What the first runs of the get suite come to that violate anything. */
function violationsOf(factory: (kernel: PagerKernel) => BasePager, runs = 15): Violation[] {
  const parts = catalogueParts(() => createPagerTarget('mine', factory));
  const suite = SUITES.find(({ name }) => name === 'get')!;
  const found: Violation[] = [];
  for (let run = 0; run < runs; run++) {
    const scenario = suite.generate(new Random(run));
    found.push(...replayScenario(parts, scenario, allProperties(parts)).violations);
  }
  return found;
}

/** Declares a page valid that nothing was read into. */
class Lies extends BasePager {
  override *getmulti(...[, m, count, reqpage]: Parameters<BasePager['getmulti']>): Get {
    for (let i = 0; i < count; i++) if (i !== reqpage) this.giveBack(m[i]!);
    m[reqpage]!.valid = this.kernel.allBits;
    this.kernel.pmapClearModify(m[reqpage]!); // the last call
    return 0;
  }
}

/** The same, one page beside it through a function that it inherits. */
class Inherits extends BasePager {
  override *getmulti(...[pager, m, count, reqpage, sync]: Parameters<BasePager['getmulti']>): Get {
    const result = yield* super.getmulti(pager, m, count, reqpage, sync); // what is inherited
    m[reqpage]!.valid = 0;
    return result;
  }
}

describe('the line of a violation', () => {
  it('is that of the last call of the pager, with its text', () => {
    const places = violationsOf((kernel) => new Lies(kernel))
      .filter(({ property }) => property === 'page-contents')
      .map(({ place }) => place);
    expect(places.length).toBeGreaterThan(1);
    for (const place of places) {
      const [, line, text] = /^call-lines\.test\.ts:(\d+): (.*)$/.exec(place!)!;
      expect(text).toContain('// the last call');
      expect(lines[Number(line) - 1]!.trim()).toBe(text);
    }
  });

  it('is where the pager calls what it inherits, if that has called the kernel', () => {
    const places = violationsOf((kernel) => new Inherits(kernel))
      .filter((one) => one.function === 'getmulti' && one.property === 'get-page-masks')
      .map(({ place }) => place);
    expect(places.length).toBeGreaterThan(1);
    for (const place of places) expect(place).toContain('// what is inherited');
  });
});

describe('who calls the kernel', () => {
  const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
  const at = (path: string, line = 1): { file: string; line: number } => ({ file: path, line });
  const OBSERVER = at(file('src/engine/places.ts'));
  const KERNEL = at(file('src/kernel/boundary.ts'));
  const BASE = at(file('src/targets/base-pager.ts'));
  const MINE = at('/home/me/pager.ts', 12);
  const LIBRARY = at('/home/me/node_modules/assert-more/index.js');

  it.each([
    ['code of the pager', [OBSERVER, KERNEL, KERNEL, MINE, KERNEL], MINE],
    ['where it calls what it inherits', [OBSERVER, KERNEL, BASE, BASE, MINE, KERNEL], MINE],
    ['where it calls a library', [OBSERVER, KERNEL, LIBRARY, MINE], MINE],
    ['nobody of the pager, if it inherits what is running', [OBSERVER, KERNEL, BASE, KERNEL], null],
    ['not who was interrupted', [OBSERVER, KERNEL, BASE, KERNEL, MINE, KERNEL], null],
    ['nobody, if no call of the kernel is seen', [OBSERVER], null],
    ['nobody, if the kernel calls itself', [OBSERVER, KERNEL, KERNEL], null],
  ])('is %s', (_, frames, caller) => {
    expect(callerIn(frames)).toEqual(caller);
  });
});
