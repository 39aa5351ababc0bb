/** Threads that search for a defect hunt. */
import { InternalError } from '../engine/errors.ts';
import type { SearchRequest } from '../engine/search.ts';
import type { SourceRequest } from '../engine/source-search.ts';
import type { SearchAnswer, SearchInput } from './search-worker.ts';
import type { SourceAnswer, SourceSearchInput } from './source-search-worker.ts';
import { ThreadPool } from './thread-pool.ts';

/** The result that an answer may hold. */
type ResultOf<Answer> = Extract<Answer, { result: unknown }>['result'];

/** Several threads, each with a target of its own. */
export class SearchPool<Request, Result> {
  private readonly pool: ThreadPool<Request, { result: Result } | { thrown: string }>;

  /** `name` is the file that the threads run, and `data` what each is given. */
  constructor(count: number, name: string, data: unknown) {
    this.pool = new ThreadPool(
      count,
      name,
      () => data,
      (_thread, reason) => reason ?? new InternalError('a thread that searched has ended', null, undefined),
    );
  }

  readonly search = async (request: Request): Promise<Result> => {
    const answer = await this.pool.ask(request);
    if ('thrown' in answer) throw new InternalError(answer.thrown, null, undefined);
    return answer.result;
  };

  /** Ends the threads, whatever they do. */
  async end(): Promise<void> {
    await this.pool.end();
  }
}

/** Threads that search in a form of the reference pager. */
export function searchReference(
  count: number,
  input: SearchInput,
): SearchPool<SearchRequest, ResultOf<SearchAnswer>> {
  return new SearchPool(count, 'search-worker', input);
}

/** Threads that search in C text, beside the reference pager. */
export function searchSource(
  count: number,
  input: SourceSearchInput,
): SearchPool<SourceRequest, ResultOf<SourceAnswer>> {
  return new SearchPool(count, 'source-search-worker', input);
}
