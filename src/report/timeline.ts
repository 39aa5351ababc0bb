/**
 * A run as a picture: one column for each thread and one for interrupts, time running down, and beside them in words what is
 * done. It ends where a violation was found, so that the lines above say how it came to that.
 */
import type { Violation } from '../../properties/property.ts';
import type { TraceRecord } from '../trace/recorder.ts';
import type { Colors } from './colors.ts';
import { INTERRUPT, NOBODY, stepsOf, type Actor, type Step } from './steps.ts';
import { COLUMNS, count, wrap } from './words.ts';

/** So many steps are drawn, the last ones; a counterexample that was shrunk has fewer. */
export const STEPS_MAX = 80;

/** Columns of a thread, with the space before the next. */
const LANE = 4;

/** How far the picture may be moved to the right. */
export const INDENT_MAX = 4;

/** Deeper ones are drawn like these. */
const DEPTH_MAX = 6;

/** In a thread's column: it acts, it falls asleep; while others act it sleeps, or is in the middle of something. */
const ACTS = '●';
const FALLS_ASLEEP = '○';
const SLEEPS = '┊';
const WAITS = '│';

/** One line. */
export interface TimelineRow {
  /** The columns of the threads. */
  lanes: string;
  text: string;
  /** Whether it says what was found to be wrong. */
  isViolation: boolean;
}

/** The picture, as data. */
export interface Timeline {
  /** Heads of the columns. */
  header: string;
  rows: TimelineRow[];
  /** Steps before the first row. */
  omitted: number;
  /** Properties that were violated after the last row. */
  later: string[];
}

const nameOf = (actor: Actor): string => (actor === INTERRUPT ? 'int' : `t${actor}`);

/** Draws steps and violations. */
class Drawing {
  readonly rows: TimelineRow[] = [];
  private readonly lanes: readonly Actor[];
  private readonly states = new Map<Actor, Step['after']>();

  constructor(lanes: readonly Actor[]) {
    this.lanes = lanes;
  }

  step(step: Step): void {
    this.states.set(step.actor, step.after);
    this.add(step.text, step.depth, step.actor, step.after === 'asleep' ? FALLS_ASLEEP : ACTS, false);
  }

  violation(property: string, depth: number): void {
    this.add(`violated ${property}`, depth, NOBODY, '', true);
  }

  private add(text: string, depth: number, actor: Actor, mark: string, isViolation: boolean): void {
    const indent = '  '.repeat(Math.min(depth, DEPTH_MAX));
    const room = COLUMNS - INDENT_MAX - LANE * this.lanes.length - indent.length;
    for (const [i, line] of wrap(text, room).entries()) {
      this.rows.push({
        lanes: this.drawn(i === 0 ? actor : NOBODY, mark),
        text: `${indent}${i === 0 ? '' : '  '}${line}`,
        isViolation,
      });
    }
  }

  private drawn(actor: Actor, mark: string): string {
    return this.lanes
      .map((lane) => {
        if (lane === actor) return mark.padEnd(LANE);
        const state = this.states.get(lane) ?? 'outside';
        if (state === 'outside') return ' '.repeat(LANE);
        return (state === 'asleep' ? SLEEPS : WAITS).padEnd(LANE);
      })
      .join('');
  }
}

/** A run and what was found in it: what a replay comes to. */
export interface Explained {
  trace: readonly TraceRecord[];
  violations: readonly Pick<Violation, 'property' | 'event'>[];
  /** The violation that it is about, if one was expected. */
  reproduced: Pick<Violation, 'property'> | null;
}

/** Draws a run up to the violation that it is about, or else to the last one; null if there is none. */
export function timelineOf({ trace, violations, reproduced }: Explained): Timeline | null {
  const found = violations.filter(
    (one): one is { property: string; event: number } => one.event !== undefined,
  );
  const about = found.find(({ property }) => property === reproduced?.property);
  const last = about?.event ?? Math.max(-1, ...found.map(({ event }) => event));
  if (last < 0) return null;
  const all = stepsOf(trace, last);
  const steps = all.slice(-STEPS_MAX);
  const lanes = [...new Set(steps.map(({ actor }) => actor))]
    .filter((actor) => actor !== NOBODY)
    .toSorted((a, b) => (a === INTERRUPT ? 1 : 0) - (b === INTERRUPT ? 1 : 0) || a - b);
  const drawing = new Drawing(lanes);
  const told = found.filter(({ event }) => event <= last).toSorted((a, b) => a.event - b.event);
  let next = 0;
  let depth = 0;
  const tellUntil = (event: number): void => {
    for (; next < told.length && told[next]!.event < event; next++)
      drawing.violation(told[next]!.property, depth);
  };
  for (const step of steps) {
    tellUntil(step.event);
    drawing.step(step);
    depth = step.depth;
  }
  tellUntil(Infinity);
  const header = lanes.map((lane) => nameOf(lane).padEnd(LANE)).join('');
  const later = found.filter(({ event }) => event > last).map(({ property }) => property);
  return { header, rows: drawing.rows, omitted: all.length - steps.length, later };
}

/** The picture as lines of at most `COLUMNS` characters, if `indent` is no longer than `INDENT_MAX`. */
export function formatTimeline(
  { header, rows, omitted, later }: Timeline,
  colors: Colors,
  indent: string,
): string[] {
  const lines = [indent + colors.dim(header.trimEnd())];
  if (omitted > 0) lines.push(indent + colors.dim(`... ${count(omitted, 'step')} before (replay --verbose)`));
  for (const { lanes, text, isViolation } of rows) {
    const said = isViolation ? colors.red(colors.bold(text)) : text;
    lines.push(indent + colors.cyan(lanes) + said);
  }
  if (later.length > 0)
    lines.push(
      ...wrap(`later: ${later.join(', ')}`, COLUMNS - indent.length).map((line) => indent + colors.dim(line)),
    );
  return lines;
}
