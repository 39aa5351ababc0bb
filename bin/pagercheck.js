#!/usr/bin/env node
/**
 * Starts the command line. In a checkout it runs the TypeScript sources as they are (Node strips the types);
 * in an installed package it runs the build. Plain, old JavaScript on purpose: it must get far enough on any
 * Node to say that the Node is too old.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The first Node that runs TypeScript files without a flag; `engines` in package.json says the same. */
const NODE_MIN = [22, 18];
const EXIT_UNUSABLE = 2;

const self = fileURLToPath(import.meta.url);
const source = new URL('../src/cli/main.ts', import.meta.url);
const built = new URL('../dist/src/cli/main.js', import.meta.url);
const ownNode = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));

// Node refuses to strip types below node_modules, and an installed package has no sources anyway.
const inCheckout = !/[\\/]node_modules[\\/]/.test(self) && existsSync(source);

function isNodeTooOld() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1]);
}

function giveUp(message) {
  process.stderr.write(`pagercheck: ${message}\n`);
  process.exitCode = EXIT_UNUSABLE;
}

/** Runs this same file again under the Node that `npm ci` put into the checkout; false when that is not possible. */
function rerunUnderOwnNode() {
  if (!inCheckout || process.env.PAGERCHECK_RERUN || !existsSync(ownNode)) return Promise.resolve(false);
  const child = spawn(ownNode, [self, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, PAGERCHECK_RERUN: '1' },
  });
  // A terminal sends its interrupt to both processes; anything else may reach only this one and is passed on. One that hangs up
  // may be heard twice: signals so close together count as one.
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  return new Promise((resolve) => {
    child.on('error', () => resolve(false));
    child.on('exit', (status) => {
      process.exitCode = status === null ? EXIT_UNUSABLE : status;
      resolve(true);
    });
  });
}

/**
 * Lets Node keep what it has compiled: the next start takes a third of the time. It asks for nothing, and where it cannot write it
 * does without. Threads are told through the environment.
 */
function keepCompiled() {
  const directory = process.env.NODE_COMPILE_CACHE || join(tmpdir(), 'node-compile-cache');
  const { status } = module.enableCompileCache(directory);
  const { ENABLED, ALREADY_ENABLED } = module.constants.compileCacheStatus;
  if (status === ENABLED || status === ALREADY_ENABLED) process.env.NODE_COMPILE_CACHE = directory;
}

async function start() {
  if (isNodeTooOld()) {
    if (await rerunUnderOwnNode()) return;
    const wanted = NODE_MIN.join('.');
    const cure = inCheckout
      ? `run npm ci, or install Node ${wanted} or newer`
      : `install Node ${wanted} or newer`;
    giveUp(`this is Node ${process.versions.node}, too old to run pagercheck: ${cure}`);
    return;
  }
  if (!inCheckout && !existsSync(built)) {
    giveUp(
      'neither src/cli/main.ts nor dist/src/cli/main.js is here: run npm run build, or install the package again',
    );
    return;
  }
  keepCompiled();
  try {
    const { main } = await import((inCheckout ? source : built).href);
    process.exitCode = await main(process.argv.slice(2));
  } catch (thrown) {
    // A checkout that was never installed, or not since a dependency was added.
    const name = /^Cannot find package '([^']+)'/.exec(thrown.message);
    if (thrown.code !== 'ERR_MODULE_NOT_FOUND' || name === null) throw thrown;
    giveUp(
      `the package ${name[1]} is missing: run npm ci${inCheckout ? '' : ', or install pagercheck again'}`,
    );
  }
}

await start();
