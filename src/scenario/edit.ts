/**
 * Changes a scenario in the text that holds it, and nothing else in that text: comments, blank lines, order and layout of
 * whatever did not change stay as somebody wrote them. The change is a function on plain data; the difference is found here.
 * A text whose layout leaves no lines to exchange (all of it on one line, say) is written anew under its first comment.
 */
import { cloneScenario, scenarioEquals } from './compare.ts';
import { formatEntries, formatScenario, formatSection, SECTIONS, type Section } from './format.ts';
import { parseScenario, readScenario, type Problem } from './parse.ts';
import type { Scenario } from './scenario.ts';
import type { LineRange, YamlText } from './yaml.ts';

/** The outcome of an edit. */
export type EditResult =
  | { text: string; scenario: Scenario; problems?: never }
  | { text?: never; scenario?: never; problems: Problem[] };

/**
 * Applies `change` to the scenario in the text of a file called `name`. The function may alter what it is given, or return
 * another scenario. Problems are those of the text, or of a change that leads to no scenario.
 */
export function editScenario(
  text: string,
  name: string,
  change: (scenario: Scenario) => Scenario | void,
): EditResult {
  const before = readScenario(text);
  if (before.problems !== undefined)
    return { problems: before.problems.map((one) => ({ file: name, ...one })) };
  const working = cloneScenario(before.scenario);
  const after = change(working) ?? working;
  const written = formatScenario(after, headComment(text));
  const checked = parseScenario(written, name);
  if (checked.problems !== undefined) return { problems: checked.problems };
  const edited = exchange(text, before.scenario, after, before.yaml);
  const reread = parseScenario(edited, name);
  const faithful = reread.problems === undefined && scenarioEquals(reread.scenario, after);
  return { text: faithful ? edited : written, scenario: checked.scenario };
}

/** The comment that the text begins with. */
export function headComment(text: string): string | undefined {
  const lines: string[] = [];
  for (const line of text.replace(/^\ufeff/, '').split('\n')) {
    if (!line.startsWith('#')) break;
    lines.push(line.slice(1).trim());
  }
  return lines.length === 0 ? undefined : lines.join('\n');
}

/** New lines in the place of others; `last` is `first - 1` where nothing is replaced. */
interface Replacement {
  first: number;
  last: number;
  lines: string[];
}

function exchange(text: string, before: Scenario, after: Scenario, yaml: YamlText): string {
  const ending = text.includes('\r\n') ? '\r' : '';
  const lines = text.split('\n');
  const replacements: Replacement[] = [];
  for (const section of SECTIONS) {
    const now = formatSection(after, section);
    if (formatSection(before, section).join('\n') === now.join('\n')) continue;
    const replacement =
      replaceEntries(lines, section, before, after, yaml) ?? replaceSection(lines, section, now, yaml);
    if (replacement !== undefined) replacements.push(replacement);
  }
  // From the end, so that the numbers of the lines before stay true; of two at one place the later section goes first.
  for (const { first, last, lines: put } of replacements.toReversed().toSorted((a, b) => b.first - a.first)) {
    const ended = put.map((line) => (line.endsWith('\r') ? line : line + ending));
    lines.splice(first - 1, last - first + 1, ...ended);
  }
  return lines.join('\n');
}

/** Sections that are lists of entries. */
const LISTS = new Set<Section>(['fileSystems', 'files', 'operations', 'schedule', 'faults', 'media']);

/** Comments on lines of their own, in lines that are about to go. */
function commentsIn(lines: readonly string[], range: LineRange): string[] {
  return lines.slice(range.first - 1, range.last).filter((line) => /^\s*#/.test(line));
}

/** A whole section; the comments within it stay, above what takes its place. */
function replaceSection(
  lines: readonly string[],
  section: Section,
  now: readonly string[],
  yaml: YamlText,
): Replacement | undefined {
  const range = yaml.sectionLines(section);
  if (range !== undefined) {
    const put = [...now];
    // The comment behind a list is that of an entry which may be gone; the one behind its name stays.
    const behindName = /^\w+:(\s+#[^\r]*)/.exec(lines[range.first - 1]!)?.[1] ?? '';
    if (put.length > 0) put[0] += LISTS.has(section) ? behindName : range.comment;
    return { first: range.first, last: range.last, lines: [...commentsIn(lines, range), ...put] };
  }
  // It is new: behind the nearest one that stands before it in the canonical order.
  for (const other of SECTIONS.slice(0, SECTIONS.indexOf(section)).toReversed()) {
    const place = yaml.sectionLines(other);
    if (place !== undefined) return { first: place.last + 1, last: place.last, lines: [...now] };
  }
  return undefined;
}

/** Entries of a list one by one, if the old ones stand on lines of their own and some remain. */
function replaceEntries(
  lines: readonly string[],
  section: Section,
  before: Scenario,
  after: Scenario,
  yaml: YamlText,
): Replacement | undefined {
  const old = formatEntries(before, section);
  const now = formatEntries(after, section);
  const ranges = yaml.entryLines(section);
  if (old === undefined || now === undefined || ranges === undefined) return undefined;
  if (ranges.length === 0 || ranges.length !== old.length || now.length === 0) return undefined;
  const isFull = old.length === now.length;
  const match = matchEntries(keysOf(before, section, old, isFull), keysOf(after, section, now, isFull));
  const margin = /^ */.exec(lines[ranges[0]!.first - 1]!)![0];
  const write = (entry: readonly string[], comment: string): string[] =>
    entry.map((line, i) => margin + line + (i === entry.length - 1 ? comment : ''));

  const put: string[] = [];
  let next = 0;
  let at = ranges[0]!.first;
  const insertUnmatched = (): void => {
    for (; next < now.length && match[next] === -1; next++) put.push(...write(now[next]!, ''));
  };
  insertUnmatched();
  for (const [index, range] of ranges.entries()) {
    put.push(...lines.slice(at - 1, range.first - 1));
    at = range.last + 1;
    const continues = match[next] === index;
    if (continues && now[next]!.join('\n') === old[index]!.join('\n')) {
      put.push(...lines.slice(range.first - 1, range.last));
    } else {
      put.push(...commentsIn(lines, range));
      if (continues) put.push(...write(now[next]!, range.comment));
    }
    if (!continues) continue;
    next++;
    insertUnmatched();
  }
  return { first: ranges[0]!.first, last: (ranges.at(-1) as LineRange).last, lines: put };
}

/** What an entry is recognised by: what others refer to it by, else what it says. `isFull` if none came or went. */
function keysOf(
  scenario: Scenario,
  section: Section,
  entries: readonly string[][],
  isFull: boolean,
): string[] {
  switch (section) {
    case 'operations':
      return scenario.operations.map(({ id }) => String(id));
    case 'schedule':
    case 'faults':
      return scenario[section].map(
        ({ operation, thread, choice, subject, ordinal }) =>
          `${operation} ${thread} ${choice} ${subject} ${ordinal}`,
      );
    default:
      return entries.map((entry, index) => (isFull ? String(index) : entry.join('\n')));
  }
}

/** For each new entry the old one that it continues, or -1; ascending. */
function matchEntries(old: readonly string[], now: readonly string[]): number[] {
  const places = new Map<string, number[]>();
  for (let i = old.length - 1; i >= 0; i--) {
    const list = places.get(old[i]!);
    if (list === undefined) places.set(old[i]!, [i]);
    else list.push(i);
  }
  let reached = -1;
  return now.map((key) => {
    const list = places.get(key) ?? [];
    while (list.length > 0) {
      const found = list.pop()!;
      if (found <= reached) continue;
      reached = found;
      return found;
    }
    return -1;
  });
}
