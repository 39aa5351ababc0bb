/** Guards what a hunt looks like, word for word and within 100 columns, and that its JSON is the documented one. */
import { readFileSync } from 'node:fs';
import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { HuntReport } from '../../src/engine/hunting.ts';
import type { FoundDefect, Unexplained } from '../../src/engine/finds.ts';
import { NO_COLORS, type Colors } from '../../src/report/colors.ts';
import {
  formatFinds,
  formatFound,
  formatHunt,
  formatRepaired,
  formatUnknown,
} from '../../src/report/hunt.ts';
import { HUNT_JSON, toHuntJson } from '../../src/report/hunt-json.ts';
import { VIOLATION } from '../support/reports.ts';

const found: FoundDefect = {
  id: 'setsize-wraps',
  reachable: 'caller',
  property: 'setsize-sizes',
  cause: 'setsize-sizes/extend/setsize',
  operations: 2,
  needs: [],
  file: 'corpus/setsize-wraps-d3b40fc8.yaml',
  suite: 'large',
  varied: false,
  run: 17,
  runs: 1234,
  seconds: 12.345,
  scenario: VIOLATION.scenario,
  explanation: VIOLATION.explanation,
};
const direct: FoundDefect = {
  ...found,
  id: 'output-small-invalid-bytes',
  property: 'invalid-bytes-not-written',
  reachable: 'direct',
  needs: ['output-partial'],
  file: 'corpus/output-small-invalid-bytes-0a1b2c3d.yaml',
};
const unknown: Unexplained = {
  property: 'no-deadlock',
  cause: 'no-deadlock/read/-',
  parted: false,
  operations: 3,
  file: null,
  scenario: VIOLATION.scenario,
  explanation: VIOLATION.explanation,
};
const parted: Unexplained = {
  ...unknown,
  property: 'page-contents',
  cause: 'page-contents/get/getmulti',
  parted: true,
};
const report: HuntReport = {
  seed: 1,
  target: { name: 'reference', form: 'as-written', switches: [] },
  stopped: 'time',
  defects: [found, direct],
  unknown: [parted, unknown],
  notFound: ['alloc-race', 'input-bad'],
  repaired: ['hold-release-input', 'address-sign'],
  alike: ['hold-counts', 'page-contents'],
  runs: 12_345,
  operations: 678_901,
  seconds: 60.2,
  spent: { shrinking: 1.5, attributing: 0.25 },
  fileError: null,
};
const clean: HuntReport = {
  ...report,
  stopped: 'settled',
  defects: [],
  unknown: [],
  repaired: [],
  alike: [],
};

const lines = new Map([
  ['output-small-invalid-bytes', '1103-1117'],
  ['setsize-wraps', '379-403'],
]);

function everything(colors: Colors): string {
  return [
    formatFound(found, colors),
    formatFound(direct, colors),
    formatUnknown(unknown, 9.9, colors),
    formatUnknown(parted, 10.2, colors),
    formatRepaired('hold-release-input', 11, colors),
    ...formatFinds(report, lines, colors),
    ...formatHunt(report, 'npx pagercheck diff --right pager.c', colors),
    ...formatFinds(clean, lines, colors),
    ...formatHunt(
      { ...clean, fileError: 'corpus: the scenario could not be written: no space' },
      null,
      colors,
    ),
  ].join('\n');
}

describe('a hunt on the terminal', () => {
  it('reads like this', () => {
    expect(`\n${everything(NO_COLORS)}\n`).toMatchSnapshot();
  });

  it('fits into 100 columns', () => {
    expect(
      everything(NO_COLORS)
        .split('\n')
        .filter((line) => line.length > 100),
    ).toEqual([]);
  });

  it('says nothing by colour alone', () => {
    const painted = everything(picocolors.createColors(true));
    expect(painted).not.toBe(everything(NO_COLORS));
    // oxlint-disable-next-line no-control-regex -- the escape character is what is looked for
    expect(painted.replaceAll(/\u001B\[\d+m/g, '')).toBe(everything(NO_COLORS));
  });
});

describe('the JSON of a hunt', () => {
  const json: unknown = JSON.parse(
    JSON.stringify(toHuntJson(report, new Map([['setsize-wraps', '379-403']]))),
  );

  it('has the shape that the schema says, and the lines of each defect', () => {
    expect(HUNT_JSON.parse(json)).toEqual(json);
    expect(json).toMatchObject({ defects: [{ id: 'setsize-wraps', lines: '379-403' }, {}] });
  });

  it('has no field that the documentation leaves out', () => {
    const text = readFileSync(new URL('../../docs/json.md', import.meta.url), 'utf8');
    const keys = [
      json,
      ...(json as { defects: object[] }).defects,
      ...(json as { unknown: object[] }).unknown,
    ];
    const names = new Set(keys.flatMap((one) => Object.keys(one as object)));
    expect([...names].filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });
});
