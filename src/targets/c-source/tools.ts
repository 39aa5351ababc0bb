/**
 * The compiler and the optimiser, which are too heavy to come with every installation: two npm packages in a cache directory,
 * brought by `pagercheck setup c`. Compiled modules are kept beside them.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

/** The packages that are needed, in versions that were tried. */
const PACKAGES = { '@yowasp/clang': '22.0.0-git20542-10', binaryen: '132.0.0' } as const;

/** C code cannot be compiled or used; the message says why and what to do. */
export class CSourceError extends Error {
  /** What messages call it. */
  override name = 'CSourceError';
}

/** A tree of files for the compiler. */
export interface Tree {
  [name: string]: Tree | string | Uint8Array;
}

/** Where everything is kept; the environment variable comes first. */
export function cacheDirectory(): string {
  const { PAGERCHECK_CACHE, XDG_CACHE_HOME } = process.env;
  return PAGERCHECK_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'pagercheck');
}

const versions = Object.entries(PACKAGES).map(([name, version]) => `${name}@${version}`);

function toolsDirectory(): string {
  return join(cacheDirectory(), 'c', versions.join('+').replaceAll(/[^\w.+-]/g, '_'));
}

/** Whether C sources can be compiled here. */
export function hasTools(): boolean {
  return Object.keys(PACKAGES).every((name) =>
    existsSync(join(toolsDirectory(), 'node_modules', name, 'package.json')),
  );
}

/** Installs the packages; they run no scripts and download nothing else. @returns where @throws CSourceError */
export async function installTools(): Promise<string> {
  const directory = toolsDirectory();
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-save', ...versions];
  try {
    await promisify(execFile)('npm', args, { cwd: directory, shell: process.platform === 'win32' });
  } catch (thrown) {
    const said = (thrown as { stderr?: string }).stderr ?? String(thrown);
    throw new CSourceError(`npm could not install ${versions.join(' and ')}: ${said.trim()}`, {
      cause: thrown,
    });
  }
  return directory;
}

async function load(name: keyof typeof PACKAGES, file: string): Promise<Record<string, unknown>> {
  if (!hasTools()) {
    throw new CSourceError('no C compiler; pagercheck setup c brings it (two npm packages, about 200 MB)');
  }
  const path = join(toolsDirectory(), 'node_modules', name, file);
  return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
}

type Run = (args: string[], files: Tree, options: object) => Promise<Tree>;

/** What a tool made: files, and what it wrote to its output. */
export interface Made {
  files: Tree;
  output: Buffer;
}

/** Runs clang or wasm-ld on a tree of files. @throws CSourceError with what the tool said */
export async function runTool(tool: 'clang' | 'wasm-ld', args: string[], files: Tree): Promise<Made> {
  const compiler = await load('@yowasp/clang', 'gen/bundle.js');
  const run = compiler[tool === 'clang' ? 'runClang' : 'runLLVM'] as Run;
  let said = '';
  const output: Uint8Array[] = [];
  const decoder = new TextDecoder();
  const options = {
    stdout: (bytes: Uint8Array | null): void => {
      // a view of the tool's memory, which is used again
      if (bytes !== null) output.push(bytes.slice());
    },
    stderr: (bytes: Uint8Array | null): void => {
      if (bytes !== null) said += decoder.decode(bytes);
    },
  };
  // the compiler's own files are read first, because clang would say on the terminal how far that is
  await (compiler['runLLVM'] as (args: null, files: Tree, options: object) => Promise<unknown>)(
    null,
    {},
    { fetchProgress: () => {} },
  );
  try {
    return { files: await run([tool, ...args], files, options), output: Buffer.concat(output) };
  } catch (thrown) {
    if (said.trim() === '') throw thrown;
    throw new CSourceError(said.trim());
  }
}

/** What is used of binaryen. */
export interface Binaryen {
  readBinary(bytes: Uint8Array): {
    setFeatures(features: number): void;
    runPasses(passes: string[]): void;
    emitBinary(): Uint8Array;
    dispose(): void;
  };
  setPassArgument(name: string, value: string | null): void;
  setOptimizeLevel(level: number): void;
  setShrinkLevel(level: number): void;
  Features: Record<string, number>;
}

/** The optimiser. */
export async function loadBinaryen(): Promise<Binaryen> {
  return (await load('binaryen', 'index.js'))['default'] as Binaryen;
}
