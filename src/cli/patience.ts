/** How long a pager may go on without calling the kernel before it is taken for one that loops. */

/** How long one run may take before it is taken for an endless one. */
export const PATIENCE_MS = 60_000;

/** The same, or what the environment variable PAGERCHECK_PATIENCE says in seconds; tests lower it. */
export function patience(environment: NodeJS.ProcessEnv): number {
  const seconds = Number(environment['PAGERCHECK_PATIENCE'] ?? '');
  return seconds > 0 && Number.isFinite(seconds) ? seconds * 1000 : PATIENCE_MS;
}
