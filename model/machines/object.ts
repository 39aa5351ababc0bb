/**
 * The life of an object and its pager in three regions: existence, the claims that forbid destruction, and the pager. How many
 * claims there are is counted beside the machine; here it matters whether there is one.
 */
import { createMachine } from 'xstate';

/** What happens to an object. */
export type ObjectEvent =
  | 'CREATE'
  | 'DIE'
  | 'DESTROY'
  | 'CLAIM'
  | 'RELEASE'
  | 'RELEASE_LAST'
  | 'ATTACH'
  | 'DETACH'
  | 'DETACH_END'
  | 'GET'
  | 'PUT';

/** Kernel-notes 5.3, 5.4, 13.2, 13.3, G4, G14. */
export const objectMachine = createMachine({
  types: {} as { events: { type: ObjectEvent } },
  id: 'object',
  type: 'parallel',
  states: {
    life: {
      initial: 'absent',
      states: {
        absent: { on: { CREATE: 'alive' } },
        alive: {
          on: {
            DIE: 'dying',
            ATTACH: 'alive',
            GET: 'alive',
            PUT: 'alive',
            CLAIM: 'alive',
            RELEASE: 'alive',
            RELEASE_LAST: 'alive',
          },
        },
        // termination writes what is dirty; nothing is brought in, and alloc never hands the object out
        dying: {
          on: {
            PUT: 'dying',
            CLAIM: 'dying',
            RELEASE: 'dying',
            RELEASE_LAST: 'dying',
            DETACH: 'dying',
            DESTROY: 'absent',
          },
        },
      },
    },
    claims: {
      initial: 'none',
      states: {
        none: { on: { CLAIM: 'some', DETACH_END: 'none', DESTROY: 'none' } },
        some: { on: { CLAIM: 'some', RELEASE: 'some', RELEASE_LAST: 'none' } },
      },
    },
    pager: {
      initial: 'none',
      states: {
        none: { on: { ATTACH: 'attached', DESTROY: 'none' } },
        attached: { on: { ATTACH: 'attached', GET: 'attached', PUT: 'attached', DETACH: 'leaving' } },
        leaving: { on: { DETACH_END: 'none' } },
      },
    },
  },
});
