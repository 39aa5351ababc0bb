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
  writeFileSync(join(directory, 'helper.mjs'), '\n\nexport const size = undefined.size;\n');
  writeFileSync(
    join(directory, 'helped.mjs'),
    "import { size } from './helper.mjs';\nexport default size;\n",
  );
  writeFileSync(join(directory, 'says-nothing.mjs'), 'throw new RangeError();\n');
  writeFileSync(join(directory, 'throws-no-error.mjs'), "throw 'a string';\n");
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

it('does not wait for ever for what a module awaits', async () => {
  const loading = loadPagerModule(join(directory, 'waits.mjs'), 'waits.mjs', 50);
  await expect(loading).rejects.toThrow(ModuleError);
  await expect(loading).rejects.toThrow(/^waits\.mjs: has not been loaded after 0\.05 s; /);
});

it.each([
  ['helped.mjs', "helper.mjs:3: Cannot read properties of undefined (reading 'size')"],
  ['says-nothing.mjs', 'says-nothing.mjs:1: RangeError'],
  ['throws-no-error.mjs', 'a string'],
])('tells the line that threw while %s was loaded', async (name, said) => {
  const loading = loadPagerModule(join(directory, name), name);
  await expect(loading).rejects.toThrow(new ModuleError(`${name}: threw while it was loaded: ${said}`));
});
