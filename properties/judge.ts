/**
 * The judge: puts the model and the monitors of a set of properties together into one observer, and keeps the first violation of
 * each property in each run, or more of them if asked to. Made once per set; nothing is allocated while a run goes well.
 */
import type { Scenario } from '../src/scenario/scenario.ts';
import { compose, type ComposedObserver } from '../src/trace/compose.ts';
import type { PartialObserver } from '../src/trace/observer.ts';
import type { View } from '../src/trace/view.ts';
import { Model } from '../model/model.ts';
import { propertyOf } from './catalogue.ts';
import type { Context, Finding, Monitor, Violation } from './property.ts';

/** What a violation names as the operation when none was running. */
const SETTLEMENT = 'settlement';
const DAEMON = 'daemon';

/** Judges runs by a set of properties. */
export class Judge implements Context {
  /** What a target is given. */
  readonly observer: ComposedObserver;
  readonly model = new Model();
  scenario!: Scenario;
  private readonly monitors: Monitor[] = [];
  private readonly selected: ReadonlySet<string>;
  private readonly found: Violation[] = [];
  private readonly most: number;
  /** How many violations of each property were kept. */
  private readonly kept = new Map<string, number>();

  /**
   * `most`: how many violations of a property are kept in a run, each another one of another operation.
   * @throws RangeError if there is no property of one of the ids
   */
  constructor(properties: readonly string[], extra: readonly PartialObserver[] = [], most = 1) {
    this.selected = new Set(properties);
    this.most = most;
    const factories = new Set(properties.map((id) => propertyOf(id).monitor));
    for (const factory of factories) this.monitors.push(factory());
    this.model.calls.told = this.monitors.filter((one) => one.leave !== undefined || one.enter !== undefined);
    this.observer = compose([this.model, ...this.monitors, this.model.afterwards, ...extra]);
  }

  get view(): View {
    return this.model.view;
  }

  /** Violations of the last run, the first of each property, or the first few; valid until the next `begin`. */
  get violations(): readonly Violation[] {
    return this.found;
  }

  /** What the monitors have counted in all runs: how often each transition of the state machines was taken. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const monitor of this.monitors) monitor.count?.(counts);
    return counts;
  }

  /** Called before each run. */
  begin(scenario: Scenario): void {
    this.scenario = scenario;
    if (this.found.length > 0) this.found.length = 0;
    if (this.kept.size > 0) this.kept.clear();
    this.model.begin(scenario);
    for (const monitor of this.monitors) monitor.begin(this);
  }

  wants(property: string): boolean {
    return this.selected.has(property) && (this.kept.get(property) ?? 0) < this.most;
  }

  violate(property: string, finding: Finding): void {
    if (!this.wants(property)) return;
    const { calls } = this.model;
    const thread = finding.thread ?? calls.running;
    const operation = calls.operationOf(thread);
    const operationKind = operation === null ? this.idleKind(thread) : operation.kind;
    const name = calls.completing >= 0 ? 'iodone' : (calls.top(thread)?.call?.function ?? '-');
    const { thread: _thread, ...explanation } = finding;
    const kept = this.kept.get(property) ?? 0;
    // what goes on being wrong is told again at every event
    if (kept > 0 && this.isKept(property, operation?.id ?? 0, finding.what)) return;
    this.kept.set(property, kept + 1);
    this.found.push({
      property,
      cause: `${property}/${operationKind}/${name}`,
      operation: operation === null ? 0 : operation.id,
      operationKind,
      function: name,
      ...explanation,
    });
  }

  private isKept(property: string, operation: number, what: string): boolean {
    return this.found.some(
      (one) => one.property === property && one.operation === operation && one.what === what,
    );
  }

  private idleKind(thread: number): string {
    const isDaemon = thread === this.scenario.threads && !this.model.calls.settling;
    return isDaemon ? DAEMON : SETTLEMENT;
  }
}
