/**
 * Proof that the differential suite can fail: each change of the original text that changes what it does is noticed. Run by
 * `npm run test:c-mutants`; it takes some minutes, and needs the compiler and the original text.
 */
import { expect, it } from 'vitest';
import { SUITES } from '../../properties/suites/catalogue.ts';
import { diffTargets } from '../../src/engine/diff.ts';
import { compile, compileText } from '../../src/targets/c-source/compile.ts';
import { CSourceTarget } from '../../src/targets/c-source/target.ts';
import { createReferenceTarget } from '../../src/targets/reference.ts';
import { canCompileOriginal, ORIGINAL } from '../support/c-source.ts';
import { MUTANTS, type CMutant } from './mutants.ts';

const MINUTES = 60_000;

/** The original text with one change. */
async function change({ line, from, to }: CMutant): Promise<string> {
  const { lines } = await compile(ORIGINAL);
  const changed = [...lines];
  const before = changed[line - 1]!;
  expect(before, `line ${line}`).toContain(from);
  changed[line - 1] = before.replace(from, () => to);
  return changed.join('\n');
}

it('there are forty and more that change something', () => {
  expect(MUTANTS.filter((one) => one.equivalent === undefined).length).toBeGreaterThanOrEqual(40);
});

it.skipIf(!canCompileOriginal).each(MUTANTS)(
  'line $line: $from becomes $to',
  { timeout: 10 * MINUTES },
  async (mutant) => {
    const target = new CSourceTarget('mutant.c', await compileText(await change(mutant), 'mutant.c'));
    const report = await diffTargets(
      {
        left: {
          target: createReferenceTarget(),
          choice: { name: 'reference', form: 'as-written', switches: [] },
        },
        right: { target, choice: { name: 'mutant.c', form: 'repaired', switches: [] } },
        suites: SUITES,
        seed: 1,
        runs: mutant.equivalent === undefined ? 200 : 20,
        timeMs: null,
        corpus: null,
        coverage: false,
      },
      { aborted: false },
    );
    expect(report.agreed).toBe(mutant.equivalent !== undefined);
  },
);
