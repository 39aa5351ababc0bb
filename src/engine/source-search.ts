/**
 * The part of a hunt through C text that takes the time: running a suite's scenarios on the text until one fails in a way that is
 * news. The text cannot be repaired, so most of its violations are due to what is known already; the reference pager, in the form
 * that does the same as the text, tells which: it is run again with these defects repaired. Where both part, a repair may be what
 * the text has and the form has not.
 */
import { Random } from '../../properties/arbitraries/random.ts';
import type { Scenario, TargetChoice } from '../scenario/scenario.ts';
import type { Violation } from '../../properties/property.ts';
import type { StopSignal } from './control.ts';
import type { Parts } from './parts.ts';
import { REPAIRED, withoutDirectCalls, type Failing, type SearchRange } from './search.ts';
import { seedOfRun } from './seeds.ts';
import { isAlike, isSameSubject, isSameWay, TracedJudge, type Failure, type Sight } from './traced-judge.ts';

/** Runs of one search whose traces part and that are asked whether a repair is the reason. */
const REPAIRS_TRIED_MAX = 2;

/** Of more defects that make a difference in one scenario, not every two are tried. */
const ACTIVE_MAX = 8;

/** Violations of a property that are looked through for one that the text shows. */
const LOOKS_FURTHER = 16;

/** The reference pager with exactly these defects. */
export function withDefects(defects: readonly string[]): TargetChoice {
  return { ...REPAIRED, switches: [...defects] };
}

/** What is known of a text. */
export interface Knowledge {
  /** Defects of the form of the reference pager that does the same as the text, as far as that is known. */
  present: readonly string[];
  /** Those of them that are looked for: the text was not seen to have them. */
  wanted: readonly string[];
  /** Those of the wanted that are also looked for by what they show apart from the others. */
  apart: readonly string[];
}

/** What is to be searched. */
export interface SourceRequest extends SearchRange, Knowledge {
  /** Those that the text was not seen to have in any way: it may have been repaired. */
  unseen: readonly string[];
  /** Runs up to this one were asked in vain whether a repair is the reason that their traces part. */
  asked: number;
  /** Properties of which a violation was reported where text and reference part: one mistake has many causes. */
  ignored: readonly string[];
}

/** What came of it. */
export interface SourceResult {
  /** Runs made: fewer than asked for if one failed, which is counted. */
  runs: number;
  operations: number;
  /** A violation of the text that known defects do not explain. */
  failing: Failing | null;
  /** Defects that the text does not have, as the last run shows; nothing else is told of that run. */
  repaired: readonly string[];
  /** The last run that was asked in vain; what was asked before if none was. */
  asked: number;
  /** What the reference pager without any known defect does too. The first of each cause. */
  unexplained: Failing[];
  /** What the text does and the reference does not. The first of each property. */
  parted: Failing[];
}

/** The text and the reference pager side by side; worlds are reused from one search to the next. */
export class SourceSearcher {
  private readonly random = new Random(0);
  private readonly parts: Parts;
  private readonly text: TracedJudge;
  private readonly reference: TracedJudge;
  /** The reference with a judge that looks further: what it does later is not hidden by what it does first. */
  private readonly further: TracedJudge;
  private readonly choice: TargetChoice;

  /** `choice` names the text; `referenceParts` have the reference pager as their target. */
  constructor(parts: Parts, referenceParts: Parts, choice: TargetChoice) {
    this.parts = parts;
    this.text = new TracedJudge(parts);
    this.reference = new TracedJudge(referenceParts);
    this.further = new TracedJudge(referenceParts, LOOKS_FURTHER);
    this.choice = choice;
  }

  /** A stop ends it after the run that is going on. @throws InternalError as `judge` */
  search(request: SourceRequest, signal?: StopSignal): SourceResult {
    const { suite: name, direct, seed, from, step, runs, present, unseen, ignored, asked } = request;
    const suite = this.parts.suites.find((one) => one.name === name)!;
    const result: SourceResult = {
      runs: 0,
      operations: 0,
      failing: null,
      repaired: [],
      asked,
      unexplained: [],
      parted: [],
    };
    const ignoredHere = new Set(ignored);
    let tries = unseen.length > 0 ? REPAIRS_TRIED_MAX : 0;
    for (let i = 0; i < runs && result.failing === null; i++) {
      if (signal?.aborted === true) break;
      const run = from + i * step;
      this.random.seed(seedOfRun(seed, name, run));
      const drawn = suite.generate(this.random);
      const scenario = direct ? drawn : withoutDirectCalls(drawn);
      const sights = this.text.sights(scenario, this.choice);
      result.runs++;
      result.operations += scenario.operations.length;
      if (sights.length === 0) continue;
      const known = this.reference.sights(scenario, withDefects(present));
      const parts = !this.isSameTrace();
      if (parts && run > asked && tries-- > 0) {
        result.repaired = this.repairedIn(scenario, present, unseen, signal);
        if (result.repaired.length > 0) break;
        result.asked = run;
      }
      const agreed = sights.filter((sight) => known.some((one) => isSameWay(one, sight)));
      const owed = new Set(this.owedOf(scenario, request, agreed));
      for (const sight of sights) {
        if (result.failing !== null) break;
        const { violation } = sight;
        const failing = { run, scenario, violation };
        if (agreed.includes(sight)) {
          if (!owed.has(sight)) continue;
          if (!this.isAlikeIn(scenario, [], sight)) result.failing = failing;
          else if (!result.unexplained.some((one) => one.violation.cause === violation.cause))
            result.unexplained.push(failing);
        } else if (ignoredHere.has(violation.property)) {
          continue;
        } else if (
          known.some((one) => isAlike(one.violation, violation)) &&
          this.shows(scenario, request.apart, sight)
        ) {
          // they part before it; what is left of the scenario when it is small may still be the same on both
          result.failing = failing;
        } else {
          ignoredHere.add(violation.property);
          result.parted.push(failing);
        }
      }
    }
    return result;
  }

  /**
   * Of violations to which both come in the same way, those with which what is wanted has to do: the reference without it does
   * not show them; or shows them after another way, and what is wanted shows them too apart from the others, of the same thing.
   */
  private owedOf(scenario: Scenario, knowledge: Knowledge, sights: readonly Sight[]): Sight[] {
    if (sights.length === 0) return [];
    const { present, wanted, apart } = knowledge;
    const ways = this.reference.compare(scenario, withDefects(without(present, wanted)), sights);
    const apartFromOthers = ways.includes('other')
      ? this.reference.sights(scenario, withDefects(apart)).map(({ violation }) => violation)
      : [];
    return sights.filter(
      ({ violation }, i) =>
        ways[i] === 'gone' ||
        (ways[i] === 'other' && apartFromOthers.some((one) => isSameSubject(one, violation))),
    );
  }

  /** Whether the last runs of both had the same trace. */
  private isSameTrace(): boolean {
    const [text, reference] = [this.text.trace, this.reference.trace];
    return text.digest === reference.digest && text.events === reference.events;
  }

  /**
   * The defects, of `unseen`, whose repair makes the reference do all that the text does in this scenario, none to spare: step
   * by step, each taking both further along together. None if that does not lead to the end, or on a stop.
   */
  private repairedIn(
    scenario: Scenario,
    present: readonly string[],
    unseen: readonly string[],
    signal: StopSignal | undefined,
  ): string[] {
    const trace = [...this.text.historyOf(scenario, this.choice)];
    /** Events until both part where these are repaired; `Infinity` if they do not. */
    const together = (gone: readonly string[]): number => {
      const other = this.reference.historyOf(scenario, withDefects(without(present, gone)));
      const end = trace.findIndex((digest, i) => digest !== other[i]);
      if (end >= 0) return end;
      return other.length === trace.length ? Infinity : trace.length;
    };
    let repaired: string[] = [];
    for (let reached = together([]); reached !== Infinity;) {
      const next = this.nextStep(repaired, reached, without(unseen, repaired), together, signal);
      if (next === null) return [];
      ({ repaired, reached } = next);
    }
    // what one step took may be in what another took
    return fewest(repaired, (fewer) => together(fewer) === Infinity);
  }

  /** The next step: the repair that leads furthest, or, if none leads further by itself, the fewest that do together. */
  private nextStep(
    repaired: readonly string[],
    reached: number,
    left: readonly string[],
    together: (gone: readonly string[]) => number,
    signal: StopSignal | undefined,
  ): { repaired: string[]; reached: number } | null {
    let best = { repaired: [...repaired], reached };
    for (const one of left) {
      if (signal?.aborted === true) return null;
      const end = together([...repaired, one]);
      if (end > best.reached) best = { repaired: [...repaired, one], reached: end };
    }
    if (best.reached > reached) return best;
    if (together([...repaired, ...left]) <= reached) return null;
    const step = fewest(left, (fewer) => together([...repaired, ...fewer]) > reached);
    const all = [...repaired, ...step];
    return { repaired: all, reached: together(all) };
  }

  /** The violation as the text shows it, if it does. */
  shown(scenario: Scenario, as: Failure): Violation | undefined {
    return this.text.sight(scenario, this.choice, as)?.violation;
  }

  /** Whether the reference pager with these defects shows a violation of that property and cause. */
  occurs(scenario: Scenario, defects: readonly string[], as: Failure): boolean {
    return this.reference.sight(scenario, withDefects(defects), as) !== undefined;
  }

  /** Whether the text shows the violation, and the reference pager with these defects the same of the same thing. */
  shares(scenario: Scenario, defects: readonly string[], as: Failure): boolean {
    return this.sharing(scenario, as)(defects);
  }

  /** The same for one list of defects after the other. */
  sharing(scenario: Scenario, as: Failure): (defects: readonly string[]) => boolean {
    const sight = this.text.sight(scenario, this.choice, as);
    return (defects) => sight !== undefined && this.shows(scenario, defects, sight);
  }

  private shows(scenario: Scenario, defects: readonly string[], { violation }: Sight): boolean {
    const violations = this.reference.run(scenario, withDefects(defects));
    return violations.some((one) => isSameSubject(one, violation));
  }

  /**
   * What explains a violation to which text and reference do not come in the same way: the defects with which the reference
   * shows the same of the same thing, though not first of all, perhaps. They are those that were known to be present, a few
   * alone, or those present but for a few. Or one that was believed to be absent is there: with that defect the reference comes
   * to it as the text does. Null if nothing explains it.
   */
  explanationOf(
    scenario: Scenario,
    present: readonly string[],
    absent: readonly string[],
    as: Failure,
  ): { by: readonly string[] } | { back: string } | null {
    const sight = this.text.sight(scenario, this.choice, as);
    if (sight === undefined || this.showsSomewhere(scenario, present, sight)) return { by: present };
    const isWay = (defects: readonly string[]): boolean =>
      this.further.sights(scenario, withDefects(defects)).some((one) => isSameWay(one, sight));
    const back = absent.find((one) => isWay([...present, one]));
    if (back !== undefined) return { back };
    // a defect or two alone; or the text has a repair or two in a way of its own
    const by = this.nearest(scenario, [], present, sight) ?? this.nearest(scenario, present, present, sight);
    return by === null ? null : { by };
  }

  /**
   * The defects nearest to these with which the reference shows the same of the same thing: one more or less; or two, or all, of
   * those that make a difference by themselves.
   */
  private nearest(
    scenario: Scenario,
    defects: readonly string[],
    changes: readonly string[],
    sight: Sight,
  ): string[] | null {
    this.further.run(scenario, withDefects(defects));
    const { events, digest } = this.further.trace;
    const active: string[] = [];
    for (const one of changes) {
      const changed = toggled(defects, [one]);
      if (this.showsSomewhere(scenario, changed, sight)) return changed;
      const { trace } = this.further;
      if (trace.events !== events || trace.digest !== digest) active.push(one);
    }
    const pairs =
      active.length > ACTIVE_MAX
        ? []
        : active.flatMap((one, i) => active.slice(i + 1).map((other) => [one, other]));
    const found = [active, ...pairs].find((some) =>
      this.showsSomewhere(scenario, toggled(defects, some), sight),
    );
    return found === undefined ? null : toggled(defects, found);
  }

  private showsSomewhere(scenario: Scenario, defects: readonly string[], { violation }: Sight): boolean {
    return this.further.run(scenario, withDefects(defects)).some((one) => isSameSubject(one, violation));
  }

  private hasAlike(scenario: Scenario, defects: readonly string[], { violation }: Sight): boolean {
    return this.further.run(scenario, withDefects(defects)).some((one) => isAlike(one, violation));
  }

  /** Whether the text shows it, and the reference with none of these lists of defects anything like it. */
  isOnlyInText(scenario: Scenario, forms: readonly (readonly string[])[], as: Failure): boolean {
    const sight = this.text.sight(scenario, this.choice, as);
    return sight !== undefined && forms.every((defects) => !this.hasAlike(scenario, defects, sight));
  }

  /** The violation of the text, if the reference comes to it in the same way. */
  private agreed(scenario: Scenario, present: readonly string[], as: Failure): Sight | null {
    const sight = this.text.sight(scenario, this.choice, as);
    if (sight === undefined) return null;
    const same = this.reference.sight(scenario, withDefects(present), as);
    return same !== undefined && isSameWay(same, sight) ? sight : null;
  }

  /** Whether text and reference come to the violation in the same way. */
  agrees(scenario: Scenario, present: readonly string[], as: Failure): boolean {
    return this.agreed(scenario, present, as) !== null;
  }

  /** Whether it is news: both come to it in the same way, what is known does not explain it, and what is wanted does. */
  isNews(scenario: Scenario, knowledge: Knowledge, as: Failure): boolean {
    const sight = this.agreed(scenario, knowledge.present, as);
    if (sight === null || this.owedOf(scenario, knowledge, [sight]).length === 0) return false;
    return !this.isAlikeIn(scenario, [], sight);
  }

  /** Those of the defects whose repair alone takes away what the text shows, whatever else is wrong with it. */
  duesOf(scenario: Scenario, present: readonly string[], defects: readonly string[], as: Failure): string[] {
    const sight = this.agreed(scenario, present, as);
    if (sight === null) return [];
    return defects.filter((one) => !this.isAlikeIn(scenario, without(present, [one]), sight));
  }

  /**
   * Whether the text does what this defect does on its way to the violation, and the defect beside these others alone shows it,
   * and they without it do not: something else that is wrong with the text may show it too.
   */
  isSharedBy(
    scenario: Scenario,
    present: readonly string[],
    { defect, needs }: { defect: string; needs: readonly string[] },
    as: Failure,
  ): boolean {
    const sight = this.agreed(scenario, present, as);
    return (
      sight !== null &&
      this.reference.compare(scenario, withDefects(without(present, [defect])), [sight])[0] !== 'same' &&
      this.shows(scenario, [...needs, defect], sight) &&
      !this.isAlikeIn(scenario, needs, sight)
    );
  }

  private isAlikeIn(scenario: Scenario, defects: readonly string[], { violation }: Sight): boolean {
    return this.reference.run(scenario, withDefects(defects)).some((one) => isAlike(one, violation));
  }
}

/** As few of them as still do, going through them once. */
function fewest(all: readonly string[], stillDo: (fewer: readonly string[]) => boolean): string[] {
  let needed = [...all];
  for (const one of all) {
    const fewer = without(needed, [one]);
    if (stillDo(fewer)) needed = fewer;
  }
  return needed;
}

/** The first with those of the second that are not among them, and without those that are. */
function toggled(some: readonly string[], changes: readonly string[]): string[] {
  return [...without(some, changes), ...without(changes, some)];
}

function without(all: readonly string[], gone: readonly string[]): string[] {
  return all.filter((one) => !gone.includes(one));
}
