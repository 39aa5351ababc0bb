/** `pagercheck defects`: the catalogue of what is wrong in the pager as written. */
import { relative } from 'node:path';
import { replayCommand } from '../../engine/corpus.ts';
import { Output } from '../../engine/files.ts';
import { fileOfDefect, readKnownDefects } from '../../engine/known-defects.ts';
import { formatDefects, joinDefects, type DefectsJson } from '../../report/defects.ts';
import { LAWFUL_BEHAVIOURS, SWITCHES } from '../../targets/reference.ts';
import type { Console } from '../console.ts';
import { EXIT_HELD, exitWith } from '../exit.ts';
import { finishJson } from './common.ts';

/** Prints the catalogue; @returns the exit code. @throws UsageError */
export function defects(options: { json?: string }, console: Console): number {
  const output = options.json === undefined ? null : new Output(options.json, '--json');
  try {
    const fileOf = (id: string): string => relative(process.cwd(), fileOfDefect(id));
    const all: DefectsJson = {
      format: 1,
      defects: joinDefects(SWITCHES, readKnownDefects(), fileOf),
      lawful: [...LAWFUL_BEHAVIOURS],
    };
    console.result(formatDefects(all, console.colors).join('\n'));
    const example = all.defects.find(({ id }) => id === 'input-hole') ?? all.defects[0];
    if (example !== undefined) console.say(`one of them, explained: ${replayCommand(example.file)}`);
    return exitWith(
      EXIT_HELD,
      finishJson(output, () => all, console),
    );
  } finally {
    output?.abandon();
  }
}
