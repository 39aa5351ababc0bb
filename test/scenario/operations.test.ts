/**
 * Guards the tables of operations and choices, from which the schema, the documentation, the generators and the shrinker take
 * what they know.
 */
import { describe, expect, it } from 'vitest';
import { CHOICES, operation, OPERATION_KINDS, OPERATIONS } from '../../src/scenario/operations.ts';
import { ALL_FILE_SYSTEMS } from '../../src/scenario/scenario.ts';
import { argumentMax, OTHER } from '../../src/scenario/schema.ts';

describe('the operations', () => {
  it.each(OPERATION_KINDS)('%s has distinct arguments, all bounded, and a sentence', (kind) => {
    const { arguments: args, does } = OPERATIONS[kind];
    expect(new Set(args).size).toBe(args.length);
    for (const argument of args) expect(argumentMax(kind, argument)).toBeGreaterThan(0);
    expect(does).toMatch(/^[a-z].*[^.]$/);
  });

  it('say what `other` is where they use it, and only there', () => {
    const using = OPERATION_KINDS.filter((kind) =>
      (OPERATIONS[kind].arguments as readonly string[]).includes('other'),
    );
    expect(Object.keys(OTHER).toSorted()).toEqual(using.toSorted());
  });

  it('name all file systems by the number that none has', () => {
    expect(argumentMax('unmount', 'other')).toBe(ALL_FILE_SYSTEMS);
    expect(argumentMax('force-unmount', 'other')).toBe(ALL_FILE_SYSTEMS - 1);
    expect(OPERATIONS.unmount.does).toContain(`with ${ALL_FILE_SYSTEMS} all of them`);
  });

  it('have all fields in memory, those that were not given 0', () => {
    expect(operation(3, 1, 'store', { file: 2, length: 9 })).toEqual({
      id: 3,
      thread: 1,
      kind: 'store',
      file: 2,
      page: 0,
      count: 0,
      before: 0,
      offset: 0,
      length: 9,
      valid: 0,
      dirty: 0,
      other: 0,
    });
  });
});

describe('the choices', () => {
  it.each(Object.entries(CHOICES))(
    '%s can be departed from, in one list for each take',
    (_, { schedule, faults }) => {
      const takes = [...schedule, ...faults];
      expect(takes.length).toBeGreaterThan(0);
      expect(new Set(takes).size).toBe(takes.length);
    },
  );
});
