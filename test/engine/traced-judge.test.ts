/**
 * Guards how the ways of two runs to a violation are told apart: by what happened until it was found, and by nothing that
 * happened afterwards.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../properties/arbitraries/random.ts';
import { SUITES } from '../../properties/suites/catalogue.ts';
import { catalogueParts } from '../../src/engine/setup.ts';
import { isAlike, isSameSubject, isSameWay, TracedJudge } from '../../src/engine/traced-judge.ts';
import type { Scenario, TargetChoice } from '../../src/scenario/scenario.ts';
import { createReferenceTarget } from '../../src/targets/reference.ts';

const parts = catalogueParts(createReferenceTarget);
const one = new TracedJudge(parts);
const other = new TracedJudge(parts);

const WRITTEN: TargetChoice = { name: 'reference', form: 'as-written', switches: [] };

/** A form with a few repairs, drawn from those that most runs meet. */
const FORMS = [
  WRITTEN,
  { ...WRITTEN, switches: ['hold-release-input', 'hold-release-output'] },
  { ...WRITTEN, switches: ['input-error-valid', 'address-hole', 'output-partial'] },
  { ...WRITTEN, form: 'repaired' },
] satisfies TargetChoice[];

const scenarios = fc
  .record({ seed: fc.integer({ min: 0, max: 0xffff_ffff }), suite: fc.constantFrom(...SUITES) })
  .map(({ seed, suite }): Scenario => suite.generate(new Random(seed)));

describe('the way to a violation', () => {
  it('is the same in two runs of the same, whatever ran before', () => {
    fc.assert(
      fc.property(scenarios, scenarios, (before, scenario) => {
        const sights = one.sights(scenario, WRITTEN);
        other.run(before, FORMS[1]!);
        const again = other.sights(scenario, WRITTEN);
        expect(again).toEqual(sights);
        expect(other.trace).toEqual(one.trace);
        const ways = other.compare(scenario, WRITTEN, sights);
        expect(ways).toEqual(sights.map(() => 'same'));
      }),
      { numRuns: 60 },
    );
  });

  it('is a beginning of the trace: it is the same exactly where no event until then differs', () => {
    let [same, parted] = [0, 0];
    fc.assert(
      fc.property(scenarios, fc.constantFrom(...FORMS), (scenario, form) => {
        const sights = one.sights(scenario, WRITTEN);
        const history = [...one.historyOf(scenario, WRITTEN)];
        const changed = [...other.historyOf(scenario, form)];
        const ways = other.compare(scenario, form, sights);
        for (const [i, sight] of sights.entries()) {
          expect(history[sight.events - 1]).toBe(sight.digest);
          const isSame = changed[sight.events - 1] === sight.digest;
          const alike = other.sights(scenario, form).filter((x) => isAlike(x.violation, sight.violation));
          expect(ways[i]).toBe(alike.length === 0 ? 'gone' : isSame ? 'same' : 'other');
          if (isSame) same++;
          else parted++;
          for (const found of alike.filter((x) => isSameWay(x, sight))) {
            expect(isSame).toBe(true);
            expect(isSameSubject(found.violation, sight.violation)).toBe(true);
          }
        }
      }),
      { numRuns: 60 },
    );
    // both kinds came, or nothing was tried
    expect(Math.min(same, parted)).toBeGreaterThan(5);
  });
});
