/**
 * Guards that the catalogue of defects in docs/defects.md is that of this build: every switch with its lines, contract and symptom,
 * how it was found, and what its scenario violates; and what only looks wrong. `npx vitest run test/docs/defects.test.ts -u`
 * writes it anew.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readKnownDefects } from '../../src/engine/known-defects.ts';
import { LAWFUL } from '../../src/pager/lawful.ts';
import { joinDefects, type Defect } from '../../src/report/defects.ts';
import { SWITCHES } from '../../src/targets/reference.ts';

const DOCUMENT = '../../docs/defects.md';
const KNOWN = joinDefects(SWITCHES, readKnownDefects(), (id) => `corpus/${id}.yaml`);

function rowOf(one: Defect): string {
  const { id, lines, contract, symptom, needs, property, reachable, operations, seed, suite, run, varied } =
    one;
  const what = needs.length === 0 ? symptom : `${symptom} (only beside ${needs.join(', ')})`;
  const found = `${suite} ${run}${varied ? ' (varied)' : ''}, seed ${seed}`;
  const cells = [`\`${id}\``, lines, contract, what, property, reachable, String(operations), found];
  return `| ${cells.join(' | ')} |`;
}

it('docs/defects.md lists the defects of this build, and what only looks like one', async () => {
  const tables: Record<string, string[]> = {
    defects: [
      '| defect | lines | contract | what a user sees | caught by | by | operations | found in |',
      '|---|---|---|---|---|---|---|---|',
      ...KNOWN.map(rowOf),
    ],
    lawful: [
      '| lines | what looks wrong | why it is not |',
      '|---|---|---|',
      ...LAWFUL.map(({ lines, behaviour, reason }) => `| ${lines} | ${behaviour} | ${reason} |`),
    ],
  };
  const document = readFileSync(new URL(DOCUMENT, import.meta.url), 'utf8');
  const filled = document.replaceAll(
    /(<!-- generated: (\w+) -->\n).*?(<!-- end -->)/gs,
    (_, begin: string, name: string, end: string) => `${begin}\n${tables[name]!.join('\n')}\n\n${end}`,
  );
  await expect(filled).toMatchFileSnapshot(DOCUMENT);
});

it('what only looks wrong stands in the order of the original, and within it', () => {
  const firsts = LAWFUL.map(({ lines }) => Number.parseInt(lines, 10));
  expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
  expect(firsts.every((line) => line >= 1 && line <= 1329)).toBe(true);
});
