/**
 * Measures by turns: every contender gets one round after the other, so that what disturbs the machine disturbs all of them, and
 * the median over the rounds is taken. Time is processor time, so that waiting for the processor does not count. Rates are
 * comparable only within one call.
 */

/** Something to be measured: does a round of work, and says how many units it did. */
export interface Contender<Name extends string> {
  name: Name;
  round: () => number;
}

/** The middle value; of an even number of values the lower of the two, so that it is one that was measured. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}

/**
 * Processor time of the process so far, the threads that compile and collect garbage for it included. A single thread's own time
 * is told by the tick only, four milliseconds, which is too coarse for short rounds.
 */
function processorMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Units per second of processor time of each contender: `warmups` rounds that do not count, then the median of `rounds`. */
export function race<Name extends string>(
  contenders: readonly Contender<Name>[],
  rounds: number,
  warmups: number,
): Record<Name, number> {
  const rates = new Map<Name, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = -warmups; round < rounds; round++) {
    for (const { name, round: work } of contenders) {
      const started = processorMicroseconds();
      const units = work();
      const elapsed = processorMicroseconds() - started;
      if (round >= 0) rates.get(name)!.push((1e6 * units) / Math.max(elapsed, 1));
    }
  }
  const result: Partial<Record<Name, number>> = {};
  for (const [name, measured] of rates) result[name] = median(measured);
  return result as Record<Name, number>;
}
