/**
 * Guards that the catalogue of defects in docs/defects.md is that of this build: every switch with its lines, contract and
 * symptom, and what its scenario violates. `npx vitest run test/docs/defects.test.ts -u` writes it anew.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { isCallerLevel } from '../../src/engine/search.ts';
import { parseScenario } from '../../src/scenario/codec.ts';
import { SWITCHES } from '../../src/targets/reference.ts';

const DOCUMENT = '../../docs/defects.md';
const FOLDER = new URL('../../examples/defects/', import.meta.url);

function rowOf({ id, lines, contract, symptom }: (typeof SWITCHES)[number]): string {
  const { scenario } = parseScenario(readFileSync(new URL(`${id}.yaml`, FOLDER)), id);
  const by = isCallerLevel(scenario!) ? 'caller' : 'direct';
  const property = scenario!.expect?.property ?? '-';
  const cells = [`\`${id}\``, lines, contract, symptom, property, by, String(scenario!.operations.length)];
  return `| ${cells.join(' | ')} |`;
}

it('docs/defects.md lists the defects of this build', async () => {
  const table = [
    '| defect | lines | contract | what a user sees | caught by | by | operations |',
    '|---|---|---|---|---|---|---|',
    ...SWITCHES.map(rowOf),
  ].join('\n');
  const document = readFileSync(new URL(DOCUMENT, import.meta.url), 'utf8');
  const filled = document.replace(
    /(<!-- generated: defects -->\n).*?(<!-- end -->)/s,
    (_, begin: string, end: string) => `${begin}\n${table}\n\n${end}`,
  );
  await expect(filled).toMatchFileSnapshot(DOCUMENT);
});

it('every scenario there is that of a defect', () => {
  const names = readdirSync(FOLDER).map((name) => name.replace(/\.yaml$/, ''));
  expect(names.toSorted()).toEqual(SWITCHES.map(({ id }) => id).toSorted());
});
