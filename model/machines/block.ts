/**
 * The life of a sector of the disk as one file sees it, in two regions: whether the sector is the file's, and what the device
 * does with it for the file. The same sector has a life for each file that it has to do with; who the others are does not matter
 * here.
 */
import { createMachine } from 'xstate';

/** What happens to a sector. */
export type BlockEvent =
  | 'ALLOCATE'
  | 'ALLOCATE_TO_OTHER'
  | 'FREE'
  | 'TRUNCATE'
  | 'TELL'
  | 'READ'
  | 'READ_END'
  | 'WRITE'
  | 'WRITE_END';

/** Kernel-notes 9.3, 10, 11.5, 13.3 Q2, 13.6 Q6, G5, G18. */
export const blockMachine = createMachine({
  types: {} as { events: { type: BlockEvent } },
  id: 'block',
  type: 'parallel',
  states: {
    ownership: {
      initial: 'free',
      states: {
        free: { on: { ALLOCATE: 'owned', ALLOCATE_TO_OTHER: 'free' } },
        owned: { on: { FREE: 'free', TRUNCATE: 'truncated', READ: 'owned', WRITE: 'owned' } },
        // cut off by the file system, but the pager has not been told: until then it is the file's own for transfers, unless
        // somebody is given it
        truncated: {
          on: {
            TELL: 'free',
            ALLOCATE: 'owned',
            ALLOCATE_TO_OTHER: 'free',
            READ: 'truncated',
            WRITE: 'truncated',
          },
        },
      },
    },
    transfer: {
      initial: 'quiet',
      states: {
        quiet: { on: { READ: 'reading', WRITE: 'writing', ALLOCATE: 'quiet', ALLOCATE_TO_OTHER: 'quiet' } },
        // what is read by a file that has lost it may be given away; the reader's page is gone by then
        reading: { on: { READ_END: 'quiet', ALLOCATE: 'reading', ALLOCATE_TO_OTHER: 'reading' } },
        // what is still written may not
        writing: { on: { WRITE_END: 'quiet' } },
      },
    },
  },
});
