/**
 * Whether a scenario in memory is one that a scenario file could hold: it is put into the file's form as plain data and judged
 * by the schema and the checks that files from outside are judged by. Arguments that an operation does not use must be 0.
 */
import { CHOICES, OPERATIONS } from '../../src/scenario/operations.ts';
import { checkParts, type AcceptedParts } from '../../src/scenario/check.ts';
import { AMOUNTS, scenarioFile } from '../../src/scenario/schema.ts';
import type { Exception, Operation, Scenario } from '../../src/scenario/scenario.ts';

const ARGUMENTS = ['file', 'page', 'count', 'before', 'offset', 'length', 'valid', 'dirty', 'other'] as const;

/** What is wrong with it, one sentence each; empty if nothing is. */
export function complaintsAbout(scenario: Scenario): string[] {
  const complaints = scenario.operations.flatMap(unusedArguments);
  const { operations, schedule, faults, ...rest } = scenario;
  const parsed = scenarioFile.safeParse({
    ...rest,
    operations: operations.map(operationEntry),
    schedule: schedule.map(exceptionEntry),
    faults: faults.map(exceptionEntry),
  });
  if (!parsed.success) {
    for (const issue of parsed.error.issues) complaints.push(`${issue.path.join('.')}: ${issue.message}`);
    return complaints;
  }
  for (const flaw of checkParts(parsed.data as AcceptedParts))
    complaints.push(`${flaw.path.join('.')}: ${flaw.message}`);
  return complaints;
}

function unusedArguments(one: Operation): string[] {
  const used: readonly string[] = OPERATIONS[one.kind].arguments;
  return ARGUMENTS.filter((name) => one[name] !== 0 && !used.includes(name)).map(
    (name) => `operation ${one.id}: ${one.kind} has no ${name}`,
  );
}

function operationEntry(one: Operation): Record<string, unknown> {
  const entry: Record<string, unknown> = { id: one.id, thread: one.thread, do: one.kind };
  for (const name of OPERATIONS[one.kind].arguments) entry[name] = one[name];
  return entry;
}

function exceptionEntry(one: Exception): Record<string, unknown> {
  const { subject, amount, ...entry } = one;
  return {
    ...entry,
    ...(CHOICES[one.choice].subject === 'file' || subject !== 0 ? { subject } : {}),
    ...(AMOUNTS[one.take] === undefined && amount === 0 ? {} : { amount }),
  };
}
