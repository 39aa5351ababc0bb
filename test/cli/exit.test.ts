/** Guards how commands end where several things went wrong: what was found comes before an output that could not be written. */
import { describe, expect, it } from 'vitest';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finishJson } from '../../src/cli/commands/common.ts';
import { Console } from '../../src/cli/console.ts';
import { EXIT_HELD, EXIT_INTERNAL, EXIT_USAGE, EXIT_VIOLATED, exitWith } from '../../src/cli/exit.ts';
import { Output } from '../../src/engine/files.ts';

describe('an output that cannot be written in the end', () => {
  it('is wrong usage unless there is something that comes before', () => {
    expect(exitWith(EXIT_HELD, true)).toBe(EXIT_HELD);
    expect(exitWith(EXIT_HELD, false)).toBe(EXIT_USAGE);
    expect(exitWith(EXIT_VIOLATED, false)).toBe(EXIT_VIOLATED);
    expect(exitWith(EXIT_INTERNAL, false)).toBe(EXIT_USAGE);
    expect(exitWith(EXIT_INTERNAL, true)).toBe(EXIT_INTERNAL);
  });

  it('is told in one line', () => {
    const directory = mkdtempSync(join(tmpdir(), 'pagercheck-exit-'));
    const path = join(directory, 'out.json');
    writeFileSync(path, 'older');
    const output = new Output(path, '--json');
    rmSync(directory, { recursive: true });
    let said = '';
    const stream = { write: (text: string) => (said += text) };
    const console = new Console({ color: false, quiet: true }, stream, stream, {});
    expect(finishJson(output, () => ({ found: 1 }), console)).toBe(false);
    expect(said.replace(directory, '@')).toMatch(
      /^pagercheck: --json: @\/out\.json could not be written: [^\n]+\n$/,
    );
    expect(finishJson(null, () => ({}), console)).toBe(true);
  });
});
