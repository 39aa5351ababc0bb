/**
 * Guards the reference pager by scenarios alone, nearly all of them generated: the repaired form holds every property on them,
 * whatever single defect is switched on the run ends, and both forms do the same every time. Branch coverage of the pager is
 * measured with this file only (`npm run coverage:pager`), so that it says what scenarios reach. Seeds are fixed.
 */
import { readdirSync, readFileSync } from 'node:fs';
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

function violationsOf(scenario: Scenario): string[] {
  judge.begin(scenario);
  const { ending, detail } = target.execute(scenario, judge.observer);
  const violations = judge.violations.map(({ cause, what }) => `${cause}: ${what}`);
  return ending === 'completed' ? violations : [...violations, `${ending}: ${detail}`];
}

describe.each(SUITES)('on scenarios of suite $name', (suite) => {
  it('the repaired pager holds every property', () => {
    const violations: string[] = [];
    for (let seed = 0; seed < RUNS; seed++) {
      const found = violationsOf(drawn(suite, seed, 'repaired'));
      violations.push(...found.map((one) => `seed ${seed}: ${one}`));
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

describe('on scenarios of what is drawn too seldom', () => {
  const folder = new URL('seldom/', import.meta.url);
  it.each(readdirSync(folder).toSorted())('%s', (name) => {
    const { scenario } = parseScenario(readFileSync(new URL(name, folder)), name);
    const repaired: TargetChoice = { name: 'reference', form: 'repaired', switches: [] };
    expect(violationsOf({ ...scenario!, target: repaired })).toEqual([]);
    // the branch that it is for may be in another form; nothing that it needs may be left out
    const { noops } = target.execute(scenario!, null);
    expect(noops).toBe(0);
  });
});
