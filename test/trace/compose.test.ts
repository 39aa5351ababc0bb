/**
 * Guards the composition of observers: each event reaches everybody who wants it, in the order of the list, with all its arguments
 * and as a method of its own object; an event that nobody wants is harmless.
 */
import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { compose } from '../../src/trace/compose.ts';
import { ARITIES, OBSERVER_METHODS, type Observer, type PartialObserver } from '../../src/trace/observer.ts';

type Heard = { who: number; name: keyof Observer; values: unknown[] };

/** Wants some events, and notes each with its own number. */
class Listener {
  readonly who: number;
  readonly heard: Heard[];

  constructor(who: number, wanted: readonly (keyof Observer)[], heard: Heard[]) {
    this.who = who;
    this.heard = heard;
    const methods = this as Record<string, unknown>;
    for (const name of wanted) {
      methods[name] = function note(this: Listener, ...values: unknown[]): void {
        this.heard.push({ who: this.who, name, values });
      };
    }
  }
}

/** Another class with a name that is no word. */
const Odd = { ['a\n};//']: class extends Listener {} }['a\n};//'];

const wanted = fc.subarray([...OBSERVER_METHODS]);

describe('a composed observer', () => {
  test.prop([fc.array(fc.tuple(wanted, fc.boolean()), { maxLength: 20 })])(
    'calls those who want an event, in turn and with everything',
    (lists) => {
      const heard: Heard[] = [];
      const listeners = lists.map(([names, isOdd], who) => new (isOdd ? Odd : Listener)(who, names, heard));
      const composed = compose(listeners as PartialObserver[]);
      for (const name of OBSERVER_METHODS) {
        heard.length = 0;
        const values = Array.from({ length: ARITIES[name] }, (_, i) => ({ i }));
        (composed[name] as (...given: unknown[]) => void)(...values);
        const expected = lists.flatMap(([names], who) =>
          names.includes(name) ? [{ who, name, values }] : [],
        );
        expect(heard).toEqual(expected);
      }
      const wantsCalls = lists.some(([names]) => names.includes('call') || names.includes('return'));
      expect(composed.wantsCalls).toBe(wantsCalls);
    },
  );

  test('keeps equal lists of different observers apart', () => {
    const heard: Heard[] = [];
    const first = compose([new Listener(1, ['idle'], heard) as PartialObserver]);
    const second = compose([new Listener(2, ['idle'], heard) as PartialObserver]);
    first.idle();
    second.idle();
    expect(heard.map(({ who }) => who)).toEqual([1, 2]);
  });
});
