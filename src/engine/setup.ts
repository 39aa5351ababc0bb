/** Puts the engine together from the catalogue: all suites, all properties, the judge and the shrinker. */
import { PROPERTIES } from '../../properties/catalogue.ts';
import { Judge } from '../../properties/judge.ts';
import { SUITES } from '../../properties/suites/catalogue.ts';
import type { Target } from '../targets/target.ts';
import { suitesNear, type Near } from './near.ts';
import type { Parts } from './parts.ts';
import { shrinkScenario } from './shrink-run.ts';

/**
 * The parts for a target; a new target is made for each world that must not have run anything else. With `near` the suites draw
 * variations of its scenarios.
 */
export function catalogueParts(makeTarget: () => Target, near: Near | null = null): Parts {
  return {
    makeTarget,
    suites: suitesNear(SUITES, near),
    properties: PROPERTIES,
    makeJudge: (judging, extra, most) => new Judge(judging, extra, most),
    shrink: shrinkScenario,
  };
}
