/**
 * Where a run was when a violation was found: the place in the target's source, and the event of the trace. Properties know
 * neither; whoever runs a scenario for the sake of an explanation watches all of it.
 */
import type { Violation } from '../../properties/property.ts';
import type { SourceInfo, SourceLine, Target } from '../targets/target.ts';
import { OBSERVER_METHODS, type PartialObserver } from '../trace/observer.ts';
import type { Recorder } from '../trace/recorder.ts';
import type { Judge } from './parts.ts';

/** Notes places; give `observer` to the judge, behind the recorder if there is one, and the judge to `judge`. */
export class Places {
  /** Whose violations are looked at. */
  judge: Judge | null = null;
  /** Looks after each event, kernel calls excepted: to hear of those would cost. */
  readonly observer: PartialObserver;
  private readonly source: SourceInfo | undefined;
  private readonly recorder: Recorder | null;
  /** Of each violation that was seen. */
  private readonly notes: Pick<Violation, 'event' | 'place'>[] = [];

  constructor(target: Target, recorder: Recorder | null = null) {
    this.source = target.source;
    this.recorder = recorder;
    const { source } = this;
    const during = (): void => this.look(source?.lastCall() ?? null);
    const look: Record<string, () => void> = {};
    for (const name of OBSERVER_METHODS) if (name !== 'call' && name !== 'return') look[name] = during;
    // a completion routine, if there is one, runs between the end of its transfer and that of the interrupt
    let completions = 0;
    look['transferEnd'] = (): void => {
      completions = source?.completions ?? 0;
      this.look(null);
    };
    look['interruptEnd'] = (): void => {
      const hasRun = source !== undefined && source.completions > completions;
      this.look(hasRun ? source.lastCallOfCompletion() : null);
    };
    this.observer = source === undefined && recorder === null ? {} : look;
  }

  private look(line: SourceLine | null): void {
    const { recorder, judge, notes } = this;
    if (judge === null) return;
    while (notes.length < judge.violations.length) {
      // where no function of the pager was running, the line is that of one which ended before
      const isInside = judge.violations[notes.length]!.function !== '-';
      notes.push({
        ...(recorder === null ? {} : { event: recorder.records.length - 1 }),
        ...(line !== null && isInside ? { place: `${line.place}: ${line.text}` } : {}),
      });
    }
  }

  /** The judge's violations, with the event and the place of each. */
  explained(): Violation[] {
    return this.judge!.violations.map((violation, i) => ({ ...violation, ...this.notes[i] }));
  }
}
