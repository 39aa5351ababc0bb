/**
 * Guards the catalogue of defects: every switch of the reference pager has an entry and a scenario, of few operations, that
 * violates the property it is kept for with the switch and not without it; the repaired pager holds all scenarios; no switch does
 * the same as another; and the folder holds nothing else.
 */
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROPERTIES } from '../../properties/catalogue.ts';
import { Judge } from '../../properties/judge.ts';
import { SUITES } from '../../properties/suites/catalogue.ts';
import { OPERATIONS_GOOD } from '../../src/engine/finds.ts';
import { fileOfDefect, KNOWN_CORPUS, KNOWN_FILE, readKnownDefects } from '../../src/engine/known-defects.ts';
import { readScenarioFile } from '../../src/engine/scenario-file.ts';
import { isCallerLevel } from '../../src/engine/search.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { createReferenceTarget, SWITCHES } from '../../src/targets/reference.ts';
import { compose } from '../../src/trace/compose.ts';
import { Digest } from '../../src/trace/digest.ts';

const target = createReferenceTarget();
const judge = new Judge(PROPERTIES.filter(({ kind }) => kind !== 'sometimes').map(({ id }) => id));
const KNOWN = readKnownDefects();
const IDS = SWITCHES.map(({ id }) => id);
const scenarios = new Map(KNOWN.map(({ id }) => [id, readScenarioFile(fileOfDefect(id))]));

const withSwitches = (scenario: Scenario, switches: readonly string[]): Scenario => ({
  ...scenario,
  target: { name: 'reference', form: 'repaired', switches: [...switches] },
});

function violated(scenario: Scenario): string[] {
  judge.begin(scenario);
  target.execute(scenario, judge.observer);
  return judge.violations.map(({ property }) => property);
}

/** Defects that are nothing without another: alloc clamps, and transfers never get to where these wrap. */
const ONLY_BESIDE = new Map([
  ['input-size-wraps', ['alloc-size-wraps']],
  ['output-size-wraps', ['alloc-size-wraps']],
]);

describe('the catalogue', () => {
  it('has an entry for each switch, in the order of the original', () => {
    expect(KNOWN.map(({ id }) => id)).toEqual(IDS);
  });

  it('lies beside a scenario for each entry, and nothing else that a run would take for one', () => {
    const names = readdirSync(KNOWN_CORPUS).filter((name) => !/-[0-9a-f]{8}(-\d+)?\.yaml$/.test(name));
    expect(names.toSorted()).toEqual([...IDS.map((id) => `${id}.yaml`), basename(KNOWN_FILE)].toSorted());
  });

  it('says where each was found', () => {
    const suites = SUITES.map(({ name }) => name);
    expect(KNOWN.filter(({ suite }) => !suites.includes(suite))).toEqual([]);
  });
});

describe('the scenario of', () => {
  it.each(KNOWN)(
    '$id shows it, and only with its switch',
    ({ id, property, operations, needs, reachable }) => {
      const scenario = scenarios.get(id)!;
      expect(scenario.target).toEqual({ name: 'reference', form: 'repaired', switches: [...needs, id] });
      expect(scenario.expect).toMatchObject({ property });
      expect(scenario.operations).toHaveLength(operations);
      expect(operations).toBeLessThanOrEqual(OPERATIONS_GOOD);
      if (isCallerLevel(scenario)) expect(reachable).toBe('caller');
      expect(violated(scenario)).toContain(property);
      expect(violated(withSwitches(scenario, needs))).not.toContain(property);
      expect(violated(withSwitches(scenario, []))).toEqual([]);
    },
  );

  it('a defect shows it alone, where that is possible', () => {
    const needing = KNOWN.filter(({ needs }) => needs.length > 0).map(
      ({ id, needs }) => [id, needs] as const,
    );
    expect(new Map(needing)).toEqual(ONLY_BESIDE);
  });
});

describe('the switches', () => {
  it('are each a behaviour of its own: no two do the same in the scenarios of both', () => {
    const digests = new Map<string, number>();
    const digest = new Digest();
    const observer = compose([digest]);
    const of = (scenario: string, id: string, needs: readonly string[]): number => {
      const key = `${scenario} ${id}`;
      let value = digests.get(key);
      if (value === undefined) {
        target.execute(withSwitches(scenarios.get(scenario)!, [...needs, id]), observer);
        digests.set(key, (value = digest.value));
      }
      return value;
    };
    const same = KNOWN.flatMap((one, i) =>
      KNOWN.slice(i + 1)
        .filter((other) =>
          [one, other].every(({ id, needs }) => of(id, one.id, needs) === of(id, other.id, needs)),
        )
        .map((other) => [one.id, other.id]),
    );
    expect(same).toEqual([]);
  });
});

describe('the pager as written', () => {
  const asWritten = (id: string): Scenario => ({
    ...scenarios.get(id)!,
    target: { name: 'reference', form: 'as-written', switches: [] },
  });

  it.each(IDS)('goes wrong where %s does', (id) => {
    expect(violated(asWritten(id))).not.toEqual([]);
  });

  it('goes wrong in the same way mostly; else another of its defects comes first', () => {
    const same = IDS.filter((id) =>
      violated(asWritten(id)).includes(scenarios.get(id)!.expect?.property ?? ''),
    );
    expect(same.length).toBeGreaterThan(SWITCHES.length * 0.6);
  });
});
