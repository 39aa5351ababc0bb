/**
 * The command line: commands and options, errors as one line, exit codes. What commands do is in `commands`, each of which is
 * loaded when it is asked for: help, and what is wrong with a command line, are there at once.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { FAILURES_MAX } from '../engine/control.ts';
import { codeOf, InternalError, UsageError, messageOf } from '../engine/errors.ts';
import { DEFAULT_SEED } from '../engine/seeds.ts';
import { UNSHOWABLE } from '../scenario/quote.ts';
import type { DiffCommand } from './commands/diff.ts';
import type { GenCommand } from './commands/gen.ts';
import type { HuntCommand } from './commands/hunt.ts';
import type { ReplayCommand } from './commands/replay.ts';
import type { RunCommand } from './commands/run.ts';
import { Console, isPrinted, tolerateFailures, type Common } from './console.ts';
import { EXIT_INTERNAL, EXIT_USAGE, exitWith } from './exit.ts';
import { C_SOURCE, LISTS, REFERENCE, SETUPS } from './names.ts';
import {
  failuresValue,
  jobsValue,
  nameList,
  pathValue,
  runsValue,
  seedValue,
  settleValue,
  sourceValue,
  timeValue,
} from './values.ts';

/** The version in the package's manifest, which lies above the sources and above the build. */
function packageVersion(): string {
  for (let at = import.meta.dirname; at !== dirname(at); at = dirname(at)) {
    const manifest = join(at, 'package.json');
    if (existsSync(manifest))
      return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
  }
  return 'unknown';
}

const EXIT_CODES = `
Exit codes (the lowest that applies, if not 0):
  0    held: no property was violated
  1    violated; replay: reproduced
  2    wrong usage or input
  3    internal error
  4    a suite did not reach what it declares
  5    not deterministic
  6    replay: fails, but not as the file says
  130  interrupted; what was found is kept`;

/** What `--near` does in the commands that take it. */
const NEAR = 'vary the scenarios of a directory, or the one of a file, instead of drawing from nothing';

/** Options that every command takes. */
function common(command: Command): Command {
  return command
    .option('--no-color', 'never use colour (so does the environment variable NO_COLOR)')
    .option('-q, --quiet', 'print only results, no progress and no explanations');
}

/** Makes commander's message one line of ours. */
function oneLine(text: string): string {
  return text
    .trim()
    .replace(/^error: /, '')
    .replace(/\.$/, '')
    .replaceAll(/\s*\n\s*/g, ' ');
}

type Act = (console: Console) => number | Promise<number>;

/** Builds the commands; each one hands what it wants done to `act`. */
function program(act: (command: Command, work: Act) => void): Command {
  const root = common(new Command('pagercheck'))
    .description(
      'Finds bugs in pagers: generates operations, schedules and faults, judges every step against a model.',
    )
    .version(packageVersion(), '-V, --version')
    .helpOption('-h, --help', 'show help')
    .addHelpText('after', EXIT_CODES);

  const runCommand = common(root.command('run'))
    .description('run the corpus and the property suites against a pager')
    .option(
      '--target <name>',
      `${REFERENCE}, MODULE.ts with a pager of your own, FILE.c with C text, or ${C_SOURCE}`,
      REFERENCE,
    )
    .option('--source <file>', `with --target ${C_SOURCE}: the C text of a pager`, sourceValue)
    .option(
      '--pager <form>',
      'form of the reference pager: as-written, repaired or repaired+DEFECT,... (default: "repaired")',
    )
    .option(
      '--suite <names>',
      'only these suites (may be repeated, or names with commas)',
      nameList('--suite'),
    )
    .option('--property <ids>', 'judge by these properties only (likewise)', nameList('--property'))
    .option(
      '--seed <number>',
      'another sequence of scenarios; the same seed gives the same run',
      seedValue,
      DEFAULT_SEED,
    )
    .option('--runs <number>', "runs of each suite (default: each suite's own number)", runsValue)
    .option(
      '--time <time>',
      'for how long, in all: 30s, 10m, 2h; instead of a number of runs, or on top of --runs',
      timeValue,
    )
    .option('--max-failures <number>', 'stop after so many distinct failures', failuresValue, FAILURES_MAX)
    .option('--json <file>', 'write the results as JSON as well', pathValue('--json'))
    .option('--corpus <dir>', 'counterexamples: run first, and added to', pathValue('--corpus'), 'corpus')
    .option('--near <path>', NEAR, pathValue('--near'))
    .option('--check-determinism', 'execute every scenario twice and compare the traces')
    .option(
      '--jobs <number>',
      'threads that make the runs; what is found does not depend on it',
      jobsValue,
      1,
    )
    .option('--reached', 'list every situation and transition with its count in each suite');
  runCommand.action((options: RunCommand) => {
    act(runCommand, async (console) =>
      (await import('./commands/run.ts')).run(options, console, process.stderr),
    );
  });

  const huntCommand = common(root.command('hunt'))
    .description('find the defects of the reference pager one after the other, repairing each that is found')
    .option('--target <name>', 'reference, FILE.c with C text, or c', 'reference')
    .option('--source <file>', 'the C text, for --target c', sourceValue)
    .option(
      '--pager <form>',
      'where to begin (in C: what the text does): as-written, as-written+REPAIR,... or repaired+DEFECT,...',
      'as-written',
    )
    .option('--time <time>', 'for how long: 30s, 10m, 2h (default: 60s)', timeValue)
    .option('--settle <time>', 'end after so long without news', settleValue)
    .option(
      '--suite <names>',
      'only these suites (may be repeated, or names with commas)',
      nameList('--suite'),
    )
    .option('--seed <number>', 'another sequence of scenarios', seedValue, DEFAULT_SEED)
    .option('--json <file>', 'write the results as JSON as well', pathValue('--json'))
    .option('--corpus <dir>', 'where the scenarios are written', pathValue('--corpus'), 'corpus');
  huntCommand.action((options: HuntCommand) => {
    act(huntCommand, async (console) =>
      (await import('./commands/hunt.ts')).hunt(options, console, process.stderr),
    );
  });

  const defectsCommand = common(root.command('defects'))
    .description('list what is known to be wrong in the pager as written, and what only looks so')
    .option('--json <file>', 'write the list as JSON as well', pathValue('--json'));
  defectsCommand.action((options: { json?: string }) => {
    act(defectsCommand, async (console) => (await import('./commands/defects.ts')).defects(options, console));
  });

  const replayCommand = common(root.command('replay'))
    .description('execute a scenario file under its own target and explain it')
    .argument('<file>', 'a scenario, as run writes them into the corpus', pathValue('replay'))
    .option('--verbose', 'print the trace: one line an event')
    .option('--target <name>', "instead of the file's own target, as for run")
    .option('--pager <form>', 'another form of the reference pager')
    .option('--source <file>', 'another C text', sourceValue);
  replayCommand.action((file: string, options: ReplayCommand) => {
    act(replayCommand, async (console) =>
      (await import('./commands/replay.ts')).replay(file, options, console),
    );
  });

  const diffCommand = common(root.command('diff'))
    .description('run the same scenarios on two pagers and compare event by event')
    .option('--left <name>', 'a target as of run: reference, MODULE.ts, FILE.c or c', REFERENCE)
    .option('--right <name>', 'the other one', C_SOURCE)
    .option('--pager <form>', 'form of the reference pager (default: "as-written")')
    .option('--source <file>', `the C text of ${C_SOURCE}`, sourceValue)
    .option(
      '--suite <names>',
      'only scenarios of these suites (may be repeated, or names with commas)',
      nameList('--suite'),
    )
    .option('--seed <number>', 'another sequence of scenarios', seedValue, DEFAULT_SEED)
    .option('--runs <number>', 'runs of each suite (default: 500)', runsValue)
    .option('--time <time>', 'for how long, in all: 30s, 10m, 2h', timeValue)
    .option('--json <file>', 'write the results as JSON as well', pathValue('--json'))
    .option(
      '--corpus <dir>',
      'where a scenario with a difference is written',
      pathValue('--corpus'),
      'corpus',
    )
    .option('--near <path>', NEAR, pathValue('--near'));
  diffCommand.action((options: DiffCommand) => {
    act(diffCommand, async (console) => (await import('./commands/diff.ts')).diff(options, console));
  });

  const genCommand = common(root.command('gen'))
    .description('print a generated scenario without running it')
    .option('--seed <number>', 'which one', seedValue, DEFAULT_SEED)
    .option('--suite <name>', 'the suite that generates it (default: the first)', nameList('--suite'))
    .option('--near <path>', NEAR, pathValue('--near'));
  genCommand.action((options: GenCommand) => {
    act(genCommand, async (console) => (await import('./commands/gen.ts')).gen(options, console));
  });

  const validateCommand = common(root.command('validate'))
    .description('check scenario files without running them')
    .argument('<files...>', 'scenarios');
  validateCommand.action((files: string[]) => {
    act(validateCommand, async (console) =>
      (await import('./commands/validate.ts')).validate(files, console),
    );
  });

  const listCommand = common(root.command('list'))
    .description('list suites, properties, targets and switches')
    .argument('[which]', `one of ${LISTS.join(', ')} (default: all)`);
  listCommand.action((which: string | undefined) => {
    act(listCommand, async (console) => (await import('./commands/list.ts')).list(which, console));
  });

  const setupCommand = common(root.command('setup'))
    .description('bring what is too heavy to come with every installation')
    .argument('<what>', `one of ${SETUPS.join(', ')}: c is the compiler for --target ${C_SOURCE}`);
  setupCommand.action((what: string) => {
    act(setupCommand, async (console) => (await import('./commands/setup.ts')).setup(what, console));
  });

  const newCommand = common(root.command('new'))
    .description('write a template pager, with a test suite and a README')
    .argument('<dir>', 'where; nothing that is there is overwritten', pathValue('new'));
  newCommand.action((directory: string) => {
    act(newCommand, async (console) => (await import('./commands/new.ts')).create(directory, console));
  });
  return root;
}

/** Prints what was thrown as one line; @returns the exit code. */
function explain(thrown: unknown, console: Console): number {
  if (thrown instanceof UsageError) {
    console.error(thrown.message);
    return EXIT_USAGE;
  }
  console.error(`internal error: ${messageOf(thrown).replaceAll(UNSHOWABLE, ' ')}`);
  const origin = thrown instanceof InternalError ? thrown.cause : thrown;
  if (origin instanceof Error && origin.stack !== undefined) {
    const frames = origin.stack.split('\n').filter((line) => /^\s+at /.test(line));
    console.news(frames.join('\n').replaceAll(/[^\P{Cc}\n]/gu, ' '));
  }
  return EXIT_INTERNAL;
}

/** Whether a package is not installed, or not since a command came to need it. */
const lacksPackage = (thrown: unknown): boolean =>
  codeOf(thrown) === 'ERR_MODULE_NOT_FOUND' && messageOf(thrown).startsWith('Cannot find package ');

/**
 * Runs a command line (without node and script). @returns the exit code @throws only what says that a package is missing: who
 * started this knows what to do
 */
export async function main(argv: readonly string[]): Promise<number> {
  // what standard error cannot take has nowhere to be told
  tolerateFailures(process.stderr, () => {});
  tolerateFailures(process.stdout, (reason) => {
    process.stderr.write(
      `pagercheck: standard output cannot be written: ${reason}; send it somewhere else (files are written all the same)\n`,
    );
  });
  const code = await perform(argv);
  return exitWith(code, await isPrinted(process.stdout));
}

/** Does what a command line says. @returns the exit code */
async function perform(argv: readonly string[]): Promise<number> {
  const makeConsole = (options: Common): Console =>
    new Console(options, process.stdout, process.stderr, process.env);
  let console = makeConsole({ color: true, quiet: false });
  let pending: Act | null = null;
  const root = program((command, work) => {
    const own = command.opts<Partial<Common>>();
    const above = command.parent?.opts<Partial<Common>>() ?? own;
    console = makeConsole({
      color: own.color !== false && above.color !== false,
      quiet: own.quiet === true || above.quiet === true,
    });
    pending = work;
  });
  for (const command of [root, ...root.commands]) {
    command.exitOverride();
    command.configureOutput({
      writeOut: (text) => process.stdout.write(text),
      writeErr: (text) => process.stderr.write(text),
      outputError: (text, write) => write(`pagercheck: ${oneLine(text)}; see pagercheck --help\n`),
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
    });
    command.showSuggestionAfterError(true);
  }
  try {
    if (argv.length === 0) {
      root.outputHelp();
      return EXIT_USAGE;
    }
    await root.parseAsync(argv, { from: 'user' });
    return await ((pending as Act | null) ?? ((): number => EXIT_USAGE))(console);
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : EXIT_USAGE;
    if (lacksPackage(thrown)) throw thrown;
    return explain(thrown, console);
  }
}
