/**
 * The life of a pbuf while it transfers: started, moved by the device, completed by its routine. What it carries and whom it is
 * charged to is beside the machine.
 */
import { createMachine } from 'xstate';

/** What happens to a pbuf. */
export type BufferEvent = 'START' | 'MOVE' | 'COMPLETE' | 'COMPLETE_END';

/** Kernel-notes 7.3, 13.12. */
export const bufferMachine = createMachine({
  types: {} as { events: { type: BufferEvent } },
  id: 'buffer',
  type: 'parallel',
  states: {
    transfer: {
      initial: 'quiet',
      states: {
        quiet: { on: { START: 'flying' } },
        flying: { on: { MOVE: 'moved' } },
        // one without B_CALL has no routine, and can be used again at once
        moved: { on: { COMPLETE: 'completing', START: 'flying' } },
        completing: { on: { COMPLETE_END: 'quiet' } },
      },
    },
  },
});
