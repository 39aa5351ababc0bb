/**
 * Doctored traces as tables: each family of properties lists traces that break it, clause by clause, and traces that keep it.
 * A property of the family that no trace breaks is a property that cannot fail, and fails here.
 */
import { describe, expect, it } from 'vitest';
import { ACCEPTED_EVENTS } from '../../../properties/accepted-events.ts';
import { PROPERTIES } from '../../../properties/catalogue.ts';
import { Judge } from '../../../properties/judge.ts';
import type { Property, Violation } from '../../../properties/property.ts';
import { scenarioOf, type Setting } from '../../model/support/scene.ts';
import { Stage } from '../../model/support/stage.ts';

/** A trace that breaks a property. */
export interface Broken {
  property: string;
  /** What is wrong in it. */
  when: string;
  setting?: Setting;
  play: (stage: Stage) => void;
  /** Words that the violation must contain. */
  says?: string;
}

/** A trace that breaks nothing. */
export interface Lawful {
  when: string;
  setting?: Setting;
  play: (stage: Stage) => void;
}

/** The machines wait for events that scenes on a stage leave out; they have traces of their own. */
const MACHINES = new Set(ACCEPTED_EVENTS.map(({ id }) => id));

/** A stage judged by every other property. */
export function judged(setting: Setting = {}): { stage: Stage; judge: Judge } {
  const judge = new Judge(PROPERTIES.map(({ id }) => id).filter((id) => !MACHINES.has(id)));
  const scenario = scenarioOf(setting);
  judge.begin(scenario);
  return { stage: new Stage(scenario).begin(judge.observer), judge };
}

/** Violations of a trace. */
export function violationsOf(play: (stage: Stage) => void, setting?: Setting): readonly Violation[] {
  const { stage, judge } = judged(setting);
  play(stage);
  return judge.violations;
}

const idOf = (violation: Violation): string => violation.property;

/** Tests of one family. */
export function testFamily(
  family: readonly Property[],
  broken: readonly Broken[],
  lawful: readonly Lawful[],
): void {
  describe.each(family.map((property) => property.id))('%s', (id) => {
    const traces = broken.filter((trace) => trace.property === id);

    it('can fail', () => expect(traces).not.toEqual([]));

    it.each(traces)('fails when $when', ({ play, setting, says }) => {
      const violation = violationsOf(play, setting).find((one) => one.property === id);
      expect(violation, 'the violation').toBeDefined();
      if (says !== undefined) expect(JSON.stringify(violation)).toContain(says);
    });
  });

  describe('nothing fails', () => {
    it.each(lawful)('when $when', ({ play, setting }) => {
      const mine = new Set(family.map((property) => property.id));
      const violations = violationsOf(play, setting);
      expect(violations.filter((violation) => mine.has(idOf(violation)))).toEqual([]);
    });
  });
}
