/** `pagercheck replay`: executes one scenario file under its own target, and says whether it still shows what it says. */
import { shellWord } from '../../engine/corpus.ts';
import { UsageError } from '../../engine/errors.ts';
import { readKeptScenario, requireKnownNames } from '../../engine/scenario-file.ts';
import { formatFindings } from '../../report/replay.ts';
import { targetName } from '../../report/terminal.ts';
import { count } from '../../report/words.ts';
import type { Scenario, TargetChoice } from '../../scenario/scenario.ts';
import { noticedLine, TRACE_HEADER } from '../../trace/text.ts';
import type { Console } from '../console.ts';
import { exitOfReplay } from '../exit.ts';
import { patience } from '../patience.ts';
import { replayGuarded, type Replayed } from '../replayer.ts';
import { C_SOURCE, REFERENCE } from '../names.ts';
import { choiceOf, isSource, openTarget, requireOwnModule } from '../targets.ts';
import { KNOWN_NAMES, sizeOf, SWITCH_IDS } from './common.ts';

/** Names of modules and of C text. */
const PAGERS = /\.(c|[cm]?[jt]s)$/;

/** What begins a comment that is for editors. */
const EDITORS = 'yaml-language-server:';

/** The command's options. */
export interface ReplayCommand {
  verbose?: boolean;
  target?: string;
  pager?: string;
  source?: string;
}

/**
 * The target that is replayed on: the one that options name, or the file's own, in the form or with the text that they name.
 * @throws UsageError, also for an option that says nothing about that target
 */
function targetOf(own: TargetChoice, file: string, options: ReplayCommand): TargetChoice {
  const { target, pager, source } = options;
  if (target !== undefined) return choiceOf({ ...options, target }, SWITCH_IDS);
  if (pager !== undefined && own.name !== REFERENCE) {
    throw new UsageError(
      `--pager: chooses a form of the reference pager, but ${file} is about ${own.name}; add --target ${REFERENCE}`,
    );
  }
  if (source !== undefined && !isSource(own.name)) {
    throw new UsageError(
      `--source: names C text, but ${file} is about ${targetName(own)}; add --target ${C_SOURCE}`,
    );
  }
  if (pager !== undefined) return choiceOf({ target: REFERENCE, pager }, SWITCH_IDS);
  if (source !== undefined) return choiceOf({ target: C_SOURCE, source }, SWITCH_IDS);
  if (own.name !== REFERENCE) requireOwnModule(own.name, file);
  return own;
}

/** Replays; @returns the exit code. @throws UsageError */
export async function replay(file: string, options: ReplayCommand, console: Console): Promise<number> {
  const patienceMs = patience(process.env);
  const isVerbose = options.verbose === true;
  if (PAGERS.test(file))
    throw new UsageError(
      `${file}: is the text of a pager and no scenario; to run it: pagercheck run --target ${shellWord(file)}`,
    );
  const { scenario, head } = readKeptScenario(file);
  requireKnownNames(scenario, file, KNOWN_NAMES);
  scenario.target = targetOf(scenario.target, file, options);
  // compiled before the time of the run begins
  if (isSource(scenario.target.name)) await openTarget(scenario.target);
  const replayed = await replayGuarded({ scenario, isVerbose }, patienceMs);
  console.say(`${file}: ${sizeOf(scenario)} on ${targetName(scenario.target)}`);
  // what is kept for a violation says so in its verdict
  if (scenario.expect === undefined)
    for (const line of head) if (!line.startsWith(EDITORS)) console.say(console.colors.dim(`  ${line}`));
  if (isVerbose) printTrace(replayed, console);
  printOutcome(scenario, replayed, console);
  return exitOfReplay(replayed.outcome.verdict);
}

function printTrace({ trace, outcome }: Replayed, console: Console): void {
  const { colors } = console;
  console.result('');
  console.result(colors.bold(TRACE_HEADER));
  for (const [event, line] of trace.entries()) {
    console.result(line);
    for (const violation of outcome.violations)
      if (violation.event === event) console.result(colors.red(colors.bold(noticedLine(violation.property))));
  }
  if (outcome.truncated) console.result(`... and more: a trace holds ${count(trace.length, 'event')}`);
  console.result('');
}

function printOutcome(scenario: Scenario, { outcome, timeline }: Replayed, console: Console): void {
  if (outcome.violations.length > 0) {
    console.say('');
    console.say(formatFindings(outcome.violations, timeline, console.colors));
  }
  console.say('');
  console.result(verdictLine(scenario, outcome, console));
}

function verdictLine(scenario: Scenario, outcome: Replayed['outcome'], console: Console): string {
  const { colors } = console;
  const { expect } = scenario;
  const { ending, detail } = outcome.result;
  const ended =
    ending === 'completed' ? '' : ` (the run ended early: ${ending}${detail === '' ? '' : `, ${detail}`})`;
  switch (outcome.verdict) {
    case 'reproduced':
      return `${colors.red(colors.bold('reproduced'))}: ${outcome.reproduced!.property}${ended}`;
    case 'held':
      return expect === undefined
        ? `${colors.green(colors.bold('held'))}: no property was violated${ended}`
        : `${colors.green(colors.bold('held'))}: ${expect.property}, which the file says it violates, was not violated${ended}`;
    case 'differs':
      if (expect === undefined) throw new UsageError('a file that expects nothing cannot fail differently');
      return (
        `${colors.yellow(colors.bold('fails differently'))}: expected ${expect.property} [${expect.cause}], found ` +
        `${outcome.violations.map((one) => `${one.property} [${one.cause}]`).join(', ')}${ended}`
      );
  }
}
