/**
 * The differential suite: the same scenarios on two targets, compared event by event and view by view. The first difference ends
 * it; it is shrunk to the smallest scenario in which the two part in the same way. What was compared is counted, so that runs
 * that end early cannot pass for agreement.
 */
import { Random } from '../../properties/arbitraries/random.ts';
import type { Suite } from '../../properties/suite.ts';
import type { Scenario, TargetChoice } from '../scenario/scenario.ts';
import type { Coverage, RunResult, Target } from '../targets/target.ts';
import type { Ending } from '../trace/codes.ts';
import { compose } from '../trace/compose.ts';
import { Digest, readPages, readView } from '../trace/digest.ts';
import { OBSERVER_METHODS } from '../trace/observer.ts';
import { Recorder } from '../trace/recorder.ts';
import { formatRecord } from '../trace/text.ts';
import type { View } from '../trace/view.ts';
import { Control, type StopSignal } from './control.ts';
import { replayCommand, shellWord, writeScenario } from './corpus.ts';
import { InternalError, messageOf } from './errors.ts';
import { execute } from './execute.ts';
import { seedOfRun } from './seeds.ts';
import { shrinkScenario } from './shrink-run.ts';

/** One of the two. */
export interface Side {
  target: Target;
  choice: TargetChoice;
}

/** What to compare. */
export interface DiffOptions {
  left: Side;
  right: Side;
  /** Compared as they are, before anything is drawn. */
  first?: readonly Scenario[];
  suites: readonly Suite[];
  seed: number;
  /** Runs of each suite. */
  runs: number;
  /** For how long at most, in milliseconds. */
  timeMs: number | null;
  /** Where the difference is written, null for nowhere. */
  corpus: string | null;
  /** Leaves small pools and strict counting as they are drawn in all runs, not in one of four. */
  asDrawn?: boolean;
  /** Whether to say which lines were reached; yes unless told otherwise. */
  coverage?: boolean;
  /** Told of each scenario before it is executed. */
  watch?: (scenario: Scenario) => void;
}

/** Where the two part. */
export interface Difference {
  suite: string;
  run: number;
  /** Number of the event, from 0. */
  event: number;
  /** The event on each side, and what the view shows there if that differs. */
  left: string;
  right: string;
  /** Source line of the last call into the kernel, for a target that has lines; empty otherwise. */
  place: string;
  /** The text of that line. */
  text: string;
  file: string | null;
  /** Why it was not written, if it was to be. */
  fileError: string | null;
  /** Operations before shrinking. */
  operationsBefore: number;
  scenario: Scenario;
}

/** What was compared, and what came of it. */
export interface DiffReport {
  agreed: boolean;
  isInterrupted: boolean;
  runs: number;
  operations: number;
  events: number;
  transfers: number;
  /** Transfers of the median run. */
  transfersMedian: number;
  /** How many runs ended in which way. */
  endings: Partial<Record<Ending, number>>;
  /** How much of the source of the side that has one was executed. */
  coverage: Coverage | null;
  difference: Difference | null;
  elapsedMs: number;
}

/** Where two runs part; `kind` is the same for differences of one kind. */
type Parting = Pick<Difference, 'event' | 'left' | 'right' | 'place' | 'text'> & { kind: string };

/** Two targets side by side. */
class Pair {
  readonly left: Side;
  readonly right: Side;
  private readonly first = new Digest();
  private readonly second = new Digest();
  private readonly watchFirst = compose([this.first]);
  private readonly watchSecond = compose([this.second]);

  private readonly watch: (scenario: Scenario) => void;

  constructor({ left, right, watch }: Pick<DiffOptions, 'left' | 'right' | 'watch'>) {
    this.left = left;
    this.right = right;
    this.watch = watch ?? ((): void => {});
  }

  /** Events of the last run. */
  get events(): number {
    return this.first.events;
  }

  /** Runs both; whether they do the same, and what the left one came to. */
  run(scenario: Scenario): { isSame: boolean; result: RunResult } {
    const { left, right } = this;
    this.watch(scenario);
    const result = execute(left.target, { ...scenario, target: left.choice }, this.watchFirst);
    execute(right.target, { ...scenario, target: right.choice }, this.watchSecond);
    return {
      isSame: this.first.value === this.second.value && this.first.events === this.second.events,
      result,
    };
  }

  /** Where the two part; null if they do not. */
  part(scenario: Scenario): Parting | null {
    const one = follow(this.left, scenario, -1);
    const other = follow(this.right, scenario, -1);
    const a = one.digest.history;
    const b = other.digest.history;
    let event = 0;
    while (event < a.length && a[event] === b[event]) event++;
    if (event === a.length && event === b.length) return null;
    const shown = [follow(this.left, scenario, event), follow(this.right, scenario, event)] as const;
    const texts = shown.map(({ recorder }) => {
      const record = recorder.records[event];
      return record === undefined ? 'the run is over' : formatRecord(record, event).trimEnd();
    });
    const views = differences(shown[0].seen, shown[1].seen);
    const { place, text } = shown[this.right.target.source === undefined ? 0 : 1];
    const kinds = shown.map(({ recorder }) => {
      const record = recorder.records[event];
      return `${record?.event ?? ''} ${record?.fields['name'] ?? record?.fields['function'] ?? ''}`;
    });
    return {
      event,
      left: [texts[0]!, ...views.map((view) => `${view.what} ${view.left}`)].join('\n'),
      right: [texts[1]!, ...views.map((view) => `${view.what} ${view.right}`)].join('\n'),
      place,
      text,
      kind: [...kinds, place, ...views.slice(0, 1).map((view) => view.what.replaceAll(/\d+/g, ''))].join('|'),
    };
  }
}

/** Differences of views that are shown. */
const VIEWS_MAX = 5;

function differences(
  left: ReadonlyMap<string, number>,
  right: ReadonlyMap<string, number>,
): { what: string; left: number; right: number }[] {
  const found: { what: string; left: number; right: number }[] = [];
  for (const what of new Set([...left.keys(), ...right.keys()])) {
    const a = left.get(what);
    const b = right.get(what);
    if (a !== b && found.length < VIEWS_MAX) found.push({ what, left: a ?? NaN, right: b ?? NaN });
  }
  return found;
}

/** Runs one side with a recorder, and looks at the view and the place at one event. */
function follow(
  { target, choice }: Side,
  scenario: Scenario,
  event: number,
): { digest: Digest; recorder: Recorder; seen: Map<string, number>; place: string; text: string } {
  const digest = new Digest(true);
  const recorder = new Recorder();
  const seen = new Map<string, number>();
  let place = '';
  let text = '';
  let view: View | null = null;
  const looker: Record<string, (first: unknown) => void> = {};
  for (const name of OBSERVER_METHODS) {
    looker[name] = (first) => {
      if (name === 'runBegin') view = first as View;
      if (digest.events !== event + 1 || view === null) return;
      ({ place, text } = target.source?.lastCall() ?? { place: '', text: '' });
      const tell = (what: string, which: number, value: number): void => {
        seen.set(which < 0 ? what : `${what} ${which}`, value);
      };
      readView(view, tell);
      readPages(view, tell);
    };
  }
  execute(target, { ...scenario, target: choice }, compose([digest, recorder, looker]));
  return { digest, recorder, seen, place, text };
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

/** Every so many runs a scenario is compared as it was generated. */
const SHALLOW = 4;

/** Takes away what ends most runs of the original text at once: strict counting of holds, and pools of one. */
function deepen({ options, geometry }: Scenario): void {
  options.diagnostic = false;
  geometry.pbufs = Math.max(geometry.pbufs, 4);
  geometry.mapPages = Math.max(geometry.mapPages, 8);
}

/** The report of a comparison that has not begun. */
export function nothingCompared(): DiffReport {
  return {
    agreed: true,
    isInterrupted: false,
    runs: 0,
    operations: 0,
    events: 0,
    transfers: 0,
    transfersMedian: 0,
    endings: {},
    coverage: null,
    difference: null,
    elapsedMs: 0,
  };
}

/** What takes the place of a suite's name for scenarios that are not drawn. */
const NEAR = 'near';

/** What is compared, in order; `run` counts within the suite. */
function* scenariosOf({
  first = [],
  suites,
  seed,
  runs,
  asDrawn,
}: DiffOptions): Generator<{ suite: string; run: number; scenario: Scenario }> {
  for (const [run, scenario] of first.entries()) yield { suite: NEAR, run, scenario };
  const random = new Random(0);
  for (let run = 0; run < runs; run++) {
    for (const suite of suites) {
      random.seed(seedOfRun(seed, suite.name, run));
      const scenario = suite.generate(random);
      if (asDrawn !== true && run % SHALLOW !== 0) deepen(scenario);
      yield { suite: suite.name, run, scenario };
    }
  }
}

/** Compares. `progress` is told now and then how far it is. */
export async function diffTargets(
  options: DiffOptions,
  signal: StopSignal,
  progress: (runs: number, operations: number) => void = () => {},
): Promise<DiffReport> {
  const pair = new Pair(options);
  const control = new Control(signal);
  if (options.timeMs !== null) control.setDeadline(control.startedMs + options.timeMs);
  const transfers: number[] = [];
  const report = nothingCompared();
  for (const { suite, run, scenario } of scenariosOf(options)) {
    if (signal.aborted || control.isTimeUp) break;
    const { isSame, result } = pair.run(scenario);
    report.runs++;
    report.operations += result.operations;
    report.transfers += result.transfers;
    report.events += pair.events;
    report.endings[result.ending] = (report.endings[result.ending] ?? 0) + 1;
    transfers.push(result.transfers);
    if (!isSame) {
      report.agreed = false;
      report.difference = explain(pair, scenario, { suite, run }, options.corpus);
      break;
    }
    if (control.mustBreathe) {
      progress(report.runs, report.operations);
      await control.breathe();
    }
  }
  report.isInterrupted = signal.aborted;
  report.transfersMedian = median(transfers);
  const { source } = options.right.target.source === undefined ? options.left.target : options.right.target;
  report.coverage = options.coverage === false ? null : ((await source?.coverage()) ?? null);
  report.elapsedMs = performance.now() - control.startedMs;
  return report;
}

/** The command that compares the two in a file's scenario; none for two forms of one pager, of which options name but one. */
function diffCommands(left: TargetChoice, right: TargetChoice, file: string): string[] {
  const forms = new Set(
    [left, right]
      .filter(({ name }) => name === 'reference')
      .map(({ form, switches }) => (switches.length === 0 ? form : `${form}+${switches.join(',')}`)),
  );
  if (forms.size > 1) return [];
  const pager = [...forms].map((form) => ` --pager ${form}`).join('');
  const sides = `--left ${shellWord(left.name)} --right ${shellWord(right.name)}${pager}`;
  return [`npx pagercheck diff ${sides} --near ${shellWord(file)}`];
}

/** Shrinks the scenario, and says where the two part in what is left. */
function explain(
  pair: Pair,
  scenario: Scenario,
  { suite, run }: { suite: string; run: number },
  corpus: string | null,
): Difference {
  const kind = pair.part(scenario)?.kind;
  const shrunk = shrinkScenario(scenario, (candidate) => {
    if (pair.run(candidate).isSame) return false;
    return pair.part(candidate)?.kind === kind;
  });
  const smallest = shrunk.scenario;
  const parting = pair.part(smallest);
  if (parting === null)
    throw new InternalError('a difference is gone when it is looked at', smallest, undefined);
  const { event, left, right, place, text } = parting;
  const target = pair.right.choice;
  const head = (file: string): string =>
    [
      `Two pagers part at event ${event}${place === '' ? '' : `, after ${place}`}.`,
      ...diffCommands(pair.left.choice, target, file),
      `${replayCommand(file)} --verbose`,
    ].join('\n');
  let file: string | null = null;
  let fileError: string | null = null;
  try {
    if (corpus !== null) file = writeScenario(corpus, 'difference', { ...smallest, target }, head);
  } catch (thrown) {
    // what was found is told all the same
    fileError = messageOf(thrown);
  }
  return {
    suite,
    run,
    event,
    left,
    right,
    place,
    text,
    file,
    fileError,
    operationsBefore: scenario.operations.length,
    scenario: smallest,
  };
}
