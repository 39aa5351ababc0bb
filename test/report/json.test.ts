/** Guards the JSON of a run: its shape is the documented one, every documented field is there, and nothing undocumented is. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RUN_JSON, toJson } from '../../src/report/json.ts';
import { runReport, suiteReport, VIOLATION } from '../support/reports.ts';

const { origin: _, ...unexplained } = VIOLATION.explanation;
const report = runReport({
  verdict: 'violated',
  suites: [
    suiteReport({
      violations: [VIOLATION, { ...VIOLATION, file: null, explanation: unexplained }],
      difference: { run: 7, event: 41, first: 'one', second: 'two', file: null },
    }),
  ],
  internal: { message: 'broken', stack: 'at somewhere', suite: 'mixed', run: 9, file: null, scenario: null },
});
const json: unknown = JSON.parse(JSON.stringify(toJson(report)));
const documentation = readFileSync(new URL('../../docs/json.md', import.meta.url), 'utf8');

/** Every key anywhere in the data. */
function keysOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)]);
}

describe('the JSON of a run', () => {
  it('has the shape that the schema says', () => {
    expect(RUN_JSON.parse(json)).toEqual(json);
  });

  it('has the fields that scripts were promised first of all', () => {
    expect(json).toMatchObject({
      verdict: 'violated',
      seed: 1,
      suites: [
        {
          name: 'mixed',
          runs: 20_000,
          operations: 1_034_871,
          noops: 90_112,
          transfers: 420_001,
          violations: [
            {
              property: 'zero-past-eof',
              cause: 'zero-past-eof/fault/getmulti',
              operations: 2,
              file: 'corpus/zero-past-eof-0123abcd.yaml',
            },
            { file: null, origin: null },
          ],
        },
      ],
    });
  });

  it('says which failures are probably of one bug', () => {
    const { explanation } = VIOLATION;
    const longer = { ...VIOLATION, cause: 'zero-past-eof/get/getmulti', operations: 9, explanation };
    const alike = runReport({
      suites: [suiteReport({ violations: [longer] }), suiteReport({ violations: [VIOLATION] })],
    });
    expect(
      toJson(alike).suites.map(({ violations }) => violations.map(({ cause, group }) => ({ cause, group }))),
    ).toEqual([
      [{ cause: longer.cause, group: VIOLATION.cause }],
      [{ cause: VIOLATION.cause, group: VIOLATION.cause }],
    ]);
  });

  it('has no field that the documentation leaves out', () => {
    const undocumented = [...new Set(keysOf(json))].filter((key) => !documentation.includes(`\`${key}\``));
    expect(undocumented).toEqual([]);
  });

  it('is validated strictly: an unknown field and a wrong type are refused', () => {
    expect(RUN_JSON.safeParse({ ...(json as object), extra: 1 }).success).toBe(false);
    expect(RUN_JSON.safeParse({ ...(json as object), seed: '1' }).success).toBe(false);
  });
});
