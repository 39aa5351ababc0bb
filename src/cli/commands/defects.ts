/** `pagercheck defects`: the catalogue of what is wrong in the pager as written. */
import { relative } from 'node:path';
import { replayCommand } from '../../engine/corpus.ts';
import { fileOfDefect, KNOWN_CORPUS, KNOWN_FILE, readKnownDefects } from '../../engine/known-defects.ts';
import { formatDefects, joinDefects, type DefectsJson } from '../../report/defects.ts';
import { LAWFUL_BEHAVIOURS, SWITCHES } from '../../targets/reference.ts';
import type { Console } from '../console.ts';
import { EXIT_HELD, exitWith } from '../exit.ts';
import { finishJson, jsonOutput } from './common.ts';

/** Prints the catalogue; @returns the exit code. @throws UsageError */
export function defects(options: { json?: string }, console: Console): number {
  // the catalogue, and the corpus that run reads where nothing else is said
  const output = jsonOutput(options.json, { corpora: [KNOWN_CORPUS, 'corpus'], files: [KNOWN_FILE] });
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
