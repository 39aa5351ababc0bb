/**
 * Guards that every switch of the reference pager is a defect of its own: its smallest known scenario, kept in `examples/defects`,
 * violates a property with the switch and none without it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROPERTIES } from '../../properties/catalogue.ts';
import { Judge } from '../../properties/judge.ts';
import { parseScenario } from '../../src/scenario/codec.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { createReferenceTarget, SWITCHES } from '../../src/targets/reference.ts';

const FOLDER = new URL('../../examples/defects/', import.meta.url);

const target = createReferenceTarget();
const judge = new Judge(PROPERTIES.filter(({ kind }) => kind !== 'sometimes').map(({ id }) => id));

function read(id: string): Scenario {
  const file = `${id}.yaml`;
  const { scenario, problems } = parseScenario(readFileSync(new URL(file, FOLDER)), file);
  expect(problems).toBeUndefined();
  return scenario!;
}

const without = (scenario: Scenario, id: string): Scenario => ({
  ...scenario,
  target: { ...scenario.target, switches: scenario.target.switches.filter((other) => other !== id) },
});

function violated(scenario: Scenario): string[] {
  judge.begin(scenario);
  target.execute(scenario, judge.observer);
  return judge.violations.map(({ property }) => property);
}

/** Wrong behaviours that another one hides in the form as written, wherever its scenario is concerned. */
const HIDDEN = ['output-old-unprotected', 'output-partial'];

describe('the pager as written', () => {
  const asWritten = (id: string): Scenario => ({
    ...read(id),
    target: { name: 'reference', form: 'as-written', switches: [] },
  });
  const shown = SWITCHES.map(({ id }) => id).filter((id) => !HIDDEN.includes(id));

  it.each(shown)('goes wrong where %s does', (id) => {
    expect(violated(asWritten(id))).not.toEqual([]);
  });

  it('goes wrong in the same way mostly; else another of its defects comes first', () => {
    const same = shown.filter((id) => violated(asWritten(id)).includes(read(id).expect?.property ?? ''));
    expect(same.length).toBeGreaterThan(SWITCHES.length * 0.6);
  });
});

describe('the defect', () => {
  it.each(SWITCHES.map(({ id }) => id))('%s is seen by a property, and only with its switch', (id) => {
    const scenario = read(id);
    const { target: choice, expect: expected } = scenario;
    expect(choice).toMatchObject({ name: 'reference', form: 'repaired' });
    // the last switch is the defect; those before it are what it hides behind
    expect(choice.switches.at(-1)).toBe(id);
    const repaired = without(scenario, id);
    const before = violated(repaired);
    if (choice.switches.length === 1) expect(before).toEqual([]);
    expect(expected).toBeDefined();
    expect(before).not.toContain(expected!.property);
    expect(violated(scenario)).toContain(expected!.property);
  });

  it('of every file is one that can be switched', () => {
    const files = readdirSync(FOLDER).map((file) => file.replace('.yaml', ''));
    expect(files.toSorted()).toEqual(SWITCHES.map(({ id }) => id).toSorted());
  });

  it('needs few operations to be seen', () => {
    const sizes = SWITCHES.map(({ id }) => read(id).operations.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(12);
  });

  it('hides behind another one only where that is known', () => {
    const hidden = SWITCHES.filter(({ id }) => read(id).target.switches.length > 1).map(({ id }) => id);
    expect(hidden).toEqual(['input-size-wraps', 'output-size-wraps']);
  });
});
