/**
 * Guards what people write into a scenario file: an edit by program changes the lines that it must and leaves every other
 * character, comments above all, as it was. Whatever the layout of the text, the result holds the changed scenario.
 */
import fc from 'fast-check';
import { test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { editScenario, formatScenario, parseScenario } from '../../src/scenario/codec.ts';
import { operation } from '../../src/scenario/operations.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { scenarioArbitrary } from './arbitrary-scenario.ts';

const TEXT = `# Lost write, found on a Tuesday.
# Two threads.
version: 1   # the only one

fileSystems:
- { blockMap: disk, blockSize: 8192 } # FFS
files:
  - size: 20000     # three blocks
  - { size: 0 }
threads: 2
# --- what happens ---
operations:
  # bring it in
  - { id: 1, do: fault, page: 2 }   # first page of block 1

  - id: 2
    do: store
    # across a sector
    offset: 8200
    length: 600 # bytes
  - { id: 5, thread: 1, do: msync, page: 2, count: 1 }
  - {id: 7, do: truncate,
     length: 100}  # the end
# --- how it departs ---
schedule:
  - { operation: 5, thread: 1, choice: bmap, take: sleep }  # here
`;

/** The text after a change that must be possible. */
function edit(text: string, change: (scenario: Scenario) => Scenario | void): string {
  const result = editScenario(text, 'test.yaml', change);
  if (result.problems !== undefined) throw new Error(result.problems[0]!.message);
  return result.text;
}

/** Lines that only one of two texts has: `-` the first, `+` the second. */
function difference(before: string, after: string): string[] {
  const old = before.split('\n');
  const now = after.split('\n');
  const gone = old.filter((line) => !now.includes(line)).map((line) => `-${line}`);
  return [...gone, ...now.filter((line) => !old.includes(line)).map((line) => `+${line}`)];
}

describe('an edit', () => {
  it('that changes nothing changes nothing', () => {
    expect(edit(TEXT, () => {})).toBe(TEXT);
    expect(edit(TEXT, (scenario) => scenario)).toBe(TEXT);
  });

  it('takes operations out with the comment on their line, and leaves the comments above', () => {
    const text = edit(TEXT, (scenario) => {
      scenario.operations = scenario.operations.filter(({ id }) => id !== 1 && id !== 2);
    });
    expect(difference(TEXT, text)).toMatchInlineSnapshot(`
      [
        "-  - { id: 1, do: fault, page: 2 }   # first page of block 1",
        "-  - id: 2",
        "-    do: store",
        "-    offset: 8200",
        "-    length: 600 # bytes",
      ]
    `);
  });

  it('rewrites the operation that changed', () => {
    const text = edit(TEXT, (scenario) => {
      scenario.operations[0]!.page = 3;
      scenario.operations[3]!.length = 99;
    });
    expect(difference(TEXT, text)).toMatchInlineSnapshot(`
      [
        "-  - { id: 1, do: fault, page: 2 }   # first page of block 1",
        "-  - {id: 7, do: truncate,",
        "-     length: 100}  # the end",
        "+  - { id: 1, do: fault, file: 0, page: 3 }   # first page of block 1",
        "+  - { id: 7, do: truncate, file: 0, length: 99 }  # the end",
      ]
    `);
  });

  it('puts new operations where they belong', () => {
    const text = edit(TEXT, (scenario) => {
      scenario.operations.unshift(operation(10, 0, 'open'));
      scenario.operations.splice(2, 0, operation(11, 1, 'map', { file: 1 }), operation(12, 1, 'nullpager'));
      scenario.operations.push(operation(13, 0, 'drop'));
    });
    expect(text).toContain(`  - { id: 10, do: open, file: 0 }\n  - { id: 1, do: fault, page: 2 }   # first`);
    expect(text).toContain(
      `block 1\n  - { id: 11, thread: 1, do: map, file: 1 }\n  - { id: 12, thread: 1, do: nullpager }\n\n  - id: 2\n`,
    );
    expect(text).toContain(`  - { id: 13, do: drop, file: 0 }\n# --- how it departs ---\n`);
    expect(difference(TEXT, text)).toHaveLength(4);
  });

  it('sets target and expectation', () => {
    const text = edit(TEXT, (scenario) => {
      scenario.target = { name: './my pager.ts', form: 'repaired', switches: ['get-eof'] };
      scenario.expect = { property: 'contents', cause: 'contents: get' };
    });
    expect(difference(TEXT, text)).toMatchInlineSnapshot(`
      [
        "+target: { name: ./my pager.ts, form: repaired, switches: [get-eof] }",
        "+expect: { property: contents, cause: "contents: get" }",
      ]
    `);
    const again = edit(text, (scenario) => {
      delete scenario.expect;
      scenario.target.switches = [];
    });
    expect(difference(TEXT, again)).toMatchInlineSnapshot(`
      [
        "+target: { name: ./my pager.ts, form: repaired, switches: [] }",
      ]
    `);
  });

  it('empties and fills lists', () => {
    const text = edit(TEXT, (scenario) => {
      scenario.operations = [];
      scenario.schedule = [];
      scenario.media = [{ sector: 20, count: 1, access: 'both' }];
    });
    expect(text.split('\n').slice(9)).toMatchInlineSnapshot(`
      [
        "threads: 2",
        "# --- what happens ---",
        "  # bring it in",
        "    # across a sector",
        "operations: []",
        "# --- how it departs ---",
        "media:",
        "  - { sector: 20, count: 1, access: both }",
        "",
      ]
    `);
    const again = edit(text, (scenario) => {
      scenario.operations = [operation(1, 0, 'open')];
    });
    expect(difference(text, again)).toEqual([
      '-operations: []',
      '+operations:',
      '+  - { id: 1, do: open, file: 0 }',
    ]);
  });

  it('changes what a file or a file system is', () => {
    const text = edit(TEXT, (scenario) => {
      scenario.fileSystems[0]!.blockSize = 4096;
      scenario.files[0]!.size = 1;
      scenario.threads = 3;
    });
    expect(difference(TEXT, text)).toMatchInlineSnapshot(`
      [
        "-- { blockMap: disk, blockSize: 8192 } # FFS",
        "-  - size: 20000     # three blocks",
        "-threads: 2",
        "+- { blockMap: disk, blockSize: 4096, pastEnd: hole, fragmentSize: 0, sharedBuffers: false, truncateOrder: setsize-last, tail: pattern, clearsTail: false } # FFS",
        "+  - { fileSystem: 0, size: 1 }     # three blocks",
        "+threads: 3",
      ]
    `);
  });

  it('keeps the ends of lines', () => {
    const text = edit(TEXT.replaceAll('\n', '\r\n'), (scenario) => {
      scenario.operations.splice(1, 1);
      scenario.expect = { property: 'p', cause: 'c' };
    });
    expect(text.replaceAll('\r\n', '')).not.toContain('\n');
  });

  it('of a text without lines to exchange writes it anew under its first comment', () => {
    const text =
      '# kept\n{ version: 1, fileSystems: [{ blockMap: none, blockSize: 512 }], files: [{ size: 1 }], operations: [] }\n';
    const changed = edit(text, (scenario) => {
      scenario.threads = 2;
    });
    expect(changed.split('\n').slice(0, 2)).toEqual(['# kept', 'version: 1']);
  });

  it('does not hand out what it goes on using', () => {
    let kept: Scenario | undefined;
    const result = editScenario(TEXT, 'test.yaml', (given) => {
      kept = given;
    });
    kept!.operations.length = 0;
    expect(result.scenario?.operations).toHaveLength(4);
  });

  it('that leads to no scenario is refused', () => {
    const { problems } = editScenario(TEXT, 'test.yaml', (scenario) => {
      scenario.threads = 1;
    });
    expect(problems).toMatchObject([{ path: 'operation 5, thread' }]);
  });

  it('of a text that holds no scenario reports the text', () => {
    expect(editScenario(TEXT.replace('msync', 'msink'), 'test.yaml', () => {}).problems).toMatchObject([
      { file: 'test.yaml', line: 21, path: 'operation 5, do' },
    ]);
  });
});

/** Comments that can be told from each other and from everything else, behind and between the lines of a text. */
function annotate(text: string, where: readonly number[]): { text: string; notes: string[] } {
  const lines = text.trimEnd().split('\n');
  const notes: string[] = [];
  for (const [i, n] of where.entries()) {
    const note = `# note ${i}.`;
    notes.push(note);
    const at = n % lines.length;
    if (n % 2 === 0) lines[at] += ` ${note}`;
    else lines.splice(at, 0, note);
  }
  return { text: `${lines.join('\n')}\n`, notes };
}

describe('any edit', () => {
  test.prop([scenarioArbitrary, scenarioArbitrary, fc.array(fc.nat())], { numRuns: 50 })(
    'leads to the changed scenario and keeps comments on lines of their own',
    (before, after, where) => {
      const { text } = annotate(formatScenario(before), where);
      const edited = edit(text, () => after);
      expect(parseScenario(edited, 'test.yaml').scenario).toEqual(after);
      const ownLines = text.split('\n').filter((line) => line.startsWith('#'));
      expect(edited.split('\n').filter((line) => line.startsWith('#'))).toEqual(ownLines);
    },
  );

  test.prop([scenarioArbitrary, fc.array(fc.nat()), fc.infiniteStream(fc.boolean())], { numRuns: 50 })(
    'that leaves out operations leaves out their lines and nothing else',
    (scenario, where, keep) => {
      const { text } = annotate(formatScenario(scenario), where);
      const gone = new Set(scenario.operations.filter(() => !keep.next().value).map(({ id }) => id));
      fc.pre(gone.size < scenario.operations.length);
      const edited = edit(text, (changed) => {
        changed.operations = changed.operations.filter(({ id }) => !gone.has(id));
      });
      const isGone = (line: string): boolean => gone.has(Number(/^ {2}- \{ id: (\d+), /.exec(line)?.[1]));
      expect(edited).toBe(
        text
          .split('\n')
          .filter((line) => !isGone(line))
          .join('\n'),
      );
    },
  );
});
