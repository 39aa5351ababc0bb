/**
 * Loads a pager of one's own from a module: default export `(kernel) => pager`, or a class whose constructor takes the kernel.
 * TypeScript is run as it is, types stripped by Node. What is wrong with a module is said in one line.
 */
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { Pager } from '../kernel/pager.ts';
import type { PagerFactory } from './reference.ts';
import { demand } from './sleepers.ts';
import { placeOf } from './thrown.ts';

/** The module cannot be used; the message says why and what to do. */
export class ModuleError extends Error {
  override name = 'ModuleError';
}

/** Every function that a pager must have. */
const METHODS = [
  'init',
  'alloc',
  'dealloc',
  'getpage',
  'getmulti',
  'putpage',
  'putmulti',
  'haspage',
  'setsize',
  'umount',
  'uncache',
  'iodone',
] as const satisfies readonly (keyof Pager)[];

/** How messages name what makes a pager, and what is to be written. */
export interface Maker {
  /** In front of all messages. */
  where: string;
  /** What makes the pager. */
  what: string;
  how: string;
}

const HOW = 'write export default (kernel) => new MyPager(kernel)';

let isAliased = false;

/**
 * Lets modules import `pagercheck` and get this very build, whether or not it is installed where they are: two copies would have
 * two kernels, and in a checkout there is no installed one.
 */
function aliasOwnName(): void {
  if (isAliased) return;
  isAliased = true;
  const own = import.meta.url.replace(/targets\/module\.(ts|js)$/, 'index.$1');
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'pagercheck' ? { url: own, shortCircuit: true } : next(specifier, context),
  });
}

function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null;
}

function firstLine(thrown: unknown): string {
  return (thrown instanceof Error ? thrown.message || thrown.name : String(thrown)).split('\n')[0]!;
}

/** The same behind the line that threw it, if that is the pager's. */
function firstLineWithPlace(thrown: unknown): string {
  const place = placeOf(thrown);
  return place === null ? firstLine(thrown) : `${place}: ${firstLine(thrown)}`;
}

/** Why an import failed, for the one who wrote the module. */
function explain(path: string, thrown: unknown): string {
  const code = isObject(thrown) && typeof thrown['code'] === 'string' ? thrown['code'] : '';
  const message = firstLine(thrown);
  // Node puts `file:line` of a syntax error in front of the stack.
  const place = thrown instanceof Error ? /^file:\/\/\S+?:(\d+)$/m.exec(thrown.stack ?? '')?.[1] : undefined;
  const where = place === undefined ? path : `${path}:${place}`;
  switch (code) {
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX':
      return `${where}: ${message}; only types that can be erased work: no enum, no namespace, no parameter property`;
    case 'ERR_MODULE_NOT_FOUND':
      return `${path}: ${message.replace(/ imported from .*/, '')}; check its imports (relative ones end in .ts)`;
    case 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING':
      return `${path}: lies in node_modules, where Node runs no TypeScript; copy it into your project`;
    case 'ERR_UNKNOWN_FILE_EXTENSION':
      return `${path}: is not a module; give a .ts, .mts, .js or .mjs file`;
    default:
      return thrown instanceof SyntaxError
        ? `${where}: syntax error: ${message}`
        : `${path}: threw while it was loaded: ${firstLineWithPlace(thrown)}`;
  }
}

/** A class can only be constructed; its source says that it is one. */
function isClass(value: (...args: never[]) => unknown): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

/** Whether a function is async, generator or not: what it returns cannot be waited for inside the simulated kernel. */
function isAsync(value: unknown): boolean {
  return Object.prototype.toString.call(value).startsWith('[object Async');
}

/**
 * Makes a factory of what somebody gave as one, function or class, so that a pager without a function, or with one that can never
 * work, is noticed when it is made. @throws ModuleError, the factory too
 */
export function factoryOf(given: unknown, { where, what, how }: Maker): PagerFactory {
  if (typeof given !== 'function') throw new ModuleError(`${where}: ${what} is not a function; ${how}`);
  const callable = given as (kernel: unknown) => unknown;
  const make = isClass(callable)
    ? (kernel: unknown): unknown => Reflect.construct(callable, [kernel])
    : callable;
  return (kernel) => {
    let pager: unknown;
    try {
      pager = make(kernel);
    } catch (thrown) {
      throw new ModuleError(`${where}: ${what} threw: ${firstLineWithPlace(thrown)}`, { cause: thrown });
    }
    if (!isObject(pager)) throw new ModuleError(`${where}: ${what} makes no pager; ${how}`);
    const missing = METHODS.filter((name) => typeof pager[name] !== 'function');
    if (missing.length > 0) {
      const some = missing.slice(0, 3).join(', ') + (missing.length > 3 ? ' and more' : '');
      throw new ModuleError(`${where}: its pager lacks ${some}; extend BasePager, which has all`);
    }
    const waiting = METHODS.find((name) => isAsync(pager[name]));
    if (waiting !== undefined) throw new ModuleError(`${where}: ${demand(waiting)}; it is async`);
    return pager as unknown as Pager;
  };
}

/** How long a module may take to load. */
const LOAD_MS = 20_000;

/**
 * A module may await, at its top level, what never comes; with nothing else to do the process would then end without a word.
 * @throws ModuleError when it takes too long
 */
async function withinPatience(
  loading: Promise<unknown>,
  shown: string,
  patienceMs: number,
): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new ModuleError(
          `${shown}: has not been loaded after ${patienceMs / 1000} s; look at what it awaits at its top level`,
        ),
      );
    }, patienceMs);
  });
  try {
    return await Promise.race([loading, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Loads a module by absolute path; errors call it `shown`. @throws ModuleError */
export async function loadPagerModule(
  path: string,
  shown: string = path,
  patienceMs: number = LOAD_MS,
): Promise<PagerFactory> {
  aliasOwnName();
  let loaded: unknown;
  try {
    loaded = await withinPatience(import(pathToFileURL(path).href), shown, patienceMs);
  } catch (thrown) {
    if (thrown instanceof ModuleError) throw thrown;
    throw new ModuleError(explain(shown, thrown), { cause: thrown });
  }
  const exported = isObject(loaded) ? loaded['default'] : undefined;
  if (exported === undefined) throw new ModuleError(`${shown}: has no default export; ${HOW}`);
  return factoryOf(exported, { where: shown, what: 'its default export', how: HOW });
}
