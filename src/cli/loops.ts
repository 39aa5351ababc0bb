/**
 * What is said of a thread that shows no life: that its pager loops, and at which line. A thread that never comes back to its
 * event loop cannot be asked; the debugger of the runtime can stop it all the same, and tells what it is running.
 */
import { Session } from 'node:inspector';
import type { Worker } from 'node:worker_threads';
import { frameOf, placeIn, type Frame } from '../targets/thrown.ts';

/** How long the debugger may take to stop a thread, on a busy machine; one that has ended is never stopped. */
const DEBUGGER_PATIENCE_MS = 3000;

/** What is used of the messages of the debugger in a thread. */
interface Told {
  method?: string;
  params?: {
    /** Of a script. */
    scriptId?: string;
    url?: string;
    /** Of a thread that was stopped, the innermost first; lines from 0. */
    callFrames?: { location: { scriptId: string; lineNumber: number } }[];
  };
}

/** The stack of a child of this thread, whatever it is running; empty if it cannot be had. */
async function stackOf(worker: Worker): Promise<Frame[]> {
  const session = new Session();
  let timer: NodeJS.Timeout | undefined;
  let debugged: string | undefined;
  const debug = (method: string): void => {
    const message = JSON.stringify({ id: 1, method });
    session.post('NodeWorker.sendMessageToWorker', { sessionId: debugged, message });
  };
  try {
    return await new Promise<Frame[]>((resolve) => {
      timer = setTimeout(() => resolve([]), DEBUGGER_PATIENCE_MS);
      const urls = new Map<string, string>();
      session.connect();
      session.on('NodeWorker.receivedMessageFromWorker', ({ params: { message } }) => {
        const { method, params } = JSON.parse(message) as Told;
        if (method === 'Debugger.scriptParsed') urls.set(params!.scriptId!, params!.url!);
        if (method !== 'Debugger.paused') return;
        resolve(
          params!.callFrames!.map(({ location: { scriptId, lineNumber } }) =>
            frameOf(urls.get(scriptId) ?? '', lineNumber + 1),
          ),
        );
      });
      session.on('NodeWorker.attachedToWorker', ({ params: { sessionId, workerInfo } }) => {
        if (Number(workerInfo.workerId) !== worker.threadId) return;
        debugged = sessionId;
        debug('Debugger.enable');
        debug('Debugger.pause');
      });
      // a thread that is no child of the first one cannot be reached
      session.post('NodeWorker.enable', { waitForDebuggerOnStart: false }, (error) => {
        if (error !== null) resolve([]);
      });
    });
  } catch {
    return [];
  } finally {
    clearTimeout(timer);
    // a thread that is stopped cannot be ended
    if (debugged !== undefined) debug('Debugger.disable');
    session.disconnect();
  }
}

/**
 * That the pager which a thread runs has looped for so long, and where if that can be found out; before any run it is said to
 * loop only where it is seen to. The thread cannot go on.
 */
export async function loops(worker: Worker, quietMs: number, hasBegun: boolean): Promise<string> {
  const place = placeIn(await stackOf(worker));
  const what = `${hasBegun ? 'a run has not ended' : 'no run has begun'} after ${Math.round(quietMs / 1000)} s`;
  if (place === null && !hasBegun)
    return `${what}: the machine is too busy; try again later, or set PAGERCHECK_PATIENCE to more seconds`;
  return `${what}: the pager under test loops${place === null ? '' : ` at ${place}`}`;
}
