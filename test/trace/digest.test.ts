/** Guards the digest: an event that it does not see could differ between two pagers without being noticed. */
import { describe, expect, it } from 'vitest';
import { SUITES } from '../../properties/suites/catalogue.ts';
import { Random } from '../../properties/arbitraries/random.ts';
import { createReferenceTarget } from '../../src/targets/reference.ts';
import { compose } from '../../src/trace/compose.ts';
import { Digest } from '../../src/trace/digest.ts';
import { OBSERVER_METHODS } from '../../src/trace/observer.ts';

const random = new Random(5);
const scenario = SUITES.find(({ name }) => name === 'mixed')!.generate(random);

function digestOf(drop?: string): { value: number; events: number; seen: Set<string> } {
  const digest = new Digest();
  const seen = new Set<string>();
  const filtered: Record<string, (...args: never[]) => void> = {};
  for (const name of OBSERVER_METHODS) {
    if (name === drop) continue;
    filtered[name] = (...args: never[]) => {
      seen.add(name);
      const method: (...all: never[]) => void = digest[name];
      method.apply(digest, args);
    };
  }
  createReferenceTarget().execute(scenario, compose([filtered]));
  return { value: digest.value, events: digest.events, seen };
}

describe('a digest', () => {
  const whole = digestOf();

  it('is the same for the same run', () => {
    expect(digestOf()).toEqual(whole);
    expect(whole.events).toBeGreaterThan(500);
  });

  it('has a method for every event', () => {
    for (const name of OBSERVER_METHODS) expect(typeof Digest.prototype[name]).toBe('function');
  });

  it('changes when any one kind of event is missing', () => {
    const others = OBSERVER_METHODS.filter((name) => name !== 'runBegin' && whole.seen.has(name));
    for (const name of others)
      expect(`${name} ${digestOf(name).value === whole.value}`).toBe(`${name} false`);
  });
});
