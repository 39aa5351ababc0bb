/**
 * Guards that an interrupt loses nothing that a hunt has told: its thread may be too busy to make a report, and then the report is
 * what it has told one by one since it last showed how far it is.
 */
import { describe, expect, it } from 'vitest';
import { hear } from '../../src/cli/defect-hunter.ts';
import type { FoundDefect, Unexplained } from '../../src/engine/finds.ts';
import { nothingFound } from '../../src/engine/hunting.ts';

const CHOICE = { name: 'reference', form: 'as-written' as const, switches: [] };
const BEGUN = nothingFound({ choice: CHOICE, switches: ['setsize-wraps', 'input-hole'], seed: 1 }, CHOICE);

const defect = (id: string, operations: number): FoundDefect => ({ id, operations }) as FoundDefect;

describe('what a hunt has told', () => {
  it('is in the report, each defect once, in the order in which they were found', () => {
    let report = hear(BEGUN, { kind: 'defect', args: [defect('input-hole', 5), true] });
    report = hear(report, { kind: 'defect', args: [defect('setsize-wraps', 2), true] });
    report = hear(report, { kind: 'defect', args: [defect('input-hole', 1), false] });
    expect(report.defects).toEqual([defect('input-hole', 1), defect('setsize-wraps', 2)]);
    expect(report.notFound).toEqual([]);
  });

  it('is in the report if nothing explains it', () => {
    const unknown = { property: 'no-trap' } as Unexplained;
    const report = hear(BEGUN, { kind: 'unknown', args: [unknown] });
    expect(report).toEqual({ ...BEGUN, unknown: [unknown] });
  });

  it('is what it says of itself, when it says how far it is', () => {
    const report = { ...BEGUN, runs: 7 };
    expect(hear(BEGUN, { kind: 'progress', args: [report] })).toBe(report);
  });
});
