/** `pagercheck hunt`: finds the defects of the reference pager, or of C text, one after the other; writes a scenario of each. */
import { SUITES } from '../../../properties/suites/catalogue.ts';
import type { HuntListener, HuntReport } from '../../engine/hunting.ts';
import { UsageError } from '../../engine/errors.ts';
import { shellWord } from '../../engine/corpus.ts';
import { requireWritableDirectory } from '../../engine/files.ts';
import { formatFinds, formatFound, formatHunt, formatRepaired, formatUnknown } from '../../report/hunt.ts';
import { toHuntJson } from '../../report/hunt-json.ts';
import { targetName } from '../../report/terminal.ts';
import { duration } from '../../report/words.ts';
import type { TargetChoice } from '../../scenario/scenario.ts';
import { SWITCHES } from '../../targets/reference.ts';
import type { Console } from '../console.ts';
import { huntGuarded, type DefectRequest } from '../defect-hunter.ts';
import { EXIT_HELD, EXIT_INTERRUPTED, EXIT_VIOLATED, exitWith } from '../exit.ts';
import { HuntProgress } from '../hunt-progress.ts';
import { Interrupts } from '../interrupts.ts';
import { pagerForm } from '../pager-form.ts';
import { REFERENCE } from '../names.ts';
import { choiceOf, namesSource, openTarget } from '../targets.ts';
import { requireNames } from '../values.ts';
import { filesOf, finishJson, jsonOutput, SWITCH_IDS } from './common.ts';

/** Where each defect stands in the original. */
const LINES = new Map(SWITCHES.map(({ id, lines }) => [id, lines]));

/** How long a hunt lasts unless told otherwise. */
const HUNT_MS = 60_000;

/** The command's options, parsed one by one. */
export interface HuntCommand {
  target: string;
  source?: string;
  pager: string;
  suite?: string[];
  seed: number;
  time?: number;
  settle?: number;
  json?: string;
  corpus: string;
}

function exitOf(report: HuntReport): number {
  if (report.defects.length + report.unknown.length > 0) return EXIT_VIOLATED;
  return report.stopped === 'interrupted' ? EXIT_INTERRUPTED : EXIT_HELD;
}

/** What is hunted in: a form of the reference pager, or C text. @throws UsageError */
function targetOf({ target, source }: HuntCommand, form: TargetChoice): TargetChoice {
  if (target !== REFERENCE && !namesSource(target)) {
    throw new UsageError(
      `--target: hunts go through the reference pager or C text; for ${target} use pagercheck run`,
    );
  }
  const named = { target, ...(source === undefined ? {} : { source }) };
  return target === REFERENCE && source === undefined ? form : choiceOf(named, SWITCH_IDS);
}

/** The command that compares C text with the form of the reference pager that does the same, as far as the hunt knows. */
function comparisonOf(
  text: TargetChoice,
  { form, switches }: TargetChoice,
  repaired: readonly string[],
): string {
  const named =
    form === 'as-written' ? [...switches, ...repaired] : switches.filter((one) => !repaired.includes(one));
  const pager = named.length === 0 ? form : `${form}+${named.join(',')}`;
  const option = pager === 'as-written' ? '' : ` --pager ${pager}`;
  return `npx pagercheck diff --right ${shellWord(text.name)}${option}`;
}

/** Hunts; @returns the exit code. @throws UsageError */
export async function hunt(
  options: HuntCommand,
  console: Console,
  stderr: NodeJS.WriteStream,
): Promise<number> {
  const form: TargetChoice = { name: REFERENCE, ...pagerForm(options.pager, SWITCH_IDS) };
  const isSource = options.target !== REFERENCE;
  const choice = targetOf(options, form);
  const names = SUITES.map((one) => one.name);
  requireNames('--suite', 'suite', options.suite ?? [], names);
  const defects = form.form === 'repaired' ? form.switches.length : SWITCH_IDS.length - form.switches.length;
  if (!isSource && defects === 0) {
    throw new UsageError('--pager: the repaired pager has no known defect to hunt; see pagercheck run');
  }
  // compiled before anything is begun, so that errors come at once
  await openTarget(choice);
  requireWritableDirectory(options.corpus, '--corpus');
  const output = jsonOutput(options.json, { corpora: [options.corpus], files: filesOf([choice]) });
  const timeMs = options.time ?? HUNT_MS;
  const progress = new HuntProgress(console, stderr, timeMs);
  const interrupts = new Interrupts(
    (message) => progress.pause(() => console.news(message)),
    () => {
      progress.stop();
      output?.abandon();
    },
  );
  try {
    console.say(
      `target ${targetName(choice)}; seed ${options.seed}; ${duration(timeMs)}; counterexamples in ${options.corpus}`,
    );
    console.say('');
    progress.start();
    const startedMs = performance.now();
    const listener: HuntListener = {
      defect: (found, isNew) => {
        if (isNew) progress.pause(() => console.news(formatFound(found, console.colors)));
      },
      unknown: (found) => {
        const seconds = (performance.now() - startedMs) / 1000;
        progress.pause(() => console.news(formatUnknown(found, seconds, console.colors)));
      },
      repaired: (id, seconds) => {
        progress.pause(() => console.news(formatRepaired(id, seconds, console.colors)));
      },
      progress: progress.show,
    };
    const request: DefectRequest = {
      choice,
      form: isSource ? form : null,
      switches: SWITCH_IDS,
      suites: options.suite ?? names,
      seed: options.seed,
      timeMs,
      settleMs: options.settle ?? null,
      corpus: options.corpus,
    };
    const report = await huntGuarded(request, listener, interrupts.signal);
    progress.stop();
    const finds = formatFinds(report, LINES, console.colors);
    for (const line of finds) console.result(line);
    if (finds.length > 0) console.result('');
    const comparison = isSource ? comparisonOf(choice, form, report.repaired) : null;
    for (const line of formatHunt(report, comparison, console.colors)) console.result(line);
    return exitWith(
      exitOf(report),
      finishJson(output, () => toHuntJson(report, LINES), console),
    );
  } finally {
    progress.stop();
    interrupts.release();
    output?.abandon();
  }
}
