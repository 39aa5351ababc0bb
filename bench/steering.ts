/**
 * `npm run bench:steering`: whether variations of scenarios come to more than scenarios that are drawn from nothing, with as many
 * operations. First on the repaired pager: what is reached, and how often the rarest situations. Then hunts in the pager as
 * written, with and without each way of steering: how many defects are found, and after how many operations. Nothing depends
 * on time.
 */
import { parseArgs } from 'node:util';
import { writeFileSync } from 'node:fs';
import { huntDefects, type Lane } from '../src/engine/defect-hunt.ts';
import { REPAIRED, Searcher } from '../src/engine/search.ts';
import { Seldom } from '../src/engine/seldom.ts';
import { catalogueParts } from '../src/engine/setup.ts';
import { thousands } from '../src/report/words.ts';
import { createReferenceTarget, SWITCHES } from '../src/targets/reference.ts';

/** How much is measured. */
interface Settings {
  seeds: number[];
  /** Operations of each exploration, and of each hunt at most. */
  explored: number;
  hunted: number;
}

const FULL: Settings = { seeds: [1, 2, 3], explored: 2_000_000, hunted: 10_000_000 };

/** For tests: hardly more than one plain turn of each suite, after which steering begins. */
const TINY: Settings = { seeds: [1], explored: 40_000, hunted: 1_000 };

/** Runs of one turn of a suite in an exploration. */
const TURN = 50;

/** How many of the rarest situations are shown. */
const RAREST = 10;

/** What an exploration came to: in how many runs each situation came, and after how many runs first. */
interface Explored {
  runs: number;
  operations: number;
  counts: Map<string, number>;
  first: Map<string, number>;
}

/** What a hunt came to. */
interface Hunted {
  seed: number;
  /** Ways of steering that it did without. */
  without: Lane[];
  found: number;
  /** Operations until each defect was found. */
  after: number[];
  runs: number;
  operations: number;
}

const parts = catalogueParts(createReferenceTarget);
const searcher = new Searcher(parts);

/** Runs all suites by turns; every other turn, if steered, in variations of scenarios that came to what is seldom. */
function explore(seed: number, operationsMax: number, isSteered: boolean): Explored {
  const seldom = new Seldom();
  const done: Explored = { runs: 0, operations: 0, counts: new Map(), first: new Map() };
  for (let turn = 0; done.operations < operationsMax; turn++) {
    const { name } = parts.suites[turn % parts.suites.length]!;
    // a suite has a plain and a steered turn one after the other
    const isVaried = isSteered && Math.floor(turn / parts.suites.length) % 2 === 1;
    const { runs, operations, reached, shown } = searcher.search({
      suite: name,
      direct: true,
      seed,
      from: turn * TURN,
      step: 1,
      runs: TURN,
      choice: REPAIRED,
      explained: REPAIRED,
      parents: isVaried ? seldom.next() : [],
      wanted: seldom.names(),
    });
    if (!isVaried) seldom.add(reached, shown);
    for (const [one, count] of reached) {
      done.counts.set(one, (done.counts.get(one) ?? 0) + count);
      if (!done.first.has(one)) done.first.set(one, done.runs + runs);
    }
    done.runs += runs;
    done.operations += operations;
  }
  return done;
}

/** Hunts until every defect is found or the operations are used up. */
async function hunt(seed: number, operationsMax: number, without: Lane[]): Promise<Hunted> {
  const signal = { aborted: false };
  const after: number[] = [];
  let operations = 0;
  const report = await huntDefects(
    {
      parts,
      choice: { ...REPAIRED, form: 'as-written' },
      switches: SWITCHES.map(({ id }) => id),
      suites: parts.suites.map(({ name }) => name),
      seed,
      timeMs: Infinity,
      settleMs: null,
      corpus: null,
      search: async (request) => searcher.search(request),
      without,
    },
    {
      defect: (_, isNew) => {
        if (isNew) after.push(operations);
      },
      progress: (so) => {
        ({ operations } = so);
        if (operations >= operationsMax || so.notFound.length === 0) signal.aborted = true;
      },
    },
    signal,
  );
  const { defects, runs } = report;
  return { seed, without, found: defects.length, after, runs, operations: report.operations };
}

/** The ways of steering, by what each leaves out. */
const WAYS: readonly { name: string; without: Lane[] }[] = [
  { name: 'plain', without: ['near', 'seldom'] },
  { name: 'seldom', without: ['near'] },
  { name: 'near', without: ['seldom'] },
  { name: 'both', without: [] },
];

function exploreLines(seed: number, plain: Explored, steered: Explored): string[] {
  const names = [...new Set([...plain.counts.keys(), ...steered.counts.keys()])];
  const of = ({ counts }: Explored, name: string): number => counts.get(name) ?? 0;
  const rarest = names
    .toSorted((a, b) => Math.min(of(plain, a), of(steered, a)) - Math.min(of(plain, b), of(steered, b)))
    .slice(0, RAREST);
  const last = (one: Explored): string => `${thousands(Math.max(...one.first.values()))} runs`;
  const row = (what: string, a: string, b: string): string =>
    `  ${what.padEnd(48)}${a.padStart(16)}${b.padStart(16)}`;
  return [
    `seed ${seed}, ${thousands(plain.operations)} operations each`,
    row('', 'plain', 'steered'),
    row('runs', thousands(plain.runs), thousands(steered.runs)),
    row('situations and transitions reached', String(plain.counts.size), String(steered.counts.size)),
    row('the last of them first reached after', last(plain), last(steered)),
    ...rarest.map((name) => row(name, thousands(of(plain, name)), thousands(of(steered, name)))),
    '',
  ];
}

function huntLine(way: string, { seed, found, after, runs, operations }: Hunted): string {
  const at = (n: number): string => (after.length < n ? '-' : thousands(after[n - 1]!)).padStart(12);
  return (
    `${String(seed).padStart(4)}  ${way.padEnd(7)}${String(found).padStart(6)}${at(70)}${at(SWITCHES.length - 2)}` +
    `${at(SWITCHES.length - 1)}${at(SWITCHES.length)}${thousands(runs).padStart(12)}${thousands(operations).padStart(14)}`
  );
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'string' },
      tiny: { type: 'boolean' },
      seeds: { type: 'string' },
      explored: { type: 'string' },
      hunted: { type: 'string' },
      ways: { type: 'string' },
    },
  });
  const settings = { ...(values.tiny === true ? TINY : FULL) };
  if (values.seeds !== undefined) settings.seeds = values.seeds.split(',').map(Number);
  if (values.explored !== undefined) settings.explored = Number(values.explored);
  if (values.hunted !== undefined) settings.hunted = Number(values.hunted);
  const ways = WAYS.filter(({ name }) => values.ways?.split(',').includes(name) ?? true);
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const explorations = settings.seeds.map((seed) => {
    const plain = explore(seed, settings.explored, false);
    const steered = explore(seed, settings.explored, true);
    for (const line of exploreLines(seed, plain, steered)) say(line);
    return { seed, plain: Object.fromEntries(plain.counts), steered: Object.fromEntries(steered.counts) };
  });
  say('hunts in the pager as written; operations until so many of its defects were found');
  const all = SWITCHES.length;
  say(
    `seed  way     found          70${String(all - 2).padStart(12)}${String(all - 1).padStart(12)}${String(all).padStart(12)}` +
      `        runs    operations`,
  );
  const hunts: Hunted[] = [];
  for (const seed of settings.seeds) {
    for (const { name, without } of ways) {
      const one = await hunt(seed, settings.hunted, without);
      hunts.push(one);
      say(huntLine(name, one));
    }
  }
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ format: 1, settings, explorations, hunts }, null, 2)}\n`);
}

await main();
