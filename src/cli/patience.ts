/** How long a pager may go on without calling the kernel before it is taken for one that loops. */
import { UsageError } from '../engine/errors.ts';
import { shown } from './values.ts';

/** How long one run may take before it is taken for an endless one. */
export const PATIENCE_MS = 60_000;

/** The longest that can be asked for, in seconds: a week, which a timer holds; one of more than 24 days goes off at once. */
const SECONDS_MAX = 7 * 24 * 3600;

/**
 * The same, or what the environment variable PAGERCHECK_PATIENCE says in seconds, unless it is empty; tests lower it.
 * @throws UsageError for what is no such time
 */
export function patience(environment: NodeJS.ProcessEnv): number {
  const text = environment['PAGERCHECK_PATIENCE'] ?? '';
  if (text === '') return PATIENCE_MS;
  const seconds = /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : 0;
  if (seconds <= 0 || seconds > SECONDS_MAX) {
    throw new UsageError(
      `PAGERCHECK_PATIENCE: ${shown(text)} is not a number of seconds, more than 0 and at most ${SECONDS_MAX}; ` +
        `set it to one, or unset it`,
    );
  }
  return seconds * 1000;
}
