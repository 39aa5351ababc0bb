/** What a replay found, as people read it: each violation explained, and how it came to that. */
import type { Violation } from '../../properties/property.ts';
import type { Colors } from './colors.ts';
import { formatExplanation } from './terminal.ts';
import { formatTimeline, type Timeline } from './timeline.ts';

/** A picture under its title. */
export function formatStory(timeline: Timeline, colors: Colors, indent = ''): string {
  const title =
    'how it came to that (● acts, ○ falls asleep, ┊ sleeps, │ waits its turn; int is an interrupt):';
  return [indent + title, ...formatTimeline(timeline, colors, `${indent}  `)].join('\n');
}

/** Violations, and the picture if there is one; empty if nothing was violated. */
export function formatFindings(
  violations: readonly Violation[],
  timeline: Timeline | null,
  colors: Colors,
): string {
  const parts = violations.map((violation) => {
    const head = `${colors.red('violated')} ${colors.bold(violation.property)} [${violation.cause}]`;
    return `${head}\n${formatExplanation(violation, colors)}`;
  });
  if (timeline !== null) parts.push(formatStory(timeline, colors));
  return parts.join('\n\n');
}
