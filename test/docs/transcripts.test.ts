/**
 * Guards what the README, the tutorial and the page about traces show: every command in them is run, and prints what they say, word for word; figures may
 * differ. After a change that is meant, `UPDATE_DOCS=1 npx vitest run test/docs` writes the new output into them; look at the
 * difference before committing it. Commands that take long (npm itself) are not run.
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SUITES } from '../../properties/suites/catalogue.ts';
import { thousands } from '../../src/report/words.ts';
import { SWITCHES } from '../../src/targets/reference.ts';
import { ROOT, spawned } from '../support/command.ts';
import { findTranscripts, firstMismatch, rewrite, wordsOf } from '../support/transcripts.ts';

const PREFIX = 'npx pagercheck ';
const isUpdating = process.env['UPDATE_DOCS'] !== undefined;
const work = mkdtempSync(join(tmpdir(), 'pagercheck-docs-'));

afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

/** A directory like a fresh checkout, as far as commands see it. */
function makeProject(name: string): string {
  const project = join(work, name.replaceAll('/', '-'));
  cpSync(join(ROOT, 'examples'), join(project, 'examples'), { recursive: true });
  cpSync(join(ROOT, 'corpus'), join(project, 'corpus'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(project, 'package.json'));
  return project;
}

/** The command with the name that a counterexample has today, if the one that it names does not exist. */
function upToDate(command: string, project: string): string {
  return command.replace(
    /(found|tutorial)\/([a-z-]+)-[0-9a-f]{8}\.yaml/,
    (file, folder: string, property: string) => {
      if (existsSync(join(project, file)) || !existsSync(join(project, folder))) return file;
      const names = readdirSync(join(project, folder));
      const now = names.find((name) => name.replace(/-[0-9a-f]{8}\.yaml$/, '') === property);
      return now === undefined ? file : `${folder}/${now}`;
    },
  );
}

// as a reader goes through them, one after the other and in one place
const project = makeProject('checkout');

describe.each(['README.md', 'docs/tutorial.md', 'docs/trace.md'])('%s', (document) => {
  it('shows what its commands print', { timeout: 300_000 }, async () => {
    const path = join(ROOT, document);
    let text = readFileSync(path, 'utf8');
    const transcripts = findTranscripts(text).filter(({ command }) => command.startsWith(PREFIX));
    expect(transcripts.length).toBeGreaterThan(0);
    const outputs = new Map<number, string[]>();
    const wrong: string[] = [];
    for (const { command: shown, line, printed } of transcripts) {
      const command = upToDate(shown, project);
      text = text.replace(`$ ${shown}\n`, `$ ${command}\n`);
      const { out, err } = await spawned(command.slice(PREFIX.length).split(' '), { cwd: project });
      const lines = (out + err)
        .trimEnd()
        .split('\n')
        .map((one) => one.trimEnd());
      outputs.set(line, lines);
      const missing = firstMismatch(printed, lines);
      if (missing !== null) wrong.push(`${document}:${line}: ${command}: ${missing}`);
    }
    if (isUpdating) writeFileSync(path, rewrite(text, outputs));
    else expect(wrong).toEqual([]);
  });
});

describe('the README', () => {
  it('shows the suites that npm start runs today, and how many runs each makes', () => {
    const text = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const { printed } = findTranscripts(text).find(({ command }) => command === 'npm start')!;
    const head = printed.findIndex((line) => line.startsWith('suite '));
    const rows = printed
      .slice(head + 1, printed.indexOf('', head))
      .map((line) => line.split(/ +/).slice(0, 2));
    const corpus = ['corpus', thousands(SWITCHES.length)];
    expect(rows).toEqual([corpus, ...SUITES.map(({ name, runs }) => [name, thousands(runs)])]);
  });
});

describe('the tutorial', () => {
  it('shows the example as it is', () => {
    const tutorial = readFileSync(join(ROOT, 'docs/tutorial.md'), 'utf8');
    const source = readFileSync(join(ROOT, 'examples/one-page/pager.ts'), 'utf8');
    const blocks = [...tutorial.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1]!);
    expect(blocks.length).toBeGreaterThan(1);
    expect(source.replaceAll(/^ */gm, '')).toContain(blocks[0]!.replaceAll(/^ */gm, ''));
  });
});

describe('the comparison of transcripts', () => {
  const pattern = ['one', '...', 'four 1.23 s', 'five'];
  it.each([
    [['one', 'two', 'three', 'four  9.9 s', 'five'], null],
    [['one', 'four 1.20 s', 'five'], null],
    [['one', 'two', 'five'], 'four 1.23 s'],
    [['zero', 'four 1.2 s', 'five'], 'one'],
    [['one', 'four 1.2 s', 'five', 'six'], '(nothing, instead of) six'],
  ])('of %j', (lines, mismatch) => {
    expect(firstMismatch(pattern, lines)).toBe(mismatch);
  });

  it('rewrites what changed and keeps what did not', () => {
    const text = ['```console', '$ a', 'old', '', '$ b', 'x', '...', '```', 'prose'].join('\n');
    const outputs = new Map([
      [2, ['new']],
      [5, ['x', 'y', 'z']],
    ]);
    expect(rewrite(text, outputs)).toBe(
      ['```console', '$ a', 'new', '$ b', 'x', '...', '```', 'prose'].join('\n'),
    );
  });

  it('looks at words and not at figures', () => {
    expect(wordsOf('mixed  20,000 of 30,000  0.42 s')).toBe('mixed # of # TIME');
    expect(wordsOf('npx pagercheck replay found/no-panic-0123abcd.yaml')).toBe(
      'npx pagercheck replay found/no-panic-HASH.yaml',
    );
    expect(wordsOf('observed   d6 c4 00 0x1f')).toBe('observed #');
    expect(wordsOf('shrunk from 90 to 1 operation:')).toBe(wordsOf('shrunk from 7 to 12 operations:'));
    expect(wordsOf('- { id: 1, do: fault }')).not.toBe(wordsOf('- { id: 1, do: store }'));
  });
});
