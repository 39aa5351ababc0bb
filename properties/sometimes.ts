/**
 * What must come about now and then, so that the other properties do not hold for want of a chance to fail: each names the
 * situations that bear witness to it (`suites/situations.ts`). It is judged of a suite, not of a run: a suite that declares one
 * of its situations (`suites/reach.ts`) and comes to none of them is vacuous there, and ends with exit code 4.
 */
import type { Monitor, Property } from './property.ts';
import type { ReachName } from './suites/situations.ts';

/** A property of suites. */
export interface SometimesProperty extends Property {
  kind: 'sometimes';
  /** Situations of which any bears witness. */
  witnesses: readonly ReachName[];
}

/** Runs are not what is judged. */
const nobody = (): Monitor => ({ begin: () => {} });

function sometimes(
  id: string,
  statement: string,
  source: string,
  doesNotVerify: string,
  ...witnesses: ReachName[]
): SometimesProperty {
  const observes = `whether a suite comes to: ${witnesses.join('; ')}`;
  return { id, kind: 'sometimes', statement, source, observes, doesNotVerify, witnesses, monitor: nobody };
}

/** Properties of suites. */
export const SOMETIMES: readonly SometimesProperty[] = [
  sometimes(
    'sometimes-eof-in-page',
    'Sometimes a get brings in, or a put takes out, the page in which the file ends.',
    '13.4 Q4, 13.6 Q6',
    'which bytes past EOF the disk had',
    'get of the page with EOF in it',
    'put of the page with EOF in it',
  ),
  sometimes(
    'sometimes-hole',
    'Sometimes a get meets a hole, or haspage says that there is one.',
    '13.4 Q5, 13.8 Q2',
    'that the hole was in the middle of a file',
    'get of a hole',
    'haspage says no to a hole',
    'put of a hole by the old path',
  ),
  sometimes(
    'sometimes-partial-page',
    'Sometimes a get is asked for a page that is valid in part, dirty in part, or in a dirty buffer.',
    '13.4 Q3, G16',
    'each mask that there is',
    'get of a partially valid page',
    'get of a page with dirty chunks',
    'get of a page whose block has a dirty buffer',
  ),
  sometimes(
    'sometimes-clusters',
    'Sometimes a get or put is of several pages.',
    '13.4 Q2, 13.6 Q1',
    'that a single transfer carried them',
    'get run of 4',
    'put run of 3',
  ),
  sometimes(
    'sometimes-get-fails',
    'Sometimes a get fails.',
    '13.4 Q1, Q6',
    'for which of all reasons',
    'getmulti ERROR',
    'getpage ERROR',
  ),
  sometimes(
    'sometimes-put-fails',
    'Sometimes a put fails, or finds the file system gone.',
    '13.6 Q2-Q5',
    'for which of all reasons',
    'putmulti ERROR',
    'putpage ERROR',
    'putmulti FAIL',
    'putpage FAIL',
  ),
  sometimes(
    'sometimes-asynchronous',
    'Sometimes a transfer goes on after the call that started it, or ends before others that were started earlier.',
    '13.12, G8',
    'what the caller does meanwhile',
    'disk read, async',
    'network read, async',
    'transfers end out of order',
  ),
  sometimes(
    'sometimes-cut-meanwhile',
    'Sometimes a file changes its size under a call that sleeps, or while its pages are in flight.',
    '13.9 Q4, G18',
    'in which of its sleeps',
    'setsize during a get',
    'setsize during a put',
    'setsize while a transfer is in flight',
  ),
  sometimes(
    'sometimes-gone-meanwhile',
    'Sometimes a file system goes under a call that sleeps, or under live pagers.',
    '13.11, 13.3 Q1',
    'in which of its sleeps',
    'disconnected during a get',
    'disconnected during a put',
    'disconnected with a live pager',
    'umount with live pagers',
  ),
  sometimes(
    'sometimes-exhausted',
    'Sometimes pbufs, kernel map or memory run out.',
    'G9, G10, G20',
    'which call had taken the last of them',
    'sleep on pool',
    'sleep on map',
    'sleep on memory',
  ),
  sometimes(
    'sometimes-cached-object',
    'Sometimes alloc finds the object of a file in the cache, or one that is dying.',
    '13.2 Q3, 13.10',
    'how long it had been there',
    'alloc takes an object from the cache',
    'alloc meets a dying object',
  ),
  sometimes(
    'sometimes-concurrent',
    'Sometimes two threads are in the pager, or an interrupt comes while a thread runs.',
    'G5, G20',
    'every order in which they can be',
    'two threads in the pager',
    'interrupt while a thread runs',
  ),
  sometimes(
    'sometimes-large',
    'Sometimes sizes, offsets and addresses are at or past 2 GiB or 4 GiB.',
    '13.8, 13.9 Q2, G18',
    'every width that a pager may have chosen',
    'page at or past 2 GiB',
    'size of 2 GiB or more',
    'size of 4 GiB or more',
    'disk address at or past 2 GiB',
    'disk address at or past 4 GiB',
  ),
  sometimes(
    'sometimes-unsaved',
    'Sometimes an object dies with dirty pages, or what was not saved is lost lawfully.',
    '13.3, G17',
    'that a reader would have missed it',
    'object dies with dirty pages',
    'delayed write lost',
    'unsaved page cut off',
  ),
];

/** Those that a suite is asked for, by the situations that it declares. */
export function sometimesOf(reach: Readonly<Record<string, number>>): readonly SometimesProperty[] {
  return SOMETIMES.filter(({ witnesses }) => witnesses.some((name) => reach[name] !== undefined));
}

/** Those of them to which nothing that was declared has borne witness. */
export function vacuous(
  reach: Readonly<Record<string, number>>,
  notReached: readonly string[],
): readonly SometimesProperty[] {
  return sometimesOf(reach).filter(({ witnesses }) =>
    witnesses.every((name) => reach[name] === undefined || notReached.includes(name)),
  );
}
