/**
 * What the runs of a suite reached, counted from events only. A name that was never reached is there with 0, so that a report
 * can say what is missing.
 */
import type { PagerCall } from '../../src/trace/observer.ts';
import { PAGER_FUNCTIONS } from '../../src/trace/codes.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import type { Coverage } from '../suite.ts';

/** Counts; one instance serves all runs of a suite. */
export class ReachCounter implements Coverage {
  private readonly reached = new Map<string, number>();

  constructor() {
    for (const name of PAGER_FUNCTIONS) this.reached.set(`call ${name}`, 0);
  }

  begin(_scenario: Scenario): void {}

  counts(): ReadonlyMap<string, number> {
    return this.reached;
  }

  pagerCall(call: PagerCall): void {
    const name = `call ${call.function}`;
    this.reached.set(name, this.reached.get(name)! + 1);
  }
}
