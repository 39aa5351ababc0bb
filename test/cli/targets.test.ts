/** Guards how pagers under test are named in scenarios: a file that is kept must mean the same where it is replayed. */
import { resolve, sep } from 'node:path';
import { expect, it } from 'vitest';
import { nameOfModule } from '../../src/cli/targets.ts';

const elsewhere = resolve('..', 'seed', 'pager.c');

it.each([
  ['by its path from here', 'src/../pager.ts', 'pager.ts'],
  ['likewise if its whole path was given', resolve('src', 'pager.ts'), 'src/pager.ts'],
  ['likewise if it lies elsewhere', './src/../../seed/pager.c', '../seed/pager.c'],
  ['by its whole path if it lies elsewhere and that was given', elsewhere, elsewhere.split(sep).join('/')],
])('a pager under test is named %s', (_, path, name) => {
  expect(nameOfModule(path)).toBe(name);
});
