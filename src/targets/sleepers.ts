/**
 * What a function of a pager must be, generator or not, for those who write one: the kernel only notices that it cannot run what
 * such a function returned. Who returned it is found out by running once more, so that runs pay nothing for it.
 */
import { Kernel } from '../kernel/kernel.ts';
import type { Pager } from '../kernel/pager.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { PagerFactory } from './reference.ts';

/** Functions whose result the kernel always runs. */
const GENERATORS: readonly PropertyKey[] = [
  'dealloc',
  'getpage',
  'getmulti',
  'putpage',
  'putmulti',
  'umount',
] satisfies (keyof Pager)[];

/** Functions that may know their result at once, or return what the kernel runs. */
const EITHER: readonly PropertyKey[] = ['alloc', 'haspage', 'setsize', 'uncache'] satisfies (keyof Pager)[];

/** What a function must be. */
export function demand(name: string): string {
  if (GENERATORS.includes(name)) return `${name} must be a generator (*${name})`;
  return `${name} must be a plain function${EITHER.includes(name) ? ` or a generator (*${name})` : ''}`;
}

/** What something is, with its article. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  const name = /^\[object (.*)\]$/.exec(Object.prototype.toString.call(value))![1]!;
  const shown = name === 'Object' ? 'object' : name;
  return `${/^[aeiou]/i.test(shown) ? 'an' : 'a'} ${shown}`;
}

const isIterator = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'next' in value && Symbol.iterator in value;

/** A function of a pager has returned what the kernel cannot run. */
class ReturnError extends TypeError {}

/** The pager, but its functions are looked at when they return. */
function watched(pager: Pager): Pager {
  return new Proxy(pager, {
    get: (target, name) => {
      const found: unknown = Reflect.get(target, name);
      if (typeof found !== 'function') return found;
      return (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(found, target, args);
        const isWrong =
          (GENERATORS.includes(name) && !isIterator(result)) ||
          (EITHER.includes(name) && result instanceof Promise);
        if (isWrong) throw new ReturnError(`${demand(String(name))}; it returned ${kindOf(result)}`);
        return result;
      };
    },
  });
}

/** What a pager of one's own threw in a run, or an error that names the function if it came of what one of them returned. */
export function explainReturn(thrown: unknown, factory: PagerFactory, scenario: Scenario): unknown {
  if (!(thrown instanceof TypeError)) return thrown;
  try {
    new Kernel((kernel) => watched(factory(kernel))).run(scenario, null);
  } catch (again) {
    if (!(again instanceof ReturnError)) return thrown;
    const error = new TypeError(again.message, { cause: thrown });
    // where the kernel noticed it, and where it was looked for, is of no use to who wrote the function
    error.stack = `${error.name}: ${error.message}`;
    return error;
  }
  return thrown;
}
