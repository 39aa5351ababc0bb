/** Runs the command line: in this process, for its words, or as a process of its own, for exit codes, signals and pipes. */
import { spawn, type ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { main } from '../../src/cli/main.ts';

/** What a command did. */
export interface Outcome {
  code: number | null;
  out: string;
  err: string;
}

/** Runs `main`; nothing is printed. */
export async function command(...argv: string[]): Promise<Outcome> {
  let out = '';
  let err = '';
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
  try {
    return { code: await main(argv), out, err };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
}

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const launcher = fileURLToPath(new URL('../../bin/pagercheck.js', import.meta.url));

/** Compiled sources, kept between children: most of a short command's time goes into stripping types. */
const NODE_COMPILE_CACHE = join(tmpdir(), 'pagercheck-compile-cache');

/** The environment of a child: no colour, no leftovers of the tests' own. */
export function environment(changes: Record<string, string> = {}): Record<string, string> {
  const { FORCE_COLOR: _, NO_COLOR: __, ...rest } = process.env;
  return { ...(rest as Record<string, string>), NODE_COMPILE_CACHE, ...changes };
}

/** Starts the command as a process. */
export function start(
  argv: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): { child: ChildProcess; outcome: Promise<Outcome> } {
  const child = spawn(process.execPath, [launcher, ...argv], {
    cwd: options.cwd ?? ROOT,
    env: environment(options.env),
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
  return { child, outcome };
}

/** Runs the command as a process to its end. */
export async function spawned(
  argv: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Outcome> {
  return start(argv, options).outcome;
}
