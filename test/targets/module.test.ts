/**
 * Guards what only the loading of a module of one's own shows; what is said of broken modules on the command line is in
 * test/cli/usage.test.ts.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadPagerModule, ModuleError } from '../../src/targets/module.ts';

let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'pagercheck-module-'));
  writeFileSync(join(directory, 'waits.mjs'), 'await new Promise(() => {});\nexport default class {}\n');
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

it('does not wait for ever for what a module awaits', async () => {
  const loading = loadPagerModule(join(directory, 'waits.mjs'), 'waits.mjs', 50);
  await expect(loading).rejects.toThrow(ModuleError);
  await expect(loading).rejects.toThrow(/^waits\.mjs: has not been loaded after 0\.05 s; /);
});
