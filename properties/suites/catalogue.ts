/** All suites, in the order in which reports list them. */
import type { Suite } from '../suite.ts';
import { mixed } from './mixed.ts';

export const SUITES: readonly Suite[] = [mixed];
