/** Threads that search for a defect hunt. */
import { InternalError } from '../engine/errors.ts';
import type { SearchRequest, SearchResult } from '../engine/search.ts';
import type { TargetChoice } from '../scenario/scenario.ts';
import type { SearchAnswer } from './search-worker.ts';
import { ThreadPool } from './thread-pool.ts';

/** Several threads, each with a target of its own. */
export class SearchPool {
  private readonly pool: ThreadPool<SearchRequest, SearchAnswer>;

  constructor(count: number, choice: TargetChoice) {
    this.pool = new ThreadPool(
      count,
      'search-worker',
      () => choice,
      (_thread, reason) => reason ?? new InternalError('a thread that searched has ended', null, undefined),
    );
  }

  readonly search = async (request: SearchRequest): Promise<SearchResult> => {
    const answer = await this.pool.ask(request);
    if ('result' in answer) return answer.result;
    throw new InternalError(answer.thrown, null, undefined);
  };

  /** Ends the threads, whatever they do. */
  async end(): Promise<void> {
    await this.pool.end();
  }
}
