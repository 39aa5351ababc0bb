/** `pagercheck diff`: the same scenarios on two pagers, compared event by event. */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { SUITES } from '../../../properties/suites/catalogue.ts';
import { UsageError } from '../../engine/errors.ts';
import { requireWritableDirectory } from '../../engine/files.ts';
import { readNear } from '../../engine/near.ts';
import { formatDiff, toDiffJson } from '../../report/diff.ts';
import { targetName } from '../../report/terminal.ts';
import { count } from '../../report/words.ts';
import type { TargetChoice } from '../../scenario/scenario.ts';
import type { Console } from '../console.ts';
import { diffGuarded } from '../differ.ts';
import { EXIT_HELD, EXIT_INTERRUPTED, EXIT_VIOLATED, exitWith } from '../exit.ts';
import { Interrupts } from '../interrupts.ts';
import { Lines } from '../news.ts';
import { C_SOURCE, REFERENCE } from '../names.ts';
import { patience } from '../patience.ts';
import { choiceOf, isSource, openTarget } from '../targets.ts';
import { requireNames } from '../values.ts';
import { finishJson, inputsOf, jsonOutput, nearWords, SWITCH_IDS } from './common.ts';

/** Runs of each suite unless told otherwise. */
const RUNS = 500;

/** The command's options. */
export interface DiffCommand {
  left: string;
  right: string;
  pager?: string;
  source?: string;
  suite?: string[];
  seed: number;
  runs?: number;
  time?: number;
  json?: string;
  corpus: string;
  near?: string;
}

/** What is compared. @throws UsageError */
function choices(options: DiffCommand): [TargetChoice, TargetChoice] {
  const { left, right, pager, source } = options;
  const isOneOf = (name: string): boolean => left === name || right === name;
  if (source !== undefined && !isOneOf(C_SOURCE)) {
    throw new UsageError(`--source: names the source of --left or --right ${C_SOURCE}; leave it away`);
  }
  if (pager !== undefined && !isOneOf(REFERENCE)) {
    throw new UsageError(`--pager: chooses a form of --left or --right ${REFERENCE}; leave it away`);
  }
  const one = (target: string, option: string): TargetChoice =>
    choiceOf(
      {
        target,
        ...(target === REFERENCE ? { pager: pager ?? 'as-written' } : {}),
        ...(target === C_SOURCE && source !== undefined ? { source } : {}),
      },
      SWITCH_IDS,
      option,
    );
  return [one(left, '--left'), one(right, '--right')];
}

/** Whether both do the same, whatever is compared: a C text includes nothing that lies beside it. */
function isOneTwice(left: TargetChoice, right: TargetChoice): boolean {
  if (isSource(left.name) && isSource(right.name))
    return readFileSync(left.name).equals(readFileSync(right.name));
  return isDeepStrictEqual(left, right);
}

/** Compares; @returns the exit code. @throws UsageError */
export async function diff(options: DiffCommand, console: Console): Promise<number> {
  const patienceMs = patience(process.env);
  const names = SUITES.map((one) => one.name);
  requireNames('--suite', 'suite', options.suite ?? [], names);
  const [left, right] = choices(options);
  // compiled before anything is begun, so that errors come at once
  for (const choice of [left, right]) if (isSource(choice.name)) await openTarget(choice);
  const near = options.near === undefined ? null : readNear(options.near);
  requireWritableDirectory(options.corpus, '--corpus');
  const output = jsonOutput(options.json, inputsOf([left, right], options));
  const interrupts = new Interrupts(
    (message) => console.news(message),
    () => output?.abandon(),
  );
  const lines = new Lines(console);
  try {
    const begin = console.head(
      `left ${targetName(left)}; right ${targetName(right)}; seed ${options.seed}${nearWords(near)}`,
    );
    if (isOneTwice(left, right))
      console.result(
        'both sides are the same pager: that they agree says no more than that it does the same twice\n',
      );
    const report = await diffGuarded(
      {
        left,
        right,
        suites: options.suite ?? names,
        near,
        seed: options.seed,
        runs: options.runs ?? (options.time === undefined ? RUNS : Infinity),
        timeMs: options.time ?? null,
        corpus: options.corpus,
      },
      (runs, operations) => {
        begin();
        lines.offer(() => `${count(runs, 'run')}, ${count(operations, 'operation')}`);
      },
      interrupts.signal,
      patienceMs,
    );
    begin();
    console.result(formatDiff(report, console.colors));
    const ended = report.isInterrupted ? EXIT_INTERRUPTED : EXIT_HELD;
    const isWritten = finishJson(
      output,
      () => toDiffJson(report, { seed: options.seed, near: near?.path ?? null }),
      console,
    );
    return exitWith(report.agreed ? ended : EXIT_VIOLATED, isWritten);
  } finally {
    interrupts.release();
    output?.abandon();
  }
}
