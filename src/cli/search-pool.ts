/** Threads that search for a defect hunt. Requests are handed out in turn; each thread answers in the order it was asked. */
import { Worker } from 'node:worker_threads';
import { InternalError } from '../engine/errors.ts';
import type { SearchRequest, SearchResult } from '../engine/search.ts';
import type { TargetChoice } from '../scenario/scenario.ts';
import type { SearchAnswer } from './search-worker.ts';

/** TypeScript in a checkout, JavaScript in a package. */
const SOURCE = new URL(
  import.meta.url.endsWith('.ts') ? './search-worker.ts' : './search-worker.js',
  import.meta.url,
);

interface Waiter {
  resolve: (result: SearchResult) => void;
  reject: (thrown: unknown) => void;
}

/** One thread, and who waits for its answers. */
class Thread {
  private readonly worker: Worker;
  private readonly waiting: Waiter[] = [];
  private broken: unknown;

  constructor(choice: TargetChoice) {
    this.worker = new Worker(SOURCE, { workerData: choice });
    this.worker.on('message', (answer: SearchAnswer) => {
      const waiter = this.waiting.shift()!;
      if ('result' in answer) waiter.resolve(answer.result);
      else waiter.reject(new InternalError(answer.thrown, null, undefined));
    });
    this.worker.on('error', (thrown: unknown) => {
      this.broken = thrown;
      for (const waiter of this.waiting.splice(0)) waiter.reject(thrown);
    });
  }

  async search(request: SearchRequest): Promise<SearchResult> {
    return new Promise((resolve, reject) => {
      if (this.broken !== undefined) {
        reject(new InternalError('a thread that searched has ended', null, this.broken));
        return;
      }
      this.waiting.push({ resolve, reject });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      this.worker.postMessage(request);
    });
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}

/** Several threads. */
export class SearchPool {
  private readonly threads: Thread[];
  private turn = 0;

  constructor(count: number, choice: TargetChoice) {
    this.threads = Array.from({ length: count }, () => new Thread(choice));
  }

  readonly search = async (request: SearchRequest): Promise<SearchResult> =>
    this.threads[this.turn++ % this.threads.length]!.search(request);

  /** Ends the threads, whatever they do. */
  async end(): Promise<void> {
    await Promise.all(this.threads.map(async (thread) => thread.end()));
  }
}
