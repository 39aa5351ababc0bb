/**
 * Guards what users install: the sources run as they are in a checkout, so nothing else would notice that the build
 * is broken, that a file is missing from the package, or that a dependency is declared for development only.
 * Packs a copy of the tree (so that nothing is written into the checkout), installs it into an empty project, and uses
 * it there as a command, as a library and as types.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listFiles, readSource, ROOT } from './support/sources.ts';

/** Packing compiles the tree and installing may fetch; both are slow on a loaded machine. */
const SETUP_TIMEOUT_MS = 300_000;

const manifest = JSON.parse(readSource('package.json')) as { name: string; version: string };
const work = mkdtempSync(join(tmpdir(), 'pagercheck-package-'));
const copy = join(work, 'copy');
const project = join(work, 'project');
const installed = join(project, 'node_modules', manifest.name);

/** The environment without what the npm that runs these tests has set for its own project. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !name.toLowerCase().startsWith('npm_package_') && name !== 'INIT_CWD',
  ),
);

function npm(folder: string, ...args: string[]): string {
  return execFileSync('npm', args, { cwd: folder, encoding: 'utf8', env: environment });
}

/** Runs Node in the empty project and gives what it printed; what it complained of is part of a failure's message. */
function node(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: project,
    encoding: 'utf8',
    env: environment,
  });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

beforeAll(() => {
  for (const file of listFiles(['.'], '')) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(ROOT, file), join(copy, file));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  mkdirSync(project);
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'empty', private: true, type: 'module' }),
  );
  const [packed] = JSON.parse(npm(copy, 'pack', '--silent', '--json', '--pack-destination', work)) as [
    { filename: string },
  ];
  npm(project, 'install', '--prefer-offline', '--no-audit', '--no-fund', join(work, packed.filename));
}, SETUP_TIMEOUT_MS);

afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

describe('the package', () => {
  it('holds what users need and nothing of the workshop', () => {
    const names = readdirSync(installed).filter((name) => name !== 'node_modules');
    expect(names).toEqual(expect.arrayContaining(['LICENSE', 'NOTICE', 'bin', 'dist', 'package.json']));
    const allowed = [
      'LICENSE',
      'NOTICE',
      'README.md',
      'bin',
      'corpus',
      'dist',
      'docs',
      'examples',
      'package.json',
    ];
    expect(names.filter((name) => !allowed.includes(name))).toEqual([]);
  });

  it('holds a built file for every source', () => {
    const built = listFiles(['src', 'model', 'properties'], '').flatMap((file) =>
      file.endsWith('.ts') ? [file.replace(/\.ts$/, '.js'), file.replace(/\.ts$/, '.d.ts')] : [file],
    );
    expect(built.filter((file) => !existsSync(join(installed, 'dist', file)))).toEqual([]);
  });

  it('gives a command that answers --help', () => {
    const command = join(project, 'node_modules', '.bin', manifest.name);
    expect(node(command, '--help')).toContain(manifest.name);
  });

  it('gives a command that knows its version', () => {
    const command = join(project, 'node_modules', '.bin', manifest.name);
    expect(node(command, '--version')).toContain(manifest.version);
  });

  it('gives a command that writes a pager, runs it in threads, and hunts', { timeout: 240_000 }, () => {
    const command = join(project, 'node_modules', '.bin', manifest.name);
    node(command, 'new', 'mine');
    const pager = ['--target', join('mine', 'pager.ts')];
    expect(node(command, 'run', ...pager, '--runs', '10', '--jobs', '2')).toMatch(/^held: /m);
    const form = ['--pager', 'repaired+input-bad'];
    const hunted = spawnSync(
      process.execPath,
      [command, 'hunt', ...form, '--suite', 'get', '--time', '60s'],
      {
        cwd: project,
        encoding: 'utf8',
        env: environment,
      },
    );
    expect(hunted.stdout).toMatch(/^violated: 1 of 1 defect/m);
    expect(hunted.status).toBe(1);
  });

  it('gives a library that checks a class here and a module in a thread', { timeout: 120_000 }, () => {
    writeFileSync(
      join(project, 'mine.mjs'),
      `import { BasePager } from '${manifest.name}';\nexport default class extends BasePager {}\n`,
    );
    const program =
      `import { checkPager } from '${manifest.name}';` +
      `import Mine from './mine.mjs';` +
      `for (const pager of [Mine, new URL('./mine.mjs', import.meta.url)])` +
      `  console.log((await checkPager({ pager, suites: ['get'], runs: 3 })).verdict);`;
    writeFileSync(join(project, 'check.mjs'), program);
    expect(node('check.mjs')).toBe('held\nheld\n');
  });

  it('can be imported', () => {
    const program = `import * as all from '${manifest.name}'; console.log(Object.keys(all).length);`;
    expect(Number(node('--input-type=module', '--eval', program))).toBeGreaterThan(0);
  });

  it('has types that a strict project accepts', () => {
    writeFileSync(
      join(project, 'user.ts'),
      `import * as all from '${manifest.name}';\nexport const keys: string[] = Object.keys(all);\n`,
    );
    const compiler = join(ROOT, 'node_modules/@typescript/native/bin/tsc');
    const options = ['--noEmit', '--strict', '--target', 'es2024', '--module', 'nodenext'];
    const types = ['--typeRoots', join(ROOT, 'node_modules/@types'), '--types', 'node'];
    expect(node(compiler, ...options, ...types, 'user.ts')).toBe('');
  });

  it('says in one line what is wrong when it is not built, and ends with 2', () => {
    const launcher = join(work, 'unbuilt', 'bin');
    mkdirSync(launcher, { recursive: true });
    cpSync(join(ROOT, 'bin/pagercheck.js'), join(launcher, 'pagercheck.js'));
    writeFileSync(join(work, 'unbuilt', 'package.json'), '{"type":"module"}');
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(launcher, 'pagercheck.js')], {
      encoding: 'utf8',
    });
    expect({ status, stdout, lines: stderr.trimEnd().split('\n') }).toEqual({
      status: 2,
      stdout: '',
      lines: [expect.stringContaining('npm run build')],
    });
  });
});
