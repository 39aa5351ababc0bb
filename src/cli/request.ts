/** A run as plain data, so that it can be handed to another thread, and its execution in whatever thread that is. */
import { catalogueParts } from '../engine/setup.ts';
import { runSuites, type RunOptions } from '../engine/run.ts';
import type { StopSignal } from '../engine/control.ts';
import type { Listener } from '../engine/hunt.ts';
import type { RunReport } from '../engine/results.ts';
import { openTarget } from './targets.ts';

/** What `run` was asked for. */
export type RunRequest = Omit<RunOptions, 'parts'>;

/** Does it here. @throws UsageError */
export async function perform(
  request: RunRequest,
  listener: Listener,
  signal: StopSignal,
): Promise<RunReport> {
  const makeTarget = await openTarget(request.choice);
  return runSuites({ ...request, parts: catalogueParts(makeTarget) }, listener, signal);
}
