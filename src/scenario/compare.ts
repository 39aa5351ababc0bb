/**
 * Copies and compares scenarios. Both know the fields of a scenario and look at nothing else, so that a copy has the shape
 * of the original and shares no part with it.
 */
import type { Exception, FileSpec, Operation, Scenario } from './scenario.ts';

/** A copy that shares nothing with the original. */
export function cloneScenario(scenario: Scenario): Scenario {
  const copy: Scenario = {
    version: scenario.version,
    geometry: { ...scenario.geometry },
    options: { ...scenario.options },
    fileSystems: scenario.fileSystems.map((fs) => ({ ...fs })),
    files: scenario.files.map(cloneFile),
    threads: scenario.threads,
    operations: scenario.operations.map((operation): Operation => ({ ...operation })),
    schedule: scenario.schedule.map((exception): Exception => ({ ...exception })),
    faults: scenario.faults.map((exception): Exception => ({ ...exception })),
    media: scenario.media.map((fault) => ({ ...fault })),
    target: { ...scenario.target, switches: [...scenario.target.switches] },
  };
  if (scenario.expect !== undefined) copy.expect = { ...scenario.expect };
  return copy;
}

function cloneFile({ fileSystem, size, extents }: FileSpec): FileSpec {
  return extents === undefined
    ? { fileSystem, size }
    : { fileSystem, size, extents: extents.map((extent) => ({ ...extent })) };
}

/** Whether two scenarios say the same; an absent field equals one that is undefined. */
export function scenarioEquals(a: Scenario, b: Scenario): boolean {
  return equal(a, b);
}

function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const key of keys) {
    if (!equal((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])) return false;
  }
  return true;
}
