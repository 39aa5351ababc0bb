/**
 * Where in its source a target was when a violation was found. Properties do not know targets; whoever runs a scenario for the
 * sake of an explanation watches both.
 */
import type { Violation } from '../../properties/property.ts';
import type { SourceInfo, Target } from '../targets/target.ts';
import { OBSERVER_METHODS, type PartialObserver } from '../trace/observer.ts';
import type { Judge } from './parts.ts';

/** Notes places; give `observer` to the judge, and the judge to `judge`. */
export class Places {
  /** Whose violations are looked at. */
  judge: Judge | null = null;
  /** Looks after each event, kernel calls excepted: to hear of those would cost. */
  readonly observer: PartialObserver;
  private readonly source: SourceInfo | undefined;
  private readonly places: string[] = [];

  constructor(target: Target) {
    this.source = target.source;
    const look: Record<string, () => void> = {};
    for (const name of OBSERVER_METHODS) if (name !== 'call' && name !== 'return') look[name] = this.look;
    this.observer = this.source === undefined ? {} : look;
  }

  private readonly look = (): void => {
    const { source, judge, places } = this;
    if (source === undefined || judge === null) return;
    while (places.length < judge.violations.length) places.push(`${source.place}: ${source.text}`);
  };

  /** The judge's violations, with the place of each. */
  explained(): Violation[] {
    return this.judge!.violations.map((violation, i) => {
      const place = this.places[i];
      return place === undefined ? { ...violation } : { ...violation, place };
    });
  }
}
