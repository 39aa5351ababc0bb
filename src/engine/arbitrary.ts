/**
 * Scenarios as a fast-check arbitrary: one 32-bit number drawn from fast-check seeds the suite's generator, and fast-check
 * drives the shrinker. Its own shrinking of seeds would not help, because a smaller seed is not a smaller scenario.
 */
import fc from 'fast-check';
import { Random } from '../../properties/arbitraries/random.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { candidates, type Place } from './shrink.ts';

/** Draws scenarios of a generator; shrinks any scenario. */
export class ScenarioArbitrary extends fc.Arbitrary<Scenario> {
  private readonly random = new Random(0);
  private readonly draw: (random: Random) => Scenario;
  private readonly goesOn: () => boolean;

  /** @param goesOn asked before each candidate; false ends the shrinking. */
  constructor(draw: (random: Random) => Scenario, goesOn: () => boolean = () => true) {
    super();
    this.draw = draw;
    this.goesOn = goesOn;
  }

  override generate(mrng: fc.Random): fc.Value<Scenario> {
    this.random.seed(mrng.nextInt(-0x8000_0000, 0x7fff_ffff));
    return new fc.Value(this.draw(this.random), undefined);
  }

  /** Candidates need nothing but the scenario, so that recorded ones shrink as generated ones do. */
  override canShrinkWithoutContext(value: unknown): value is Scenario {
    return typeof value === 'object' && value !== null && 'operations' in value && 'fileSystems' in value;
  }

  override shrink(value: Scenario, context: unknown): fc.Stream<fc.Value<Scenario>> {
    return new fc.Stream(this.smaller(value, context as Place | undefined));
  }

  private *smaller(value: Scenario, from: Place | undefined): Generator<fc.Value<Scenario>, void, undefined> {
    for (const { scenario, place } of candidates(value, from)) {
      if (!this.goesOn()) return;
      yield new fc.Value(scenario, place);
    }
  }
}
