/**
 * Guards the reference pager by generated scenarios alone: the repaired form holds every property on them, whatever single
 * defect is switched on the run ends, and both forms do the same every time. Branch coverage of the pager is measured with
 * this file only (`npm run coverage:pager`), so that it says what scenarios reach. Seeds are fixed.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Random } from '../../properties/arbitraries/random.ts';
import { PROPERTIES } from '../../properties/catalogue.ts';
import { Judge } from '../../properties/judge.ts';
import { SUITES } from '../../properties/suites/catalogue.ts';
import { parseScenario } from '../../src/scenario/codec.ts';
import type { Scenario, TargetChoice } from '../../src/scenario/scenario.ts';
import { createReferenceTarget, SWITCHES } from '../../src/targets/reference.ts';
import { compose } from '../../src/trace/compose.ts';
import { compareTraces, Recorder } from '../../src/trace/recorder.ts';

const target = createReferenceTarget();
const judge = new Judge(PROPERTIES.filter(({ kind }) => kind !== 'sometimes').map(({ id }) => id));

/** Scenarios of each suite; more of them when coverage is measured, fewer when mutants are judged. */
const RUNS = Number(process.env['PAGER_RUNS'] ?? 100);

function drawn(
  suite: (typeof SUITES)[number],
  seed: number,
  form: TargetChoice['form'],
  ...switches: string[]
): Scenario {
  return { ...suite.generate(new Random(seed)), target: { name: 'reference', form, switches } };
}

describe.each(SUITES)('on scenarios of suite $name', (suite) => {
  it('the repaired pager holds every property', () => {
    const violations: string[] = [];
    for (let seed = 0; seed < RUNS; seed++) {
      const scenario = drawn(suite, seed, 'repaired');
      judge.begin(scenario);
      const { ending, detail } = target.execute(scenario, judge.observer);
      for (const { cause, what } of judge.violations) violations.push(`seed ${seed}: ${cause}: ${what}`);
      if (ending !== 'completed') violations.push(`seed ${seed}: ${ending}: ${detail}`);
    }
    expect(violations).toEqual([]);
  });

  it('the pager as written, and with any one defect, comes to an end', () => {
    for (let seed = 0; seed < RUNS; seed += 4) {
      target.execute(drawn(suite, seed, 'as-written'), null);
      const { id } = SWITCHES[seed % SWITCHES.length]!;
      target.execute(drawn(suite, seed, 'repaired', id), null);
      target.execute(drawn(suite, seed, 'as-written', id), null);
    }
  });

  it('both forms do the same every time', () => {
    const [first, second] = [new Recorder(), new Recorder()];
    for (const form of ['repaired', 'as-written'] as const) {
      for (let seed = 0; seed < 5; seed++) {
        createReferenceTarget().execute(drawn(suite, seed, form), compose([first]));
        target.execute(drawn(suite, seed, form), compose([second]));
        expect(compareTraces(first.records, second.records)).toBeNull();
      }
    }
  });
});

describe('on the smallest scenarios known of each defect, which generated ones were shrunk to', () => {
  it('every form comes to an end', () => {
    for (const { id } of SWITCHES) {
      const file = `../../corpus/${id}.yaml`;
      const { scenario } = parseScenario(readFileSync(new URL(file, import.meta.url)), file);
      for (const form of ['repaired', 'as-written'] as const) {
        for (const switches of [[], [id], scenario!.target.switches])
          target.execute({ ...scenario!, target: { name: 'reference', form, switches } }, null);
      }
    }
  });
});
