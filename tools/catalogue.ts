/**
 * Makes the catalogue of defects from hunts: `npm run catalogue -- HUNT.json ...` takes from each hunt's JSON and from the
 * catalogue as it is the best scenario of every defect, shows that it still does what it is kept for, and writes `corpus`. A
 * defect is `caller` if any of the hunts found it without direct calls. `--anew` forgets what the catalogue had.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { isBetter } from '../src/engine/finds.ts';
import {
  fileOfDefect,
  KNOWN_CORPUS,
  KNOWN_FILE,
  readKnownDefects,
  type KnownDefect,
} from '../src/engine/known-defects.ts';
import { explain } from '../src/engine/corpus.ts';
import { formatScenario, readScenarioFile } from '../src/engine/scenario-file.ts';
import { isCallerLevel, REPAIRED, Searcher } from '../src/engine/search.ts';
import { catalogueParts } from '../src/engine/setup.ts';
import { HUNT_JSON } from '../src/report/hunt-json.ts';
import type { Scenario } from '../src/scenario/scenario.ts';
import { createReferenceTarget, SWITCHES } from '../src/targets/reference.ts';

interface Entry {
  known: KnownDefect;
  needs: readonly string[];
  scenario: Scenario;
}

const AS_WRITTEN = { ...REPAIRED, form: 'as-written' } as const;

const searcher = new Searcher(catalogueParts(createReferenceTarget));
const best = new Map<string, Entry>();
const byCallers = new Set<string>();

/** Takes a scenario that shows its defect still, if it is better than what there is. */
function offer(known: KnownDefect, file: string): void {
  const { id, needs, property } = known;
  if (!SWITCHES.some((one) => one.id === id)) return;
  const scenario = readScenarioFile(file);
  const cause = scenario.expect?.cause ?? '';
  const shows = (switches: string[]): boolean =>
    searcher.fails(scenario, { ...REPAIRED, switches }, { property, cause });
  if (!shows([...needs, id]) || shows(needs)) {
    process.stdout.write(`${file}: does not show ${id} any more\n`);
    return;
  }
  if (searcher.difference(scenario, AS_WRITTEN, REPAIRED) === undefined) {
    process.stdout.write(`${file}: in the pager as written other defects hide ${id}\n`);
    return;
  }
  if (known.reachable === 'caller' || isCallerLevel(scenario)) byCallers.add(id);
  const entry = { known: { ...known, operations: scenario.operations.length }, needs, scenario };
  const before = best.get(id);
  if (before === undefined || isBetter(entry, before)) best.set(id, entry);
}

const paths = process.argv.slice(2).filter((one) => one !== '--anew');
if (!process.argv.includes('--anew') && existsSync(KNOWN_FILE)) {
  for (const known of readKnownDefects()) offer(known, fileOfDefect(known.id));
}
for (const path of paths) {
  const { seed, defects } = HUNT_JSON.parse(JSON.parse(readFileSync(path, 'utf8')));
  for (const { id, property, operations, needs, reachable, suite, run, varied, file } of defects) {
    if (file !== null) offer({ id, property, operations, needs, reachable, seed, suite, run, varied }, file);
  }
}

mkdirSync(KNOWN_CORPUS, { recursive: true });
const defects: KnownDefect[] = [];
for (const { id } of SWITCHES) {
  const entry = best.get(id);
  if (entry === undefined) {
    process.stdout.write(`${id}: no scenario\n`);
    continue;
  }
  const { known, needs, scenario } = entry;
  const target = { ...REPAIRED, switches: [...needs, id] };
  const expect = scenario.expect!;
  const violation = searcher.explain(scenario, target, expect)!;
  const head = explain(violation, relative(process.cwd(), fileOfDefect(id)));
  writeFileSync(fileOfDefect(id), formatScenario({ ...scenario, target }, head));
  defects.push({ ...known, reachable: byCallers.has(id) ? 'caller' : 'direct' });
}
writeFileSync(KNOWN_FILE, `${JSON.stringify({ format: 1, defects }, null, 2)}\n`);
process.stdout.write(`${defects.length} of ${SWITCHES.length} defects have a scenario\n`);
