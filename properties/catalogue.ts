/**
 * All properties, family by family. Suites name them by id; the judge makes one monitor for each family that is asked for.
 */
import { CONTENTS } from './contents.ts';
import { PAGING_IN_PROGRESS } from './paging-in-progress.ts';
import type { Property } from './property.ts';
import { RUN_ENDS_WELL } from './run-ends-well.ts';
import { ZERO_PAST_EOF } from './zero-past-eof.ts';

/** Every property there is. */
export const PROPERTIES: readonly Property[] = [
  ...CONTENTS,
  ...ZERO_PAST_EOF,
  ...PAGING_IN_PROGRESS,
  ...RUN_ENDS_WELL,
];

const byId = new Map(PROPERTIES.map((property) => [property.id, property]));

/** A property by its id. @throws RangeError if there is none */
export function propertyOf(id: string): Property {
  const property = byId.get(id);
  if (property === undefined) throw new RangeError(`there is no property ${id}`);
  return property;
}
