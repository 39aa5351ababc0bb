/** `pagercheck run`: runs the corpus and the suites, prints what was found, and writes the JSON. */
import { PROPERTIES } from '../../../properties/catalogue.ts';
import { SUITES } from '../../../properties/suites/catalogue.ts';
import { areAlike } from '../../engine/groups.ts';
import type { Listener } from '../../engine/hunt.ts';
import type { RunReport, ViolationReport } from '../../engine/results.ts';
import { replayCommand } from '../../engine/corpus.ts';
import { requireWritableDirectory } from '../../engine/files.ts';
import { readNear } from '../../engine/near.ts';
import { toJson } from '../../report/json.ts';
import { formatMachines, formatReached } from '../../report/reached.ts';
import {
  formatGroups,
  formatLike,
  formatNeverReached,
  formatRemarks,
  formatTable,
  formatVerdict,
  formatViolation,
  NOT_PROVED,
  targetName,
  toldBefore,
} from '../../report/terminal.ts';
import { count } from '../../report/words.ts';
import type { Console } from '../console.ts';
import { exitOfRun, exitWith } from '../exit.ts';
import { hunt } from '../hunter.ts';
import { Interrupts } from '../interrupts.ts';
import { Progress } from '../progress.ts';
import { patience } from '../patience.ts';
import type { RunRequest } from '../request.ts';
import { REFERENCE } from '../names.ts';
import { choiceOf, isSource, openTarget } from '../targets.ts';
import { requireNames } from '../values.ts';
import { finishJson, inputsOf, jsonOutput, nearWords, SWITCH_IDS } from './common.ts';

/** The command's options, parsed one by one. */
export interface RunCommand {
  target: string;
  pager?: string;
  source?: string;
  suite?: string[];
  property?: string[];
  seed: number;
  runs?: number;
  time?: number;
  maxFailures: number;
  json?: string;
  corpus: string;
  near?: string;
  checkDeterminism?: boolean;
  jobs: number;
  reached?: boolean;
}

function requestOf(options: RunCommand): RunRequest {
  const suites = SUITES.map((one) => one.name);
  const properties = PROPERTIES.map((one) => one.id);
  const { suite = [], property = [] } = options;
  requireNames('--suite', 'suite', suite, suites);
  requireNames('--property', 'property', property, properties);
  return {
    choice: choiceOf(options, SWITCH_IDS),
    seed: options.seed,
    near: options.near === undefined ? null : readNear(options.near),
    suites: suite,
    properties: property,
    runs: options.runs ?? null,
    timeMs: options.time ?? null,
    failuresMax: options.maxFailures,
    corpus: options.corpus,
    switches: SWITCH_IDS,
    checkDeterminism: options.checkDeterminism === true,
    jobs: options.jobs,
    requireReach: options.target === REFERENCE,
  };
}

/** Runs; @returns the exit code. @throws UsageError */
export async function run(
  options: RunCommand,
  console: Console,
  stderr: NodeJS.WriteStream,
): Promise<number> {
  const patienceMs = patience(process.env);
  const request = requestOf(options);
  // compiled before anything is begun, so that errors come at once
  if (isSource(request.choice.name)) await openTarget(request.choice);
  requireWritableDirectory(options.corpus, '--corpus');
  const output = jsonOutput(options.json, inputsOf([request.choice], options));
  const progress = new Progress(console, stderr);
  const interrupts = new Interrupts(
    (message) => progress.pause(() => console.news(message)),
    () => {
      progress.stop();
      output?.abandon();
    },
  );
  try {
    const begin = console.head(
      `target ${targetName(request.choice)}; seed ${request.seed}${nearWords(request.near)}; ` +
        `counterexamples in ${request.corpus}`,
    );
    const told: ViolationReport[] = [];
    const listener: Listener = {
      ...progress.listener,
      suiteBegin: (...suite) => {
        begin();
        progress.listener.suiteBegin?.(...suite);
      },
      violation: (suite, found) => {
        const before = toldBefore(found, told);
        told.push(found);
        const isAlike = before !== null && areAlike(before, found, told);
        progress.pause(() => printViolation(suite, found, before, isAlike, console));
      },
    };
    const report = await hunt(request, listener, interrupts.signal, patienceMs);
    progress.stop();
    begin();
    printReport(report, options.reached === true, console);
    return exitWith(
      exitOfRun(report.verdict),
      finishJson(output, () => toJson(report), console),
    );
  } finally {
    progress.stop();
    interrupts.release();
    output?.abandon();
  }
}

/** `before`: a failure that was printed already and is probably of the same bug, or perhaps, if it is not alike. */
function printViolation(
  suite: string,
  found: ViolationReport,
  before: ViolationReport | null,
  isAlike: boolean,
  console: Console,
): void {
  if (console.isQuiet) {
    const lost = found.fileError === null ? '' : `; not kept: ${found.fileError}`;
    const how = found.file === null ? lost : `; ${replayCommand(found.file)}`;
    const size = count(found.operations, 'operation');
    const like = before === null ? '' : `, ${isAlike ? 'probably' : 'perhaps'} the same as ${before.cause}`;
    console.result(`violated ${found.cause} in ${suite}, run ${found.firstRun}, ${size}${like}${how}`);
    return;
  }
  if (before !== null) {
    console.result(`${formatLike(found, suite, before.cause, isAlike, console.colors)}\n`);
    return;
  }
  console.result(`${formatViolation(found, suite, console.colors)}\n`);
}

function printReport(report: RunReport, isDetailed: boolean, console: Console): void {
  const detail = isDetailed ? formatReached(report, console.colors) : '';
  if (detail !== '') console.result(`${detail}\n`);
  console.say(formatTable(report, console.colors));
  console.say('');
  for (const line of formatMachines(report)) console.say(line);
  for (const line of formatNeverReached(report)) console.say(line);
  for (const line of formatGroups(report, console.colors)) console.say(line);
  for (const remark of formatRemarks(report)) console.result(remark);
  console.result(formatVerdict(report, console.colors));
  if (report.verdict === 'held') console.say(console.colors.dim(NOT_PROVED));
}
