/** Threads that answer requests, each one at a time; requests wait in line until a thread is free. */
import { Worker } from 'node:worker_threads';
import { THREAD_LIMITS } from './thread-limits.ts';

interface Waiter<Request, Answer> {
  request: Request;
  resolve: (answer: Answer) => void;
  reject: (thrown: unknown) => void;
}

/** Several threads that run the same file. */
export class ThreadPool<Request, Answer> {
  private readonly workers: Worker[];
  private readonly free: number[];
  private readonly line: Waiter<Request, Answer>[] = [];
  private readonly served: (Waiter<Request, Answer> | null)[];
  private broken: unknown;

  /**
   * `name` is the file's, beside this one and without its ending; `data` is what each thread is given; `endOf` makes what is
   * thrown when the thread of that number has ended, for a reason if there is one.
   */
  constructor(
    count: number,
    name: string,
    data: (thread: number) => unknown,
    endOf: (thread: number, reason: unknown) => unknown,
  ) {
    // TypeScript in a checkout, JavaScript in a package
    const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const url = new URL(`./${name}.${ending}`, import.meta.url);
    this.free = Array.from({ length: count }, (_, thread) => thread);
    this.served = this.free.map(() => null);
    this.workers = this.free.map((thread) => {
      const worker = new Worker(url, { workerData: data(thread), resourceLimits: THREAD_LIMITS });
      worker.on('message', (answer: Answer) => {
        const waiter = this.served[thread]!;
        this.served[thread] = null;
        this.free.push(thread);
        this.next();
        waiter.resolve(answer);
      });
      const fail = (reason: unknown): void => {
        this.broken ??= endOf(thread, reason);
        const waiters = [this.served[thread], ...this.line.splice(0)];
        this.served[thread] = null;
        for (const waiter of waiters) waiter?.reject(this.broken);
      };
      worker.on('error', fail);
      worker.on('exit', () => fail(undefined));
      return worker;
    });
  }

  /** Asks. The answer is rejected when the thread ends, and so are all later ones. */
  readonly ask = async (request: Request): Promise<Answer> =>
    new Promise((resolve, reject) => {
      if (this.broken !== undefined) {
        reject(this.broken);
        return;
      }
      this.line.push({ request, resolve, reject });
      this.next();
    });

  private next(): void {
    while (this.free.length > 0 && this.line.length > 0) {
      const thread = this.free.shift()!;
      const waiter = this.line.shift()!;
      this.served[thread] = waiter;
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      this.workers[thread]!.postMessage(waiter.request);
    }
  }

  /** Ends the threads, whatever they do. */
  async end(): Promise<void> {
    await Promise.all(this.workers.map(async (worker) => worker.terminate()));
  }
}
