/**
 * How a defect of the machinery, or a pager that cannot be run, is reported: what is known of it, and the scenario that was
 * running, in the corpus if there is one and in the report if not. It never fails itself.
 */
import type { Scenario } from '../scenario/scenario.ts';
import { writeScenario } from './corpus.ts';
import type { InternalFailure } from './results.ts';

/** Saves the scenario, under a first line that begins with `why`, and puts it all together. */
export function internalFailure(
  what: Omit<InternalFailure, 'file' | 'scenario'>,
  scenario: Scenario | null,
  corpus: string | null,
  why: string,
): InternalFailure {
  let file: string | null = null;
  if (scenario !== null && corpus !== null) {
    try {
      file = writeScenario(
        corpus,
        'internal-error',
        scenario,
        () => `${why}: ${what.message.split('\n')[0]}`,
      );
    } catch {
      // The failure that is being reported matters more than that its scenario could not be saved.
    }
  }
  return { ...what, file, scenario: file === null ? scenario : null };
}
