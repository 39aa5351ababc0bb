/**
 * Which known defects a violation is due to, by trying: the smallest set of repairs after which it no longer occurs, and whether
 * each of these defects shows it by itself. Knows nothing of a defect but the name of its switch, and of the pager only whether
 * a form of it shows the violation.
 */

/** A form of the pager: with exactly these defects, of all that are known. */
export type Occurs = (defects: readonly string[]) => boolean;

/** One of the defects that a violation is due to. */
export interface Culprit {
  defect: string;
  /**
   * Defects without which it does not show: they hide what it does wrong, or prepare the ground for it. Empty if the repaired
   * pager with this defect alone shows the violation.
   */
  needs: readonly string[];
}

/**
 * The smallest set found, of `present`, whose repair makes the violation go away; empty if no set does, because the pager
 * without any known defect shows it too. A single repair is preferred, one that shows the violation by itself above all; a set of
 * several has none to spare, though another set might be smaller.
 */
export function repairsOf(occurs: Occurs, present: readonly string[]): string[] {
  if (occurs([])) return [];
  const without = (gone: readonly string[]): string[] => present.filter((one) => !gone.includes(one));
  const singles = present.filter((one) => !occurs(without([one])));
  if (singles.length > 0) return [singles.find((one) => occurs([one])) ?? singles[0]!];
  let repairs = [...present];
  for (const one of present) {
    const fewer = repairs.filter((other) => other !== one);
    if (!occurs(without(fewer))) repairs = fewer;
  }
  return repairs;
}

/**
 * The defects that a violation which occurs with all of `present` is due to, each with what it needs to show it. Empty if nothing
 * that is known explains the violation. Repairing all of them makes it go away.
 */
export function culpritsOf(occurs: Occurs, present: readonly string[]): Culprit[] {
  const repairs = repairsOf(occurs, present);
  const company = present.filter((one) => !repairs.includes(one));
  return repairs.map((defect) => ({ defect, needs: needsOf(occurs, company, defect) }));
}

/** What of its company a defect needs, nothing to spare; all of it if the company hides as much as it helps. */
export function needsOf(occurs: Occurs, company: readonly string[], defect: string): readonly string[] {
  const shows = (others: readonly string[]): boolean => occurs([...others, defect]) && !occurs(others);
  if (shows([])) return [];
  let needs = company;
  for (const one of company) {
    const fewer = needs.filter((other) => other !== one);
    if (shows(fewer)) needs = fewer;
  }
  return needs;
}
