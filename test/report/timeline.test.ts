/**
 * Guards the picture of a run: what it looks like, that it fits, tells each violation once and where it was found, and that
 * nobody acts in it while asleep.
 */
import { describe, expect, it } from 'vitest';
import { SUITES } from '../../properties/suites/catalogue.ts';
import { Random } from '../../properties/arbitraries/random.ts';
import { allProperties } from '../../src/engine/run.ts';
import { replayScenario, type ReplayOutcome } from '../../src/engine/replay.ts';
import { readScenarioFile } from '../../src/engine/scenario-file.ts';
import { catalogueParts } from '../../src/engine/setup.ts';
import { seedOfRun } from '../../src/engine/seeds.ts';
import { NO_COLORS } from '../../src/report/colors.ts';
import { formatFindings } from '../../src/report/replay.ts';
import { INTERRUPT, NOBODY, stepsOf } from '../../src/report/steps.ts';
import { formatTimeline, INDENT_MAX, STEPS_MAX, timelineOf } from '../../src/report/timeline.ts';
import { COLUMNS } from '../../src/report/words.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { createReferenceTarget } from '../../src/targets/reference.ts';

const PARTS = catalogueParts(createReferenceTarget);

const replayed = (scenario: Scenario): ReplayOutcome => replayScenario(PARTS, scenario, allProperties(PARTS));

const kept = (name: string): ReplayOutcome =>
  replayed(readScenarioFile(new URL(`../../corpus/${name}.yaml`, import.meta.url).pathname));

/** Runs of the pager as written that violate something, from every suite. */
function violating(): { name: string; outcome: ReplayOutcome }[] {
  const found: { name: string; outcome: ReplayOutcome }[] = [];
  const random = new Random(0);
  for (const suite of SUITES) {
    for (let run = 0; run < 12; run++) {
      random.seed(seedOfRun(7, suite.name, run));
      const scenario = suite.generate(random);
      scenario.target = { name: 'reference', form: 'as-written', switches: [] };
      const outcome = replayed(scenario);
      if (outcome.violations.length > 0) found.push({ name: `${suite.name} ${run}`, outcome });
    }
  }
  return found;
}

const FOUND = violating();

describe('what people see', () => {
  it.each([
    // one thread, a transfer, an interrupt
    'input-error-valid',
    // two threads, and what one of them does while the other sleeps
    'output-truncated-asleep',
    // two files
    'setsize-lost-page',
    // a run that ends by itself
    'input-two-pbufs',
    // a second violation, later
    'alloc-race',
    // a process that reads and writes, and what only the end shows
    'input-old-partial',
  ])('of %s', (name) => {
    const outcome = kept(name);
    expect(formatFindings(outcome.violations, timelineOf(outcome), NO_COLORS)).toMatchSnapshot();
  });
});

/** Names of the runs of which something is not so. */
const notSo = (isSo: (outcome: ReplayOutcome) => boolean): string[] =>
  FOUND.filter(({ outcome }) => !isSo(outcome)).map(({ name }) => name);

const isSame = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((one, i) => one === b[i]);

/** The event at which that was found which a run is about. */
const endOf = ({ reproduced }: ReplayOutcome): number => reproduced!.event!;

describe('the picture', () => {
  it('is drawn of many runs', () => {
    expect(FOUND.length).toBeGreaterThan(60);
    expect(new Set(FOUND.map(({ name }) => name.split(' ')[0])).size).toBe(SUITES.length);
  });

  it('fits into a report', () => {
    const fits = (outcome: ReplayOutcome): boolean =>
      formatTimeline(timelineOf(outcome)!, NO_COLORS, ' '.repeat(INDENT_MAX)).every(
        (line) => line.length <= COLUMNS,
      );
    expect(notSo(fits)).toEqual([]);
  });

  it('has a column for everybody, in every row', () => {
    const isStraight = (outcome: ReplayOutcome): boolean => {
      const { header, rows } = timelineOf(outcome)!;
      return rows.every(({ lanes }) => lanes.length === header.length);
    };
    expect(notSo(isStraight)).toEqual([]);
  });

  it('leaves out the beginning of a long run, and says so', () => {
    const isCut = (outcome: ReplayOutcome): boolean =>
      timelineOf(outcome)!.omitted > 0 === stepsOf(outcome.trace, endOf(outcome)).length > STEPS_MAX;
    expect(notSo(isCut)).toEqual([]);
    expect(FOUND.some(({ outcome }) => timelineOf(outcome)!.omitted > 0)).toBe(true);
  });

  it('tells of every violation once, and ends with the one that it is about', () => {
    const tells = (outcome: ReplayOutcome): boolean => {
      const { rows, later } = timelineOf(outcome)!;
      const told = rows
        .filter(({ isViolation }) => isViolation)
        .map(({ text }) => text.trim().replace('violated ', ''));
      const names = outcome.violations.map(({ property }) => property);
      return (
        isSame([...told, ...later].toSorted(), names.toSorted()) &&
        rows.at(-1)!.isViolation &&
        told.includes(outcome.reproduced!.property)
      );
    };
    expect(notSo(tells)).toEqual([]);
  });

  it('is nothing of a run in which nothing is wrong', () => {
    const { trace } = FOUND[0]!.outcome;
    expect(timelineOf({ trace, violations: [], reproduced: null })).toBeNull();
  });
});

describe('steps', () => {
  it('follow the trace, each thread going on before it does anything after a sleep', () => {
    const follows = (outcome: ReplayOutcome): boolean => {
      const asleep = new Set<number>();
      let event = -1;
      return stepsOf(outcome.trace).every((step) => {
        const isLater = step.event > event;
        ({ event } = step);
        const isAwake = !asleep.has(step.actor) || /^goes on\b/.test(step.text);
        if (step.after === 'asleep') asleep.add(step.actor);
        else asleep.delete(step.actor);
        return isLater && isAwake;
      });
    };
    expect(notSo(follows)).toEqual([]);
  });

  it('tell of every operation, by the thread that does it', () => {
    const tells = (outcome: ReplayOutcome): boolean => {
      const begun = outcome.trace.flatMap(({ event, thread, operation, fields }) =>
        event === 'operationBegin' ? [`t${thread} ${operation}: ${String(fields['kind'])}`] : [],
      );
      const told = stepsOf(outcome.trace).flatMap(({ actor, depth, text }) => {
        const operation = /^\d+: [a-z-]+/.exec(text);
        return depth === 0 && operation !== null ? [`t${actor} ${operation[0]}`] : [];
      });
      return isSame(told, begun);
    };
    expect(notSo(tells)).toEqual([]);
  });

  it('tell of every transfer that ends, by the interrupt if there was one', () => {
    const tells = (outcome: ReplayOutcome): boolean => {
      const counted = (wanted: string): number =>
        outcome.trace.filter(({ event }) => event === wanted).length;
      const ended = stepsOf(outcome.trace).filter(({ text }) => /^has (read|written) /.test(text));
      const interrupts = ended.filter(({ actor }) => actor === INTERRUPT);
      return ended.length === counted('transferEnd') && interrupts.length === counted('interruptEnd');
    };
    expect(notSo(tells)).toEqual([]);
  });

  it.each([
    ['input-truncated-asleep', 'reads 0 bytes at sector 8 into no page'],
    ['input-neighbour-past-eof', 'reads -56 bytes at sector 16 into no page and does not wait'],
    ['address-hole', 'reads 16 bytes at sector -1 (there is none) into page 0'],
    ['input-short', 'has read none of 8 bytes at sector 8'],
    ['input-error-valid', 'has read none of 8 bytes at sector 8 and failed with error 5'],
    [
      'setsize-late',
      'has read 64 bytes at sectors 8 to 15 but for the last 32 bytes and failed with error 5',
    ],
  ])('say of a transfer that is none, or less than was wanted, what it is: %s', (name, said) => {
    expect(stepsOf(kept(name).trace).map(({ text }) => text)).toContain(said);
  });

  it('know sectors past the end of the disk', () => {
    const { trace } = kept('input-short');
    const beyond = trace.map((one) => ({ ...one, fields: { ...one.fields, diskSectors: 8 } }));
    const said = stepsOf(beyond).map(({ text }) => text);
    expect(said).toContain('reads 8 bytes at sector 8 (there is none) into page 0');
  });

  it('give the settlement to nobody', () => {
    const settled = FOUND.flatMap(({ outcome }) =>
      stepsOf(outcome.trace).filter(({ text }) => text.startsWith('all operations are done')),
    );
    expect(settled.length).toBeGreaterThan(20);
    expect(settled.every(({ actor }) => actor === NOBODY)).toBe(true);
  });
});

describe('where a violation was found', () => {
  it('is an event of the trace, in the order of the violations', () => {
    const isThere = ({ violations, trace }: ReplayOutcome): boolean => {
      const events = violations.map(({ event }) => event ?? -1);
      return events.every((event, i) => event >= (events[i - 1] ?? 0) && event < trace.length);
    };
    expect(notSo(isThere)).toEqual([]);
  });

  it('is the event that shows it', () => {
    const outcome = kept('alloc-race');
    const found = outcome.trace[outcome.violations[0]!.event!]!;
    expect(found).toMatchObject({ event: 'pagerReturn', thread: 0, fields: { function: 'alloc' } });
  });
});
