/**
 * Guards where a violation is said to have been found: the line is of the function that the violation names, of a completion
 * routine that has run if it names one, and left out rather than that of whoever ran before.
 */
import { describe, expect, it } from 'vitest';
import type { Violation } from '../../properties/property.ts';
import type { Judge } from '../../src/engine/parts.ts';
import { Places } from '../../src/engine/places.ts';
import type { SourceInfo, SourceLine, Target } from '../../src/targets/target.ts';
import { Recorder } from '../../src/trace/recorder.ts';

const violation = (name: string): Violation => ({
  property: 'page-contents',
  cause: `page-contents/get/${name}`,
  operation: 1,
  operationKind: 'get',
  function: name,
  what: 'wrong',
  expected: 'right',
  observed: 'wrong',
});

/** A target that says it is at these lines. */
function standing(line: SourceLine | null, completion: SourceLine | null = null) {
  const state = { line, completion, completions: 0 };
  const source: SourceInfo = {
    lastCall: () => state.line,
    lastCallOfCompletion: () => state.completion,
    get completions() {
      return state.completions;
    },
    coverage: () => Promise.reject(new Error('not asked for')),
  };
  const violations: Violation[] = [];
  const places = new Places({ source } as Target);
  places.judge = { violations } as unknown as Judge;
  const events = places.observer as Record<string, () => void>;
  return { state, violations, places, events };
}

const CALL = { place: 'pager.c:10', text: 'relpbuf(bp);' };
const COMPLETION = { place: 'pager.c:5', text: 'wakeup(bp);' };

describe('the place of a violation', () => {
  it('is the last call of the function that was running', () => {
    const { violations, places, events } = standing(CALL);
    violations.push(violation('getmulti'));
    events['pagerReturn']!();
    expect(places.explained()).toMatchObject([{ place: 'pager.c:10: relpbuf(bp);' }]);
  });

  it.each([
    ['before the function has called the kernel', null, 'getmulti', 'pageBusied'],
    ['where no function of the pager was running', CALL, '-', 'operationEnd'],
    ['where a transfer has ended and its completion routine has not run', CALL, 'iodone', 'transferEnd'],
    ['where a transfer had no completion routine', CALL, 'iodone', 'interruptEnd'],
    ['where a function is called', CALL, 'getmulti', 'pagerCall'],
  ])('is left out %s', (_, line, name, event) => {
    const { violations, places, events } = standing(line, COMPLETION);
    events['transferEnd']!();
    violations.push(violation(name));
    events[event]!();
    expect(places.explained()).toEqual([violation(name)]);
  });

  it.each(['pagerReturn', 'release', 'interruptEnd'])(
    'is that of the completion routine where one has run, whoever was interrupted (%s)',
    (event) => {
      const { state, violations, places, events } = standing(CALL, COMPLETION);
      events['transferEnd']!();
      events['pagerCall']!();
      state.completions++;
      violations.push(violation('iodone'));
      events[event]!();
      expect(places.explained()).toMatchObject([{ place: 'pager.c:5: wakeup(bp);' }]);
    },
  );

  it('is that of the function that goes on when the interrupt has ended', () => {
    const { state, violations, places, events } = standing(CALL, COMPLETION);
    events['transferEnd']!();
    events['pagerCall']!();
    state.completions++;
    events['interruptEnd']!();
    violations.push(violation('getmulti'));
    events['pagerReturn']!();
    expect(places.explained()).toMatchObject([{ place: 'pager.c:10: relpbuf(bp);' }]);
  });

  it('is the last call of a completion routine while it runs', () => {
    const { violations, places, events } = standing(COMPLETION);
    events['transferEnd']!();
    events['pagerCall']!();
    violations.push(violation('iodone'));
    events['pageWakeup']!();
    expect(places.explained()).toMatchObject([{ place: 'pager.c:5: wakeup(bp);' }]);
  });

  it('has the number of the event where the run is recorded', () => {
    const recorder = new Recorder();
    const violations: Violation[] = [];
    const places = new Places({} as Target, recorder);
    places.judge = { violations } as unknown as Judge;
    recorder.idle();
    recorder.idle();
    violations.push(violation('getmulti'));
    (places.observer as Record<string, () => void>)['idle']!();
    expect(places.explained()).toMatchObject([{ event: 1 }]);
  });
});
