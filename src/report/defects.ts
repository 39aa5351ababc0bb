/**
 * The catalogue of defects as people and machines read it: what is known of each without running anything, joined with how it was
 * found. Fits into 100 columns; docs/json.md is the counterpart of the schema.
 */
import { z } from 'zod';
import { KNOWN_DEFECT, type KnownDefect } from '../engine/known-defects.ts';
import type { Colors } from './colors.ts';
import { COLUMNS, count, wrap } from './words.ts';

/** A defect with all that is said of it. */
export const DEFECT = KNOWN_DEFECT.extend({
  lines: z.string(),
  contract: z.string(),
  symptom: z.string(),
  file: z.string(),
});

/** What `defects --json FILE` writes. */
export const DEFECTS_JSON = z.strictObject({
  format: z.literal(1),
  defects: z.array(DEFECT),
  lawful: z.array(z.strictObject({ lines: z.string(), behaviour: z.string(), reason: z.string() })),
});

/** The same as types. */
export type Defect = z.infer<typeof DEFECT>;
export type DefectsJson = z.infer<typeof DEFECTS_JSON>;

/** Joins what is written about the switches with how their defects were found, in the order of the switches. */
export function joinDefects(
  switches: readonly Pick<Defect, 'id' | 'lines' | 'contract' | 'symptom'>[],
  known: readonly KnownDefect[],
  fileOf: (id: string) => string,
): Defect[] {
  return switches.flatMap(({ id, lines, contract, symptom }) => {
    const found = known.find((one) => one.id === id);
    return found === undefined ? [] : [{ ...found, lines, contract, symptom, file: fileOf(id) }];
  });
}

const row = (id: string, lines: string, reached: string, operations: string, property: string): string =>
  `${id.padEnd(27)}  ${lines.padEnd(9)}  ${reached.padEnd(6)}  ${operations.padStart(3)}  ${property}`;

const indented = (prose: string): string[] => wrap(prose, COLUMNS - 4).map((line) => `    ${line}`);

/** The catalogue. */
export function formatDefects({ defects, lawful }: DefectsJson, colors: Colors): string[] {
  const lines = [colors.bold(row('defect', 'lines', 'by', 'ops', 'property'))];
  for (const { id, lines: where, reachable, operations, property, symptom, needs } of defects) {
    lines.push(row(id, where, reachable, String(operations), property).replace(id, () => colors.red(id)));
    const company = needs.length === 0 ? '' : ` (only beside ${needs.join(', ')})`;
    lines.push(...indented(symptom + company));
  }
  lines.push('', colors.bold('looks wrong, and violates no contract'));
  for (const { lines: where, behaviour, reason } of lawful) {
    lines.push(`${/\D/.test(where) ? 'lines' : 'line'} ${where}`, ...indented(`${behaviour}: ${reason}`));
  }
  const direct = defects.filter(({ reachable }) => reachable === 'direct').length;
  lines.push('', `${count(defects.length, 'defect')}, ${direct} by direct calls only`);
  return lines;
}
