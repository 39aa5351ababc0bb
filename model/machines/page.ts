/**
 * The life of a page frame as a state machine in three regions: who may touch it, what the pager was called for, and what the
 * device does with it. An event that a region declares and its state does not take is a violation. Bytes and masks are beside
 * the machine, in the abstract files.
 */
import { createMachine } from 'xstate';

/** What happens to a frame. */
export type PageEvent =
  | 'ALLOCATE'
  | 'BUSY'
  | 'WAKEUP'
  | 'FREE'
  | 'REQUEST'
  | 'REQUEST_END'
  | 'BRING'
  | 'BRING_END'
  | 'OFFER'
  | 'OFFER_END'
  | 'READ'
  | 'READ_END'
  | 'WRITE'
  | 'WRITE_END';

/** Kernel-notes 3.2, 3.4, 13.4 Q2, 13.6 Q4, G1, G5. */
export const pageMachine = createMachine({
  types: {} as { events: { type: PageEvent } },
  id: 'page',
  type: 'parallel',
  states: {
    occupancy: {
      initial: 'free',
      states: {
        free: { on: { ALLOCATE: 'busy' } },
        // whoever calls the pager for a page, or has the device fill it, owns it
        busy: {
          on: { WAKEUP: 'idle', REQUEST: 'busy', BRING: 'busy', OFFER: 'busy', READ: 'busy', WRITE: 'busy' },
        },
        // un-busying a page that is not busy is harmless; what a put un-busied early, and took again, may still be written
        idle: { on: { BUSY: 'busy', WAKEUP: 'idle', WRITE: 'idle', FREE: 'free' } },
      },
    },
    call: {
      initial: 'none',
      states: {
        none: {
          on: {
            REQUEST: 'requested',
            BRING: 'brought',
            BRING_END: 'none',
            OFFER: 'offered',
            WAKEUP: 'none',
            FREE: 'none',
          },
        },
        // the page that a get is about: neither freed nor un-busied by it
        requested: { on: { REQUEST_END: 'none' } },
        // its neighbours are the pager's to give back, and others' to ask for and offer from then on
        brought: { on: { BRING_END: 'none', WAKEUP: 'none' } },
        // pages of a put stay where they are; one that file system code waits for may be un-busied early
        offered: { on: { OFFER_END: 'none', BRING_END: 'offered', WAKEUP: 'offered' } },
      },
    },
    transfer: {
      initial: 'quiet',
      states: {
        quiet: { on: { READ: 'reading', WRITE: 'writing', FREE: 'quiet' } },
        reading: { on: { READ_END: 'quiet' } },
        writing: { on: { WRITE_END: 'quiet' } },
      },
    },
  },
});
