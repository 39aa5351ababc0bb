/**
 * `npm run bench`: how fast the reference pager runs bare and judged, against a fast-check loop that does nothing; whether the
 * cost of an operation stays flat in long scenarios and large files; and how much memory it takes. Everything is measured in one
 * process, by turns; only ratios of one call mean something on another day or machine.
 */
import { parseArgs } from 'node:util';
import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { Judge } from '../properties/judge.ts';
import { catalogueParts } from '../src/engine/setup.ts';
import type { Scenario } from '../src/scenario/scenario.ts';
import { OPERATION_KINDS } from '../src/scenario/operations.ts';
import { createReferenceTarget } from '../src/targets/reference.ts';
import { count, thousands } from '../src/report/words.ts';
import { race } from './measure.ts';
import { draw, spread, TOUCHED, TURN } from './worlds.ts';

/** The suite whose mix is measured. */
const SUITE = 'mixed';

/** Scenarios with pages of at most this many bytes count as a small geometry. */
const SMALL_PAGE = 64;

/** How much is measured. */
interface Settings {
  seed: number;
  scenarios: number;
  rounds: number;
  warmups: number;
  /** Operations of a scenario, and pages of a file, for the questions of flatness. */
  lengths: number[];
  pages: number[];
  /** Operations a round of those. */
  work: number;
}

const FULL: Settings = {
  seed: 1,
  scenarios: 400,
  rounds: 15,
  warmups: 5,
  lengths: [10, 100, 1000, 10_000],
  pages: [8, 80, 800, 8000],
  work: 20_000,
};

/** For tests: everything once, on next to nothing. */
const TINY: Settings = {
  seed: 1,
  scenarios: 5,
  rounds: 1,
  warmups: 0,
  lengths: [10, 100],
  pages: [8, 80],
  work: 100,
};

/** One size and what an operation costs there. */
interface Cost {
  size: number;
  bareNs: number;
  checkedNs: number;
}

/** What is measured; docs/json.md describes it. */
export interface BenchResult {
  format: 1;
  bare: number;
  checked: number;
  floor: number;
  generated: number;
  small: { bare: number; checked: number };
  operationsPerScenario: number;
  noopShare: number;
  ratios: { checkedCost: number; bareToFloor: number; checkedToFloor: number };
  lengths: Cost[];
  /** What a scenario costs besides its operations. */
  scenario: { bareNs: number; checkedNs: number };
  files: Cost[];
  memoryMiB: number;
  node: string;
  settings: Settings;
}

const suite = catalogueParts(createReferenceTarget).suites.find((one) => one.name === SUITE)!;

/** Executes scenarios, judged or not; @returns how many operations did something. */
function executor(isChecked: boolean): (scenarios: readonly Scenario[]) => number {
  const target = createReferenceTarget();
  const judge = isChecked ? new Judge(suite.properties) : null;
  return (scenarios) => {
    let done = 0;
    for (const scenario of scenarios) {
      judge?.begin(scenario);
      const { operations, noops } = target.execute(scenario, judge?.observer ?? null);
      done += operations - noops;
    }
    return done;
  };
}

/** A fast-check loop that draws arrays of operations of one length and does nothing with them. */
function floorLoop(runs: number, length: number): () => number {
  const drawn = fc.array(
    fc.tuple(fc.nat(OPERATION_KINDS.length - 1), fc.nat(1), fc.nat(3), fc.nat(15), fc.nat(7)),
    { minLength: length, maxLength: length },
  );
  const nothing = fc.property(drawn, () => true);
  let seed = 0;
  return () => {
    fc.assert(nothing, { numRuns: runs, seed: seed++ });
    return runs * length;
  };
}

/** Cost of an operation for each size, judged and not, by turns. */
function costs(sizes: readonly number[], settings: Settings, make: (size: number) => Scenario): Cost[] {
  const { rounds, warmups, work } = settings;
  const bare = executor(false);
  const checked = executor(true);
  const worlds = sizes.map((size) => {
    const scenario = make(size);
    const times = Math.max(1, Math.round(work / scenario.operations.length));
    return Array.from({ length: times }, () => scenario);
  });
  const rates = race(
    worlds.flatMap((scenarios, i) => [
      { name: `bare ${i}`, round: () => bare(scenarios) },
      { name: `checked ${i}`, round: () => checked(scenarios) },
    ]),
    rounds,
    warmups,
  );
  return sizes.map((size, i) => ({
    size,
    bareNs: 1e9 / rates[`bare ${i}`]!,
    checkedNs: 1e9 / rates[`checked ${i}`]!,
  }));
}

/**
 * What is spent once a scenario, whatever its length: to make the world, to end it, and to compare the disk. It is what the
 * operations of the shortest scenarios cost more than those of the longest.
 */
function onceAScenario(lengths: readonly Cost[]): { bareNs: number; checkedNs: number } {
  const shortest = lengths[0]!;
  const longest = lengths.at(-1)!;
  return {
    bareNs: shortest.size * (shortest.bareNs - longest.bareNs),
    checkedNs: shortest.size * (shortest.checkedNs - longest.checkedNs),
  };
}

function measure(settings: Settings): BenchResult {
  const { seed, scenarios, rounds, warmups } = settings;
  const mixed = draw(suite, seed, scenarios);
  const small = draw(suite, seed, scenarios, ({ geometry }) => geometry.pageSize <= SMALL_PAGE);
  const operations = mixed.reduce((sum, scenario) => sum + scenario.operations.length, 0);
  const length = Math.max(1, Math.round(operations / scenarios));
  const bare = executor(false);
  const checked = executor(true);
  const done = bare(mixed);
  const lengths = costs(settings.lengths, settings, (size) => spread(TOUCHED * 8, size));
  const rates = race(
    [
      { name: 'bare', round: () => bare(mixed) },
      { name: 'checked', round: () => checked(mixed) },
      { name: 'floor', round: floorLoop(scenarios, length) },
      {
        name: 'generated',
        round: () =>
          draw(suite, seed, scenarios).reduce((sum, scenario) => sum + scenario.operations.length, 0),
      },
      { name: 'smallBare', round: () => bare(small) },
      { name: 'smallChecked', round: () => checked(small) },
    ],
    rounds,
    warmups,
  );
  return {
    format: 1,
    bare: rates.bare,
    checked: rates.checked,
    floor: rates.floor,
    generated: rates.generated,
    small: { bare: rates.smallBare, checked: rates.smallChecked },
    operationsPerScenario: operations / scenarios,
    noopShare: 1 - done / operations,
    ratios: {
      checkedCost: rates.bare / rates.checked,
      bareToFloor: rates.bare / rates.floor,
      checkedToFloor: rates.checked / rates.floor,
    },
    lengths,
    scenario: onceAScenario(lengths),
    files: costs(settings.pages, settings, (size) => spread(size, TOUCHED * TURN)),
    memoryMiB: process.resourceUsage().maxRSS / 1024,
    node: process.version,
    settings,
  };
}

const rate = (value: number): string => `${thousands(value)}/s`.padStart(14);

const microseconds = (nanoseconds: number): string => `${(nanoseconds / 1e3).toFixed(0)} us`;

function costLines(title: string, unit: string, list: readonly Cost[], ...notes: string[]): string[] {
  const worst = (pick: (cost: Cost) => number): string => {
    const all = list.map(pick);
    return (Math.max(...all) / Math.min(...all)).toFixed(2);
  };
  return [
    title,
    ...list.map(
      ({ size, bareNs, checkedNs }) =>
        `  ${thousands(size).padStart(7)} ${unit} ${bareNs.toFixed(0).padStart(7)} ns bare ${checkedNs.toFixed(0).padStart(7)} ns checked`,
    ),
    `  most to least: ${worst((cost) => cost.bareNs)} bare, ${worst((cost) => cost.checkedNs)} checked`,
    ...notes.map((note) => `  ${note}`),
    '',
  ];
}

function format(result: BenchResult): string {
  const { ratios } = result;
  return [
    `suite ${SUITE}, ${count(result.settings.scenarios, 'scenario')} of ${result.operationsPerScenario.toFixed(0)} operations, ` +
      `${(100 * result.noopShare).toFixed(1)} % no-ops (left out), median of ${count(result.settings.rounds, 'round')}, Node ${result.node}`,
    '',
    `bare      ${rate(result.bare)}  the reference pager without any observer`,
    `checked   ${rate(result.checked)}  with all properties: ${ratios.checkedCost.toFixed(2)} times the cost of bare`,
    `floor     ${rate(result.floor)}  fast-check draws as many operations and does nothing`,
    `generated ${rate(result.generated)}  scenarios drawn, not counted in bare and checked`,
    '',
    `bare / floor ${ratios.bareToFloor.toFixed(2)}, checked / floor ${ratios.checkedToFloor.toFixed(2)}`,
    `pages of at most ${SMALL_PAGE} bytes:${rate(result.small.bare)} bare,${rate(result.small.checked)} checked`,
    '',
    ...costLines(
      'cost of an operation by length of the scenario:',
      'operations',
      result.lengths,
      `a scenario costs about ${microseconds(result.scenario.bareNs)} bare and ${microseconds(result.scenario.checkedNs)} checked besides its operations`,
    ),
    ...costLines(
      `cost of an operation by size of the file (${TOUCHED} pages touched):`,
      'pages     ',
      result.files,
    ),
    `peak memory ${result.memoryMiB.toFixed(0)} MiB`,
  ].join('\n');
}

function main(): void {
  const { values } = parseArgs({
    options: { json: { type: 'string' }, tiny: { type: 'boolean' }, seed: { type: 'string' } },
  });
  const settings = { ...(values.tiny === true ? TINY : FULL) };
  if (values.seed !== undefined) settings.seed = Number(values.seed);
  const result = measure(settings);
  process.stdout.write(`${format(result)}\n`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
}

// Not run when a test imports the types.
if (import.meta.main) main();
