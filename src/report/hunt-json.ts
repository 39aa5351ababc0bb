/** A defect hunt as machines read it; docs/json.md is the schema's counterpart. Fields are only ever added. */
import { z } from 'zod';
import type { HuntReport } from '../engine/hunting.ts';

const count = z.number().int().nonnegative();
const seconds = z.number().nonnegative();

/** What `hunt --json FILE` writes. */
export const HUNT_JSON = z.strictObject({
  format: z.literal(1),
  seed: count,
  defects: z.array(
    z.strictObject({
      id: z.string(),
      lines: z.string(),
      property: z.string(),
      cause: z.string(),
      operations: count,
      reachable: z.enum(['caller', 'direct']),
      needs: z.array(z.string()),
      file: z.string().nullable(),
      suite: z.string(),
      run: count,
      varied: z.boolean(),
      runs: count,
      seconds,
    }),
  ),
  unknown: z.array(
    z.strictObject({
      property: z.string(),
      cause: z.string(),
      parted: z.boolean(),
      operations: count,
      file: z.string().nullable(),
    }),
  ),
  notFound: z.array(z.string()),
  repaired: z.array(z.string()),
  alike: z.array(z.string()),
  target: z.strictObject({
    name: z.string(),
    form: z.enum(['as-written', 'repaired']),
    switches: z.array(z.string()),
  }),
  spent: z.strictObject({ shrinking: seconds, attributing: seconds }),
  fileError: z.string().nullable(),
  stopped: z.enum(['time', 'settled', 'complete', 'interrupted']),
  runs: count,
  operations: count,
  seconds,
});

/** The same as a type. */
export type HuntJson = z.infer<typeof HUNT_JSON>;

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** Turns a report into what is written; `lines` are those of the original by switch. */
export function toHuntJson(report: HuntReport, lines: ReadonlyMap<string, string>): HuntJson {
  return {
    format: 1,
    seed: report.seed,
    defects: report.defects.map((one) => ({
      id: one.id,
      lines: lines.get(one.id) ?? '',
      property: one.property,
      cause: one.cause,
      operations: one.operations,
      reachable: one.reachable,
      needs: [...one.needs],
      file: one.file,
      suite: one.suite,
      run: one.run,
      varied: one.varied,
      runs: one.runs,
      seconds: rounded(one.seconds),
    })),
    unknown: report.unknown.map(({ property, cause, parted, operations, file }) => ({
      property,
      cause,
      parted,
      operations,
      file,
    })),
    notFound: report.notFound,
    repaired: report.repaired,
    alike: report.alike,
    target: report.target,
    spent: {
      shrinking: rounded(report.spent.shrinking),
      attributing: rounded(report.spent.attributing),
    },
    fileError: report.fileError,
    stopped: report.stopped,
    runs: report.runs,
    operations: report.operations,
    seconds: rounded(report.seconds),
  };
}
