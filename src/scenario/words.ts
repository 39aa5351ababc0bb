/**
 * Puts into words what the schema complains of and where: one line each, what is wrong and what to write instead. The library's
 * own messages name types; people who edit a file by hand need names, ranges and the nearest thing that would be right.
 */
import type { z } from 'zod';
import { CHOICES, OPERATIONS, OPERATION_KINDS, type OperationKind } from './operations.ts';
import type { Flaw } from './check.ts';
import { QUOTE_MAX, quote } from './quote.ts';
import type { Choice, Take } from './scenario.ts';
import { fieldsAt } from './schema.ts';

type Issue = z.core.$ZodIssue;

/** Names a place: `operation 3, page`, `file 0, extents, entry 2, sector`. */
export function describePath(path: readonly PropertyKey[], data: unknown): string {
  if (path.length === 0) return 'file';
  const words: string[] = [];
  for (let i = 0; i < path.length; i++) {
    const step = path[i]!;
    const index = path[i + 1];
    if (typeof index !== 'number') {
      words.push(/^\w{1,40}$/.test(String(step)) ? String(step) : quote(String(step)));
      continue;
    }
    i++;
    if (step === 'operations') words.push(describeOperation(index, data));
    else if (step === 'fileSystems') words.push(`file system ${index}`);
    else if (step === 'files') words.push(`file ${index}`);
    else words.push(String(step), `entry ${index + 1}`);
  }
  return words.join(', ');
}

function describeOperation(index: number, data: unknown): string {
  const id = valueAt(data, ['operations', index, 'id']);
  return typeof id === 'number' ? `operation ${excerpt(id)}` : `operations, entry ${index + 1}`;
}

/** What stands at a path; undefined if nothing does. */
export function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let value = data;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}

/** Makes flaws of the schema's issues; at most one for each place. */
export function flawsOf(issues: readonly Issue[], data: unknown): Flaw[] {
  const flaws: Flaw[] = [];
  const seen = new Set<string>();
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        const message = unknownField(key, issue.path, data);
        flaws.push({ path: [...issue.path, key], atKey: true, message });
      }
      continue;
    }
    // What leaves the safe integers leaves the field's own range too, and that is the one to tell.
    if ((issue.code === 'too_big' || issue.code === 'too_small') && issue.origin === 'int') continue;
    const place = issue.path.map(String).join('/');
    if (seen.has(place)) continue;
    seen.add(place);
    flaws.push({ path: issue.path, message: messageOf(issue, valueAt(data, issue.path), data) });
  }
  return flaws;
}

function messageOf(issue: Issue, found: unknown, data: unknown): string {
  if (found === undefined) return `is missing: ${missing(issue)}`;
  const is = `is ${excerpt(found)}`;
  switch (issue.code) {
    case 'invalid_type':
      return `${is}, but must be ${typeName(issue.expected)}${inHexadecimal(found)}`;
    case 'too_big':
      if (issue.origin === 'array') return `has ${lengthOf(found)} entries: at most ${issue.maximum}`;
      if (issue.origin === 'string') return `is ${lengthOf(found)} characters long: at most ${issue.maximum}`;
      return `${is}: at most ${issue.maximum}`;
    case 'too_small':
      if (issue.origin === 'array') return `has ${lengthOf(found)} entries: at least ${issue.minimum}`;
      if (issue.origin === 'string') return 'is empty: write a text';
      return `${is}: at least ${issue.minimum}`;
    case 'invalid_value':
      return `${is}, but must be ${oneOf(issue.values)}${elsewhere(issue.path, found)}${nearest(found, issue.values)}`;
    case 'invalid_union':
      return noSuch(issue.path, found, data);
    default:
      return `${is}, but must be one line without control characters`;
  }
}

function missing(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `write ${typeName(issue.expected)}`;
    case 'invalid_value':
      return `write ${oneOf(issue.values)}`;
    case 'invalid_union':
      return issue.path.at(-1) === 'do'
        ? 'write do: and the name of an operation'
        : 'write choice: and its name';
    default:
      return 'add it';
  }
}

/** Where the schema wants one of several kinds of entry, told apart by `do` or `choice`. */
function noSuch(path: readonly PropertyKey[], found: unknown, data: unknown): string {
  if (path.at(-1) === 'do')
    return `there is no operation ${excerpt(found)}${nearest(found, OPERATION_KINDS)}`;
  if (path.at(-1) !== 'choice') return `is ${excerpt(found)}, but must be fields in braces`;
  const list = path[0] === 'faults' ? 'faults' : 'schedule';
  if (typeof found === 'string' && Object.hasOwn(CHOICES, found)) {
    const other = list === 'faults' ? 'schedule' : 'faults';
    const take = valueAt(data, [...path.slice(0, -1), 'take']);
    const takes: readonly unknown[] = CHOICES[found as Choice][other];
    return `${found} does not stand under ${list}: ${takes.includes(take) ? 'move the entry to' : 'it is for'} ${other}`;
  }
  return `there is no choice ${excerpt(found)}${nearest(found, Object.keys(CHOICES))}`;
}

/** A take of the other list is a common slip. */
function elsewhere(path: readonly PropertyKey[], found: unknown): string {
  if (path.at(-1) !== 'take' || typeof found !== 'string') return '';
  const other = path[0] === 'faults' ? 'schedule' : 'faults';
  const fits = Object.values(CHOICES).some((choice) => choice[other].includes(found as Take));
  return fits ? `; ${found} stands under ${other}` : '';
}

function unknownField(key: string, path: readonly PropertyKey[], data: unknown): string {
  const entry = valueAt(data, path);
  const kind = path[0] === 'operations' && path.length === 2 ? valueAt(entry, ['do']) : undefined;
  if (typeof kind === 'string' && Object.hasOwn(OPERATIONS, kind)) {
    const known = ['id', 'thread', 'do', ...OPERATIONS[kind as OperationKind].arguments];
    const takes = known.slice(3).join(', ');
    return `means nothing to ${kind}${takes === '' ? ': remove it' : `, which takes ${takes}`}${nearest(key, known)}`;
  }
  const choice = valueAt(entry, ['choice']);
  if (typeof choice === 'string' && (key === 'subject' || key === 'amount')) {
    return `means nothing to choice: ${quote(choice)}: remove it`;
  }
  const owner = path.length === 0 ? 'a scenario' : describePath(path, data);
  return `is not a field of ${owner}${nearest(key, fieldsAt(path[0], path.length))}`;
}

function typeName(expected: string): string {
  switch (expected) {
    case 'int':
    case 'number':
      return 'a whole number';
    case 'boolean':
      return 'true or false';
    case 'string':
      return 'a text (in quotes, if it looks like a number)';
    case 'array':
      return 'a list';
    default:
      return 'fields, each with a name';
  }
}

/** YAML has no binary numbers, and masks invite them. */
function inHexadecimal(found: unknown): string {
  const bits = typeof found === 'string' ? /^0b([01]{1,16})$/.exec(found)?.[1] : undefined;
  return bits === undefined ? '' : `; write 0x${Number.parseInt(bits, 2).toString(16)}`;
}

function oneOf(values: readonly z.core.util.Primitive[]): string {
  const numbers = values.filter((value): value is number => typeof value === 'number' && value !== 0);
  if (numbers.length > 1) {
    const zero = values.includes(0) ? '0 or ' : '';
    return `${zero}a power of two from ${Math.min(...numbers)} to ${Math.max(...numbers)}`;
  }
  return values.length === 1 ? String(values[0]) : `one of ${values.map(String).join(', ')}`;
}

/** Shows what was found, shortened and without anything that could disturb a terminal. */
function excerpt(value: unknown): string {
  if (value === null) return 'empty';
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'a group of fields';
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' || Array.isArray(value) ? value.length : 0;
}

/** `; did you mean x?` if one of the candidates is at most two slips away. */
function nearest(found: unknown, candidates: readonly unknown[]): string {
  if (typeof found !== 'string' || found.length > QUOTE_MAX) return '';
  let best = '';
  let least = Math.min(3, Math.ceil(found.length / 2) + 1);
  for (const candidate of candidates) {
    if (typeof candidate !== 'string' || candidate === found) continue;
    const slips = distance(found.toLowerCase(), candidate.toLowerCase());
    if (slips < least) {
      least = slips;
      best = candidate;
    }
  }
  return best === '' ? '' : `; did you mean ${best}?`;
}

/** Letters to insert, remove or change (Levenshtein 1966). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
