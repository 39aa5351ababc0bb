/**
 * All properties, family by family. Suites name them by id; the judge makes one monitor for each family that is asked for.
 */
import { ACCEPTED_EVENTS } from './accepted-events.ts';
import { BOOKKEEPING } from './bookkeeping.ts';
import { BUSY_PAGES } from './busy-pages.ts';
import { CLUSTERING } from './clustering.ts';
import { CONTENTS } from './contents.ts';
import { HASPAGE } from './haspage.ts';
import { OBJECTS } from './objects.ts';
import { PAGER_LIST } from './pager-list.ts';
import { PAGING_IN_PROGRESS } from './paging-in-progress.ts';
import { PBUF_HEADERS } from './pbuf-headers.ts';
import { PBUFS_AND_MAPS } from './pbufs-and-maps.ts';
import { PROMISES } from './promises.ts';
import type { Property } from './property.ts';
import { RESULTS } from './results.ts';
import { RUN_ENDS_WELL } from './run-ends-well.ts';
import { SETSIZE_KEEPS } from './setsize-keeps.ts';
import { SLEEPERS } from './sleepers.ts';
import { SOMETIMES } from './sometimes.ts';
import { UMOUNTS } from './umounts.ts';
import { ZERO_PAST_EOF } from './zero-past-eof.ts';

/** Every property there is. */
export const PROPERTIES: readonly Property[] = [
  ...CONTENTS,
  ...ZERO_PAST_EOF,
  ...CLUSTERING,
  ...RESULTS,
  ...BUSY_PAGES,
  ...PAGING_IN_PROGRESS,
  ...PBUFS_AND_MAPS,
  ...PBUF_HEADERS,
  ...HASPAGE,
  ...OBJECTS,
  ...PAGER_LIST,
  ...SETSIZE_KEEPS,
  ...UMOUNTS,
  ...BOOKKEEPING,
  ...PROMISES,
  ...SLEEPERS,
  ...ACCEPTED_EVENTS,
  ...RUN_ENDS_WELL,
  ...SOMETIMES,
];

const byId = new Map(PROPERTIES.map((property) => [property.id, property]));

/** A property by its id. @throws RangeError if there is none */
export function propertyOf(id: string): Property {
  const property = byId.get(id);
  if (property === undefined) throw new RangeError(`there is no property ${id}`);
  return property;
}
