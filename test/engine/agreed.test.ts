/**
 * Guards that the oracle and the repaired pager agree where they once did not: each file beside this test is the smallest scenario
 * of a disagreement, and its first lines say which side was mended. All of them must hold now.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROPERTIES } from '../../properties/catalogue.ts';
import { Judge } from '../../properties/judge.ts';
import { parseScenario } from '../../src/scenario/codec.ts';
import { createReferenceTarget } from '../../src/targets/reference.ts';

const FOLDER = new URL('agreed/', import.meta.url);

const target = createReferenceTarget();
const judge = new Judge(PROPERTIES.filter(({ kind }) => kind !== 'sometimes').map(({ id }) => id));

describe('oracle and repaired pager', () => {
  it.each(readdirSync(FOLDER))('agree on %s', (file) => {
    const text = readFileSync(new URL(file, FOLDER));
    expect(text.toString()).toMatch(/^# (Model|Property|Kernel|Callers|Pager|Once)/);
    const { scenario, problems } = parseScenario(text, file);
    expect(problems).toBeUndefined();
    expect(scenario!.target).toMatchObject({ form: 'repaired', switches: [] });
    judge.begin(scenario!);
    target.execute(scenario!, judge.observer);
    expect(judge.violations).toEqual([]);
  });
});
