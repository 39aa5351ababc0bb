/** Names that the texts of the command line mention, apart from what they name, so that those texts are there at once. */

/** Name of the built-in target. */
export const REFERENCE = 'reference';

/** Name of the target that runs C source; scenarios name the source's path instead. */
export const C_SOURCE = 'c';

/** The lists that exist. */
export const LISTS = ['suites', 'properties', 'targets', 'switches'] as const;

/** What there is to set up. */
export const SETUPS = ['c'] as const;
