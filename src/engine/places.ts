/**
 * Where a run was when a violation was found: the place in the target's source, and the event of the trace. Properties know
 * neither; whoever runs a scenario for the sake of an explanation watches all of it.
 */
import type { Violation } from '../../properties/property.ts';
import type { SourceLine, Target } from '../targets/target.ts';
import { compose } from '../trace/compose.ts';
import { OBSERVER_METHODS, type PartialObserver } from '../trace/observer.ts';
import type { Recorder } from '../trace/recorder.ts';
import type { Judge } from './parts.ts';

/** Notes places; give `observer` to the judge, behind the recorder if there is one, and the judge to `judge`. */
export class Places {
  /** Whose violations are looked at. */
  judge: Judge | null = null;
  /** Looks after each event, kernel calls excepted; who follows lines hears of these too, which costs. */
  readonly observer: PartialObserver;
  private readonly recorder: Recorder | null;
  /** Of each violation that was seen. */
  private readonly notes: Pick<Violation, 'event' | 'place'>[] = [];

  constructor(target: Target, recorder: Recorder | null = null) {
    this.recorder = recorder;
    const lines = target.source ?? target.followLines?.();
    let isInterrupt = false;
    let isEntered = false;
    let completions = 0;
    // a completion routine is entered and left between the end of its transfer and that of the interrupt, if there is one
    const lineNow = (): SourceLine | null => {
      if (lines === undefined) return null;
      if (isInterrupt && lines.completions > completions) return lines.lastCallOfCompletion();
      return isInterrupt && !isEntered ? null : lines.lastCall();
    };
    const during = (): void => this.look(lineNow);
    const look: Record<string, () => void> = {};
    for (const name of OBSERVER_METHODS) if (name !== 'call' && name !== 'return') look[name] = during;
    look['pagerCall'] = (): void => {
      // what is called now has made no call of its own yet
      this.look(() => null);
      isEntered = isInterrupt;
    };
    look['transferEnd'] = (): void => {
      isInterrupt = true;
      isEntered = false;
      completions = lines?.completions ?? 0;
      during();
    };
    look['interruptEnd'] = (): void => {
      during();
      isInterrupt = false;
    };
    if (lines?.observer !== undefined) this.observer = compose([lines.observer, look]);
    else this.observer = lines === undefined && recorder === null ? {} : look;
  }

  private look(lineNow: () => SourceLine | null): void {
    const { recorder, judge, notes } = this;
    if (judge === null) return;
    while (notes.length < judge.violations.length) {
      // where no function of the pager was running, the line is that of one which ended before
      const line = judge.violations[notes.length]!.function === '-' ? null : lineNow();
      notes.push({
        ...(recorder === null ? {} : { event: recorder.records.length - 1 }),
        ...(line === null ? {} : { place: `${line.place}: ${line.text}` }),
      });
    }
  }

  /** The judge's violations, with the event and the place of each. */
  explained(): Violation[] {
    return this.judge!.violations.map((violation, i) => ({ ...violation, ...this.notes[i] }));
  }
}
