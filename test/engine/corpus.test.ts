/**
 * Guards the corpus: what is read is all of it or an error that names the place, and what is written is never at the cost of a
 * file that says something else.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  explain,
  howToReplay,
  readCorpus,
  replayCommand,
  shortHash,
  writeScenario,
} from '../../src/engine/corpus.ts';
import { Output, requireWritableDirectory } from '../../src/engine/files.ts';
import { formatScenario, readScenarioFile } from '../../src/engine/scenario-file.ts';
import { BOUNDS } from '../../src/scenario/scenario.ts';
import { REPAIRED, scenarioOf } from '../support/fakes.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pagercheck-corpus-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const inside = (name: string): string => join(directory, name);
const violation = {
  property: 'zero-past-eof',
  cause: 'zero-past-eof/fault/getmulti',
  operation: 3,
  operationKind: 'fault',
  function: 'getmulti',
  what: 'page 1 of file 0 holds bytes past EOF',
  expected: '00 00',
  observed: '5a 5a',
  origin: 'never-written disk',
};
const write = (scenario = scenarioOf('open', 'unlink')): string =>
  writeScenario(directory, 'zero-past-eof', scenario, (file) => explain(violation, replayCommand(file)));

describe('reading the corpus', () => {
  it('takes the files by name, and nothing but *.yaml', () => {
    for (const name of ['b.yaml', 'a.yaml', 'c.yml', 'README.md', '.hidden.yaml']) {
      writeFileSync(inside(name), name.endsWith('yaml') ? formatScenario(scenarioOf('open')) : 'no scenario');
    }
    expect(readCorpus(directory).map((entry) => entry.file)).toEqual([inside('a.yaml'), inside('b.yaml')]);
  });

  it('finds nothing where there is no directory', () => {
    expect(readCorpus(inside('missing'))).toEqual([]);
  });

  it.each([
    [
      'a broken file',
      () => writeFileSync(inside('a.yaml'), 'version: 1\noperations: [\n'),
      /a\.yaml:\d+:\d+: /,
    ],
    [
      'a field that does not exist',
      () => writeFileSync(inside('a.yaml'), 'version: 1\nfoo: 1\n'),
      /a\.yaml:\d+:\d+: /,
    ],
    ['an empty file', () => writeFileSync(inside('a.yaml'), ''), /a\.yaml:1:1: /],
    [
      'bytes that are not text',
      () => writeFileSync(inside('a.yaml'), Buffer.from([0xff, 0xfe])),
      /a\.yaml:1:1: .*UTF-8/,
    ],
    [
      'a huge file',
      () => writeFileSync(inside('a.yaml'), ' '.repeat(BOUNDS.fileBytes + 1)),
      /a\.yaml: is longer than/,
    ],
    ['a directory', () => mkdirSync(inside('a.yaml')), /a\.yaml: is a directory/],
    [
      'a link to nowhere',
      () => symlinkSync('/nowhere', inside('a.yaml')),
      /a\.yaml: cannot be read: there is no such file/,
    ],
    ['an endless device', () => symlinkSync('/dev/zero', inside('a.yaml')), /a\.yaml: is not a file; /],
    ['a pipe', () => execFileSync('mkfifo', [inside('a.yaml')]), /a\.yaml: is not a file; /],
  ])('refuses %s with its place', (_, make, message) => {
    make();
    expect(() => readCorpus(directory)).toThrow(message);
  });

  it('refuses a corpus that is a file', () => {
    writeFileSync(inside('file'), '');
    expect(() => readCorpus(inside('file'))).toThrow('a part of the path is not a directory');
  });
});

describe('writing a counterexample', () => {
  it('names it by property and contents, and says how to replay it', () => {
    const scenario = scenarioOf('open', 'unlink');
    const file = write(scenario);
    expect(file).toBe(inside(`zero-past-eof-${shortHash(scenario)}.yaml`));
    const text = readFileSync(file, 'utf8');
    expect(text.split('\n').slice(0, 5)).toEqual([
      '# zero-past-eof: page 1 of file 0 holds bytes past EOF',
      '# expected: 00 00',
      '# observed: 5a 5a',
      '# origin: never-written disk',
      `# npx pagercheck replay ${file}`,
    ]);
    expect(readScenarioFile(file)).toEqual(scenario);
  });

  it('leaves no temporary file behind', () => {
    const file = write();
    expect(readdirSync(directory).map(inside)).toEqual([file]);
  });

  it('keeps a file that holds the scenario already, comments included', () => {
    const file = write();
    writeFileSync(file, `# found on a Friday\n${readFileSync(file, 'utf8')}`);
    expect(write()).toBe(file);
    expect(readFileSync(file, 'utf8')).toContain('found on a Friday');
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it.each([
    ['another scenario', formatScenario(scenarioOf('read'))],
    ['no scenario', 'do not touch'],
  ])('takes another name where the name holds %s', (_, contents) => {
    const first = inside(`zero-past-eof-${shortHash(scenarioOf('open', 'unlink'))}.yaml`);
    writeFileSync(first, contents);
    const second = write();
    expect(second).toBe(first.replace('.yaml', '-2.yaml'));
    expect(readFileSync(first, 'utf8')).toBe(contents);
    expect(write()).toBe(second);
  });

  it('takes another name where the name is that of a pipe', () => {
    const first = inside(`zero-past-eof-${shortHash(scenarioOf('open', 'unlink'))}.yaml`);
    execFileSync('mkfifo', [first]);
    expect(write()).toBe(first.replace('.yaml', '-2.yaml'));
  });

  it('makes the directory', () => {
    const file = writeScenario(inside('deep/down'), 'x', scenarioOf('open'), () => 'why');
    expect(readdirSync(inside('deep/down')).map((name) => inside(`deep/down/${name}`))).toEqual([file]);
  });

  it('does not let a text from outside the comment become part of the scenario', () => {
    const scenario = scenarioOf('open');
    const what = 'first\nversion: 7\u2028threads: 9\r\nthreads: 8';
    const file = writeScenario(directory, 'x', scenario, (path) =>
      explain({ ...violation, what }, replayCommand(path)),
    );
    expect(readScenarioFile(file)).toEqual(scenario);
  });
});

describe('the replay command', () => {
  it.each([
    ['corpus/a.yaml', 'npx pagercheck replay corpus/a.yaml'],
    ['my corpus/a.yaml', "npx pagercheck replay 'my corpus/a.yaml'"],
    ["it's/a.yaml", String.raw`npx pagercheck replay 'it'\''s/a.yaml'`],
    ['-x/a.yaml', 'npx pagercheck replay ./-x/a.yaml'],
  ])('can be pasted into a shell for %s', (file, command) => {
    expect(replayCommand(file)).toBe(command);
  });

  it.each(['reference', 'pager.ts', 'lib/pager', 'C:\\\\pager.mjs', '/abs/pager.c'])(
    'is that for a pager called %s',
    (name) => {
      expect(howToReplay('a.yaml', { ...REPAIRED, name })).toBe(replayCommand('a.yaml'));
    },
  );

  it.each(['pager', 'my pager', 'v1 (new)'])('is none for a pager that a program calls %s', (name) => {
    expect(howToReplay('a.yaml', { ...REPAIRED, name })).toBe(
      `a.yaml: replay(parseScenario(readFileSync(FILE), FILE).scenario, PAGER) in the program of ${name}`,
    );
  });
});

describe('places to write to', () => {
  it('accepts a directory that is still to be made, and leaves nothing there', () => {
    requireWritableDirectory(inside('new/corpus'), '--corpus');
    requireWritableDirectory(directory, '--corpus');
    expect(readdirSync(directory)).toEqual([]);
  });

  it('refuses a file, a place below a file, and a place without permission', () => {
    writeFileSync(inside('file'), '');
    expect(() => requireWritableDirectory(inside('file'), '--corpus')).toThrow('it is not a directory');
    expect(() => requireWritableDirectory(inside('file/below'), '--corpus')).toThrow(/not a directory/);
    expect(() => requireWritableDirectory('/proc/self', '--corpus')).toThrow(/^--corpus: cannot write to/);
  });

  it('refuses a link to nowhere, and a place below one', () => {
    symlinkSync(inside('nowhere'), inside('link'));
    expect(() => requireWritableDirectory(inside('link'), '--corpus')).toThrow(
      'it is a link to what is not there',
    );
    expect(() => requireWritableDirectory(inside('link/below'), '--corpus')).toThrow(
      `${inside('link')} is a link to what is not there`,
    );
  });

  it('leaves nothing of an output that could not be put in its place', () => {
    const output = new Output(inside('out.json'), '--json');
    mkdirSync(inside('out.json'));
    expect(() => output.finish('new')).toThrow();
    expect(readdirSync(directory)).toEqual(['out.json']);
  });

  it('puts an output in its place only when it is finished', () => {
    const file = inside('out.json');
    writeFileSync(file, 'old');
    const output = new Output(file, '--json');
    expect(readFileSync(file, 'utf8')).toBe('old');
    output.finish('new');
    expect(readFileSync(file, 'utf8')).toBe('new');
    output.abandon();
    expect(readdirSync(directory)).toEqual(['out.json']);
  });

  it('leaves nothing of an output that is given up', () => {
    const output = new Output(inside('out.json'), '--json');
    output.abandon();
    output.abandon();
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each([
    ['a directory', () => directory, 'it is a directory'],
    ['a place that does not exist', () => inside('no/out.json'), 'there is no directory'],
    ['a place below a file', () => `${inside('file')}/out.json`, 'not a directory'],
    ['a place without permission', () => '/proc/out.json', 'cannot write to'],
  ])('refuses %s', (_, path, message) => {
    writeFileSync(inside('file'), '');
    expect(() => new Output(path(), '--json')).toThrow(message);
  });

  it('writes through a device and a link instead of replacing it', () => {
    writeFileSync(inside('real'), 'old contents');
    symlinkSync(inside('real'), inside('link'));
    new Output(inside('link'), '--json').finish('new');
    expect(readFileSync(inside('real'), 'utf8')).toBe('new');
    expect(readFileSync(inside('link'), 'utf8')).toBe('new');
    new Output('/dev/null', '--json').finish('gone');
  });

  it('refuses a file that may not be written', () => {
    writeFileSync(inside('locked'), 'old');
    chmodSync(inside('locked'), 0o444);
    // The superuser may write everything.
    if (process.getuid?.() === 0) return;
    expect(() => new Output(inside('locked'), '--json')).toThrow('permission denied');
  });
});
