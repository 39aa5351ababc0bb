/**
 * A run of suites as machines read it. The schema is the documentation's counterpart (docs/json.md): fields are only ever
 * added, and `format` grows when one changes its meaning.
 */
import { z } from 'zod';
import { groupsOf } from '../engine/groups.ts';
import type { RunReport, SuiteReport, ViolationReport } from '../engine/results.ts';
import { VERDICTS } from '../engine/results.ts';

const count = z.number().int().nonnegative();
const milliseconds = z.number().nonnegative();

const violationSchema = z.strictObject({
  property: z.string(),
  cause: z.string(),
  group: z.string(),
  operations: count,
  file: z.string().nullable(),
  runs: count,
  firstRun: count,
  operationsBefore: count,
  reproduced: z.boolean(),
  operation: count,
  operationKind: z.string(),
  function: z.string(),
  event: count.nullable(),
  what: z.string(),
  expected: z.string(),
  observed: z.string(),
  origin: z.string().nullable(),
});

const suiteSchema = z.strictObject({
  name: z.string(),
  runs: count,
  operations: count,
  noops: count,
  transfers: count,
  violations: z.array(violationSchema),
  runsPlanned: count.nullable(),
  reached: z.array(z.strictObject({ name: z.string(), count, requiredAfter: count.nullable() })),
  notReached: z.array(z.string()),
  ways: z.record(z.string(), z.array(z.string())),
  endings: z.strictObject({ completed: count, trap: count, panic: count, deadlock: count, bound: count }),
  properties: z.array(z.string()),
  difference: z
    .strictObject({
      run: count,
      event: count,
      first: z.string(),
      second: z.string(),
      file: z.string().nullable(),
    })
    .nullable(),
  elapsedMs: milliseconds,
});

/** What `run --json FILE` writes. */
export const RUN_JSON = z.strictObject({
  format: z.literal(1),
  verdict: z.enum(VERDICTS),
  seed: count,
  near: z.string().nullable(),
  suites: z.array(suiteSchema),
  target: z.strictObject({
    name: z.string(),
    form: z.enum(['as-written', 'repaired']),
    switches: z.array(z.string()),
  }),
  stopped: z.enum(['done', 'time', 'max-failures', 'interrupted', 'internal-error']),
  notRun: z.array(z.string()),
  internal: z
    .strictObject({ message: z.string(), suite: z.string(), run: count, file: z.string().nullable() })
    .nullable(),
  elapsedMs: milliseconds,
});

/** The same as a type. */
export type RunJson = z.infer<typeof RUN_JSON>;

/** `group`: the cause that names the group. */
function violationOf(found: ViolationReport, group: string): RunJson['suites'][number]['violations'][number] {
  const { operation, operationKind, event, what, expected, observed, origin } = found.explanation;
  return {
    property: found.property,
    cause: found.cause,
    group,
    operations: found.operations,
    file: found.file,
    runs: found.runs,
    firstRun: found.firstRun,
    operationsBefore: found.operationsBefore,
    reproduced: found.reproduced,
    operation,
    operationKind,
    function: found.explanation.function,
    event: event ?? null,
    what,
    expected,
    observed,
    origin: origin ?? null,
  };
}

function suiteOf(suite: SuiteReport, groups: ReadonlyMap<string, string>): RunJson['suites'][number] {
  return {
    name: suite.name,
    runs: suite.runs,
    operations: suite.operations,
    noops: suite.noops,
    transfers: suite.transfers,
    violations: suite.violations.map((found) => violationOf(found, groups.get(found.cause)!)),
    runsPlanned: suite.runsPlanned,
    reached: suite.reached,
    notReached: suite.notReached,
    ways: Object.fromEntries(Object.entries(suite.ways).map(([name, way]) => [name, [...way]])),
    endings: suite.endings,
    properties: suite.properties,
    difference: suite.difference,
    elapsedMs: rounded(suite.elapsedMs),
  };
}

const rounded = (ms: number): number => Math.round(ms * 10) / 10;

/** Turns a report into what is written. */
export function toJson(report: RunReport): RunJson {
  const { internal } = report;
  const groups = new Map(
    groupsOf(report).flatMap(({ first, others }) =>
      [first, ...others].map(({ cause }): [string, string] => [cause, first.cause]),
    ),
  );
  return {
    format: 1,
    verdict: report.verdict,
    seed: report.seed,
    near: report.near,
    suites: report.suites.map((suite) => suiteOf(suite, groups)),
    target: report.target,
    stopped: report.stopped,
    notRun: report.notRun,
    internal:
      internal === null
        ? null
        : { message: internal.message, suite: internal.suite, run: internal.run, file: internal.file },
    elapsedMs: rounded(report.elapsedMs),
  };
}
