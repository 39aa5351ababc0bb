/** `pagercheck new`: a directory to start from, with a pager, a test suite for it, and what to do next. Overwrites nothing. */
import { lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError, codeOf, reasonOf } from '../../engine/errors.ts';
import { shellWord } from '../../engine/corpus.ts';
import { isFile, requireWritableDirectory, writeNew } from '../../engine/files.ts';
import type { Console } from '../console.ts';
import { EXIT_HELD } from '../exit.ts';

/** The files of the template; they lie beside the sources with another ending, so that no tool takes them for code. */
const FILES = ['pager.ts', 'pager.test.ts', 'README.md'] as const;

const templates = new URL('../template/', import.meta.url);

/** Of a checkout: with it tests find `pagercheck` in the sources. An installed package has none, and needs none. */
const config = join(fileURLToPath(new URL('../../../', import.meta.url)), 'vitest.config.ts');

/** The command that runs the tests in a directory from where one is, wherever both lie. */
function testCommand(directory: string): string {
  // what vitest finds by itself lies in the current directory
  const isNamed = isFile(config) && resolve('vitest.config.ts') !== config;
  const named = isNamed ? ['--config', shellWord(relative(process.cwd(), config))] : [];
  return ['npx vitest run', ...named, '--dir', shellWord(directory)].join(' ');
}

function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return false;
    throw new UsageError(`new: cannot look at ${path}: ${reasonOf(thrown)}`, { cause: thrown });
  }
}

/** Writes the template into a directory. @throws UsageError, with nothing written, if one of its files exists */
export function create(directory: string, console: Console): number {
  requireWritableDirectory(directory, 'new');
  const taken = FILES.filter((name) => exists(join(directory, name)));
  if (taken.length > 0) {
    throw new UsageError(
      `new: ${join(directory, taken[0]!)} exists already, and nothing is overwritten; name another directory`,
    );
  }
  const words: Record<string, string> = {
    TEST: testCommand(directory.replace(/(?<=[^/])\/+$/, '')),
    PAGER: shellWord(join(directory, 'pager.ts')),
  };
  try {
    mkdirSync(directory, { recursive: true });
    for (const name of FILES) {
      const template = readFileSync(new URL(`${name}.template`, templates), 'utf8');
      const text = template.replaceAll(/@(TEST|PAGER)@/g, (_, word: string) => words[word]!);
      if (!writeNew(join(directory, name), text)) {
        throw new UsageError(`new: ${join(directory, name)} came into being meanwhile; it was not touched`);
      }
      console.say(`wrote ${join(directory, name)}`);
    }
  } catch (thrown) {
    if (thrown instanceof UsageError) throw thrown;
    throw new UsageError(`new: cannot write to ${directory}: ${reasonOf(thrown)}`, { cause: thrown });
  }
  console.say(`next: npx pagercheck run --target ${words['PAGER']}`);
  return EXIT_HELD;
}
