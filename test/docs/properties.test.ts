/**
 * Guards that docs/properties.md tells of the properties of this build, and shows which contracts no property is about.
 * `npx vitest run test/docs/properties.test.ts -u` writes it anew.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROPERTIES } from '../../properties/catalogue.ts';
import { clausesOf, formatLines, INVARIANTS, SECTIONS, sourceText } from '../../properties/seed-lines.ts';
import { GAPS } from './support/gaps.ts';

const DOCUMENT = '../../docs/properties.md';

/** Each function's postconditions by number, 0 for one without a number; then the invariants. */
const CONTRACTS = [
  ...Object.entries({
    '13.1': 0,
    '13.2': 7,
    '13.3': 2,
    '13.4': 8,
    '13.5': 0,
    '13.6': 9,
    '13.7': 0,
    '13.8': 2,
    '13.9': 5,
    '13.10': 3,
    '13.11': 0,
    '13.12': 3,
  })
    .flatMap(([section, count]) =>
      count === 0 ? [section] : Array.from({ length: count }, (_, i) => `${section} Q${i + 1}`),
    )
    .toSorted((a, b) => Number(a.split(/[. ]/)[1]) - Number(b.split(/[. ]/)[1])),
  ...Array.from({ length: 21 }, (_, i) => `G${i + 1}`),
];

/** Contracts about which no property can be, and why. */
const UNJUDGED: Readonly<Record<string, string>> = {
  '13.4 Q8': 'no property: it says when all others of this section are judged',
};

/** The contracts that a source names: `13.4 Q1, Q3-Q5, G16` are four of section 13.4 and one invariant. */
function contractsOf(source: string): string[] {
  return clausesOf(source).flatMap(({ section, clauses }) => {
    if (section.startsWith('G')) return [section];
    // a precondition is the caller's
    if (clauses.startsWith('P')) return [];
    if (clauses === '') return CONTRACTS.filter((one) => one === section || one.startsWith(`${section} `));
    const [from, to = from] = clauses.split('-').map((one) => Number(one.slice(1)));
    return Array.from({ length: to! - from! + 1 }, (_, i) => `${section} Q${from! + i}`);
  });
}

const TABLES: Record<string, () => string> = {
  properties: () =>
    PROPERTIES.map(
      ({ id, kind, statement, source, observes, doesNotVerify }) =>
        `**\`${id}\`** (${kind}; ${sourceText(source)}): ${statement}<br>\n` +
        `*Looks at* ${observes}. *Does not verify* ${doesNotVerify}.`,
    ).join('\n\n'),
  functions: () =>
    [
      '| section | function | lines |',
      '|---|---|---|',
      ...Object.entries(SECTIONS).flatMap(([section, functions]) =>
        functions.map(({ name, lines }) => `| ${section} | \`${name}\` | ${formatLines([lines])} |`),
      ),
      '',
      '| invariant | what touches it | lines |',
      '|---|---|---|',
      ...Object.entries(INVARIANTS).map(
        ([id, { what, lines }]) => `| ${id} | ${what} | ${formatLines(lines)} |`,
      ),
    ].join('\n'),
  contracts: () => {
    const rows = CONTRACTS.map((contract) => {
      // of suites, not of runs: they judge no contract, but whether others had a chance to be broken
      const judging = PROPERTIES.filter(({ kind }) => kind !== 'sometimes');
      const ids = judging.filter(({ source }) => contractsOf(source).includes(contract)).map(({ id }) => id);
      const named =
        ids.length === 0 ? (UNJUDGED[contract] ?? 'none') : ids.map((id) => `\`${id}\``).join(', ');
      return `| ${contract} | ${named} | ${GAPS[contract] ?? ''} |`;
    });
    return ['| contract | properties | not verified |', '|---|---|---|', ...rows].join('\n');
  },
};

describe('docs/properties.md', () => {
  it('tells of the properties of this build', async () => {
    const document = readFileSync(new URL(DOCUMENT, import.meta.url), 'utf8');
    const filled = document.replaceAll(
      /(<!-- generated: (\w+) -->\n).*?(<!-- end -->)/gs,
      (_, begin: string, name: string, end: string) => `${begin}\n${TABLES[name]!()}\n\n${end}`,
    );
    for (const name of Object.keys(TABLES)) expect(filled).toContain(`<!-- generated: ${name} -->`);
    await expect(filled).toMatchFileSnapshot(DOCUMENT);
  });

  it('reads sources as people do', () => {
    expect(contractsOf('13.4 Q1, Q3-Q5, G16')).toEqual(['13.4 Q1', '13.4 Q3', '13.4 Q4', '13.4 Q5', 'G16']);
    expect(contractsOf('7.3, 13.12')).toEqual(['13.12 Q1', '13.12 Q2', '13.12 Q3']);
    expect(contractsOf('13.4 Q1, P2')).toEqual(['13.4 Q1']);
    expect(contractsOf('13.4 Q3 (641, 702-703), Q5, G16')).toEqual(['13.4 Q3', '13.4 Q5', 'G16']);
  });

  it('tells of gaps in contracts that exist, in the order of these, and leaves none without a word that is not judged', () => {
    const told = Object.keys(GAPS);
    expect(told).toEqual(CONTRACTS.filter((contract) => told.includes(contract)));
    expect(told.filter((contract) => UNJUDGED[contract] !== undefined)).toEqual([]);
  });

  it('names no contract that does not exist', () => {
    const unknown = PROPERTIES.flatMap(({ id, source }) =>
      contractsOf(source)
        .filter((contract) => !CONTRACTS.includes(contract))
        .map((contract) => `${id}: ${contract}`),
    );
    expect(unknown).toEqual([]);
  });
});
