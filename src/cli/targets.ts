/** From the target that a command line or a scenario names to something that executes scenarios. */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { isOfProgram, REPLAY_CALL } from '../engine/corpus.ts';
import { UsageError, messageOf, reasonOf } from '../engine/errors.ts';
import { isFile } from '../engine/files.ts';
import type { TargetChoice } from '../scenario/scenario.ts';
import { TEXT_MAX } from '../scenario/schema.ts';
import { compile } from '../targets/c-source/compile.ts';
import { CSourceTarget } from '../targets/c-source/target.ts';
import { CSourceError } from '../targets/c-source/tools.ts';
import { loadPagerModule, ModuleError } from '../targets/module.ts';
import { createPagerTarget, createReferenceTarget } from '../targets/reference.ts';
import type { Target } from '../targets/target.ts';
import { C_SOURCE, REFERENCE } from './names.ts';
import { pagerForm } from './pager-form.ts';

/** Whether a target is C text. */
export const isSource = (name: string): boolean => name.endsWith('.c');

/** Whether what an option names is C text: by its own name, or as the one of `--source`. */
export const namesSource = (name: string): boolean => name === C_SOURCE || isSource(name);

/** The target that options name. @throws UsageError */
export function choiceOf(
  { target, pager, source }: { target: string; pager?: string; source?: string },
  switches: readonly string[],
  option = '--target',
): TargetChoice {
  if (source !== undefined && target !== C_SOURCE) {
    throw new UsageError(`--source: names the source of ${option} ${C_SOURCE}; leave it away for ${target}`);
  }
  if (target === REFERENCE) return { name: REFERENCE, ...pagerForm(pager ?? 'repaired', switches) };
  if (pager !== undefined) {
    throw new UsageError(`--pager: chooses a form of the reference pager; leave it away for ${target}`);
  }
  if (target === C_SOURCE && source === undefined)
    throw new UsageError(`${option} ${C_SOURCE}: needs --source FILE, the pager's C text`);
  if (source !== undefined) requireSource(source, '--source');
  else if (isSource(target)) requireSource(target, option);
  else requireModule(target, option);
  return { name: nameOfModule(source ?? target), form: 'repaired', switches: [] };
}

/** Checks that C text is there, before anything long begins. @throws UsageError; `where` is an option */
function requireSource(path: string, where: string): void {
  if (!isSource(path)) throw new UsageError(`${where}: ${path} is no C source; its name must end with .c`);
  try {
    if (statSync(path).isFile()) return;
  } catch (thrown) {
    throw new UsageError(`${where}: no file ${JSON.stringify(path)}: ${reasonOf(thrown)}`, { cause: thrown });
  }
  throw new UsageError(`${where}: ${path} is not a file; give the C text of a pager`);
}

/**
 * How a module or C text is named in scenarios: by its path from the current directory, with slashes; by its whole path only if
 * it lies elsewhere and was given so, because that path is no good on another machine.
 * @throws UsageError for a path that no scenario can hold
 */
export function nameOfModule(path: string): string {
  const inside = relative(process.cwd(), resolve(path));
  const name = (inside.startsWith('..') && isAbsolute(path) ? resolve(path) : inside).split(sep).join('/');
  if (name.length > TEXT_MAX) {
    throw new UsageError(
      `the path of the pager under test is too long for a scenario (${TEXT_MAX}); go nearer to it`,
    );
  }
  return name;
}

/** Checks that a module is there, before anything long begins. @throws UsageError; `where` is an option or a file */
export function requireModule(path: string, where: string): void {
  try {
    if (statSync(path).isFile()) return;
  } catch (thrown) {
    throw new UsageError(
      `${where}: no module ${JSON.stringify(path)}: ${reasonOf(thrown)}; give ${REFERENCE}, or the path of a pager module`,
      { cause: thrown },
    );
  }
  throw new UsageError(`${where}: ${path} is not a file; give the path of a pager module`);
}

/** The nearest directory above that holds a project, or the current one. */
function projectRoot(): string {
  const here = process.cwd();
  for (let at = here; ; at = dirname(at)) {
    if (existsSync(join(at, 'package.json')) || existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return here;
  }
}

/**
 * Checks the module that a scenario file names. Replaying runs it, and the file may come from anywhere: only modules of the
 * project that one works in are accepted. @throws UsageError
 */
export function requireOwnModule(name: string, file: string): void {
  if (isSource(name)) {
    // C code runs in a sandbox: it may lie anywhere
    if (isFile(name)) return;
    throw new UsageError(
      `${file}: target: no C text ${JSON.stringify(name)} here; go to where the file was kept from, or add --source FILE`,
    );
  }
  if (isOfProgram(name) && !isFile(name)) {
    throw new UsageError(
      `${file}: target: ${name} is no module but what a program calls its pager: replay it there with ${REPLAY_CALL}, ` +
        `or add --target MODULE.ts`,
    );
  }
  requireModule(name, `${file}: target`);
  const inside = relative(realpathSync(projectRoot()), realpathSync(name));
  if (inside.startsWith('..') || isAbsolute(inside)) {
    throw new UsageError(
      `${file}: target: ${name} lies outside this project, and a scenario file must not make foreign code run; ` +
        `replay it from the module's own project`,
    );
  }
}

/** Makes targets for a choice. @throws UsageError if the module cannot be used */
export async function openTarget(choice: TargetChoice): Promise<() => Target> {
  if (choice.name === REFERENCE) return createReferenceTarget;
  if (isSource(choice.name)) return openSource(choice.name);
  try {
    const factory = await loadPagerModule(resolve(choice.name), choice.name);
    const makeTarget = (): Target => createPagerTarget(choice.name, factory);
    // Made once right away: a factory that makes no pager is wrong input, and not a defect found by running.
    makeTarget();
    return makeTarget;
  } catch (thrown) {
    if (thrown instanceof ModuleError)
      throw new UsageError(`--target: ${messageOf(thrown)}`, { cause: thrown });
    throw thrown;
  }
}

async function openSource(name: string): Promise<() => Target> {
  try {
    const compiled = await compile(resolve(name));
    return () => new CSourceTarget(name, compiled);
  } catch (thrown) {
    if (thrown instanceof CSourceError) throw new UsageError(ofText(name, thrown.message), { cause: thrown });
    throw thrown;
  }
}

/** What is wrong with C text, behind its name: however it was named, and in whatever thread. The compiler knows its last part. */
function ofText(name: string, message: string): string {
  const last = basename(name);
  return message.startsWith(`${last}:`) ? name.slice(0, -last.length) + message : `${name}: ${message}`;
}
