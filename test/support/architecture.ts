/**
 * The import rules of the project, as data, and the functions that judge imports by them. They are pure, so that the
 * tests can show them a doctored import and see it caught.
 */
import { isBuiltin } from 'node:module';
import { UNKNOWN_IMPORT, type ImportingFile } from './sources.ts';

/** What one part of the tree may import besides itself. */
interface Rule {
  /** Other parts, or single files of them. */
  readonly may: readonly string[];
  /** A pure part obeys the scenario alone: no computed imports, and of Node only what has no outside. */
  readonly pure: boolean;
}

const pure = (...may: string[]): Rule => ({ may, pure: true });
const free = (...may: string[]): Rule => ({ may, pure: false });

/** The one file of the targets that the engine and the reports know. */
const TARGET_INTERFACE = 'src/targets/target.ts';

/**
 * Every part and what it may import; a part that is not named here may import nothing. The oracle (model, properties)
 * stays independent of what it judges because neither `src/kernel` nor `src/pager` is in its two lines.
 */
export const RULES: Readonly<Record<string, Rule>> = {
  'src/scenario': pure('src/trace'),
  'src/trace': pure('src/scenario'),
  'src/kernel': pure('src/scenario', 'src/trace'),
  'src/pager': pure('src/kernel', 'src/scenario', 'src/trace'),
  model: pure('src/scenario', 'src/trace', 'properties'),
  properties: pure('src/scenario', 'src/trace', 'model'),
  'src/targets': free('src/kernel', 'src/pager', 'src/scenario', 'src/trace'),
  'src/engine': free('src/scenario', 'src/trace', 'model', 'properties', TARGET_INTERFACE),
  'src/report': free('src/scenario', 'src/trace', 'model', 'properties', 'src/engine', TARGET_INTERFACE),
  'src/cli': free(
    'src/scenario',
    'src/trace',
    'model',
    'properties',
    'src/targets',
    'src/engine',
    'src/report',
    'src/index.ts',
  ),
  'src/index.ts': free(
    'src/scenario',
    'src/trace',
    'src/kernel',
    'src/pager',
    'model',
    'properties',
    'src/targets',
    'src/engine',
    'src/report',
    // the threads in which a pager is watched, and what names its module
    'src/cli/hunter.ts',
    'src/cli/replayer.ts',
    'src/cli/targets.ts',
    'src/cli/patience.ts',
  ),
};

/** Node modules that only compute: they read no clock, file or environment. */
const PURE_BUILTINS = new Set(['node:assert', 'node:assert/strict', 'node:buffer', 'node:util']);

/** Which part a file belongs to: `src/kernel`, `model`, or the file itself when it lies directly in `src`. */
export function partOf(file: string): string {
  const [first = '', second = ''] = file.split('/');
  return first === 'src' ? `src/${second}` : first;
}

/** The package that a specifier names: `@scope/name/sub` belongs to `@scope/name`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function isBelow(path: string, places: readonly string[]): boolean {
  return places.some((place) => path === place || path.startsWith(`${place}/`));
}

/**
 * Says, one sentence for each, which imports break the rules. `dependencies` are the packages that an installed
 * pagercheck can rely on.
 */
export function findForbiddenImports(
  files: readonly ImportingFile[],
  dependencies: ReadonlySet<string>,
): string[] {
  const known = new Set(files.map(({ file }) => file));
  return files.flatMap(({ file, imports }) => {
    const part = partOf(file);
    const rule = RULES[part];
    if (rule === undefined)
      return [`${file}: ${part} has no import rule; give it one in test/support/architecture.ts`];
    return imports.flatMap((target) => {
      const complaint = complain(target, part, rule, known, dependencies);
      return complaint === undefined ? [] : [`${file} imports ${target}: ${complaint}`];
    });
  });
}

function complain(
  target: string,
  part: string,
  rule: Rule,
  known: ReadonlySet<string>,
  dependencies: ReadonlySet<string>,
): string | undefined {
  if (target === UNKNOWN_IMPORT)
    return rule.pure ? `${part} may not import what cannot be read here` : undefined;
  if (isBuiltin(target)) {
    if (!target.startsWith('node:')) return 'Node modules are written with node: in front';
    if (rule.pure && !PURE_BUILTINS.has(target)) return `${part} may only use Node modules that compute`;
    return undefined;
  }
  if (isBelow(target, ['src', 'model', 'properties']) && (known.has(target) || target.includes('.'))) {
    return isBelow(target, [part, ...rule.may]) ? undefined : `${part} may not import ${partOf(target)}`;
  }
  if (target.startsWith('..') || isBelow(target, ['test', 'bench', 'examples', 'tools', 'bin', 'dist'])) {
    return 'it is not part of what is published';
  }
  if (packageOf(target) === 'pagercheck') return 'the sources import each other by relative paths';
  return dependencies.has(packageOf(target))
    ? undefined
    : `${packageOf(target)} is not among the dependencies`;
}

/**
 * Cycles among parts, each as the parts on it and, for each step, one import that makes it. Imports within one part
 * do not count. Where several cycles share a part not all are listed, but one is whenever there is any.
 */
export function findCycles(files: readonly ImportingFile[]): string[] {
  const known = new Set(files.map(({ file }) => file));
  const steps = new Map<string, Map<string, string>>();
  for (const { file, imports } of files) {
    const from = partOf(file);
    for (const target of imports) {
      const to = partOf(target);
      if (!known.has(target) || from === to) continue;
      const leaving = steps.get(from) ?? new Map<string, string>();
      if (!leaving.has(to)) leaving.set(to, `${file} -> ${target}`);
      steps.set(from, leaving);
    }
  }
  const cycles: string[] = [];
  const finished = new Set<string>();
  const visit = (part: string, path: readonly string[]): void => {
    const start = path.indexOf(part);
    if (start >= 0) {
      const ring = [...path.slice(start), part];
      const why = ring.slice(1).map((to, index) => steps.get(ring[index] ?? '')?.get(to) ?? '');
      cycles.push(`${ring.join(' -> ')} (${why.join('; ')})`);
      return;
    }
    if (finished.has(part)) return;
    for (const to of steps.get(part)?.keys() ?? []) visit(to, [...path, part]);
    finished.add(part);
  };
  for (const part of [...steps.keys()].toSorted()) visit(part, []);
  return cycles;
}

/** The files that none of the roots reaches by imports, in order. */
export function findUnreached(files: readonly ImportingFile[], roots: readonly string[]): string[] {
  const byName = new Map(files.map((file) => [file.file, file]));
  const reached = new Set<string>();
  const pending = roots.filter((root) => byName.has(root));
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    pending.push(...(byName.get(next)?.imports ?? []).filter((target) => byName.has(target)));
  }
  return files.map(({ file }) => file).filter((file) => !reached.has(file));
}
