/** How long something may last, as people write it. */

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };
const TIME_MAX_MS = 7 * 24 * 3_600_000;

/** What is said of a text that is no time. */
export const NO_TIME = 'is not a time; write it as 30s, 10m or 2h (at most a week)';

/** `30s`, `10m`, `2h` in milliseconds; null for what is no such time. */
export function timeOf(text: string): number | null {
  const match = /^(\d{1,9})([smh])$/.exec(text);
  const ms = match === null ? 0 : Number(match[1]) * UNITS[match[2]!]!;
  return ms <= 0 || ms > TIME_MAX_MS ? null : ms;
}
