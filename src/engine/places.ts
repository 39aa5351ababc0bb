/**
 * Where a run was when a violation was found: the place in the target's source, and the event of the trace. Properties know
 * neither; whoever runs a scenario for the sake of an explanation watches all of it.
 */
import type { Violation } from '../../properties/property.ts';
import type { SourceInfo, Target } from '../targets/target.ts';
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
    const look: Record<string, () => void> = {};
    for (const name of OBSERVER_METHODS) if (name !== 'call' && name !== 'return') look[name] = this.look;
    this.observer = this.source === undefined && recorder === null ? {} : look;
  }

  private readonly look = (): void => {
    const { source, recorder, judge, notes } = this;
    if (judge === null) return;
    while (notes.length < judge.violations.length) {
      notes.push({
        ...(recorder === null ? {} : { event: recorder.records.length - 1 }),
        ...(source === undefined ? {} : { place: `${source.place}: ${source.text}` }),
      });
    }
  };

  /** The judge's violations, with the event and the place of each. */
  explained(): Violation[] {
    return this.judge!.violations.map((violation, i) => ({ ...violation, ...this.notes[i] }));
  }
}
