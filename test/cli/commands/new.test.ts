/** Guards that the tests which `pagercheck new` writes are found and pass by the command that it writes beside them. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { environment, ROOT, spawned } from '../../support/command.ts';

let inside = '';
let outside = '';

beforeAll(() => {
  mkdirSync(join(ROOT, '.pagercheck'), { recursive: true });
  inside = mkdtempSync(join(ROOT, '.pagercheck', 'new-'));
  outside = mkdtempSync(join(tmpdir(), 'pagercheck-new-'));
});

afterAll(() => {
  rmSync(inside, { recursive: true });
  rmSync(outside, { recursive: true });
});

/** What vitest says of the tests in the first suite, asked in the words of the README; `npx` would look for it on the network. */
async function tested(readme: string, cwd: string): Promise<string> {
  const words = /^npx vitest (run .*)$/m.exec(readme)![1]!;
  const line = `'${process.execPath}' '${join(ROOT, 'node_modules/vitest/vitest.mjs')}' ${words} -t 'suite get'`;
  return new Promise((done) => {
    execFile('bash', ['-c', line], { cwd, env: environment() }, (_, out, err) => done(out + err));
  });
}

it.each([
  ['below the checkout, from its top', () => ({ cwd: ROOT, directory: join(inside, 'deep/down') })],
  ['below the checkout, from a directory in it', () => ({ cwd: inside, directory: 'near/by' })],
  ['elsewhere, from the checkout', () => ({ cwd: ROOT, directory: join(outside, "from/it's here") })],
  ['elsewhere, from there', () => ({ cwd: outside, directory: 'from/there' })],
])('runs its tests %s', { timeout: 120_000 }, async (_, place) => {
  const { cwd, directory } = place();
  expect(await spawned(['new', directory], { cwd })).toMatchObject({ code: 0, err: '' });
  const readme = readFileSync(resolve(cwd, directory, 'README.md'), 'utf8');
  expect(await tested(readme, cwd)).toMatch(/Tests .*1 passed/);
});
