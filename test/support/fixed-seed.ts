/**
 * Fixes the seed of all property tests, for mutation runs. Stryker picks the tests of a mutant by their titles, and
 * test.prop puts the seed into the title: with random seeds no property test would ever be found again, and
 * mutants that it kills would be reported as survivors.
 */
import { configureGlobal, readConfigureGlobal } from 'fast-check';

configureGlobal({ ...readConfigureGlobal(), seed: 19_941_124 });
