/**
 * From untrusted text to plain data, with the place of everything in it. It takes a careful part of YAML: one document
 * without anchors, aliases, tags and directives, nested no deeper than a scenario is. It never throws and its time is linear
 * in the length of the text; what the data mean is left to the schema.
 *
 * A large scenario is tens of thousands of lines like `- { id: 1, do: get, page: 2 }`, for which the YAML library needs a fifth
 * of a millisecond each. Such lines have one meaning in YAML wherever a list entry may stand, so they are read here and the
 * library sees a placeholder in their place; all other text is bounded tightly. A placeholder that turns up anywhere but as a
 * list entry (the line was inside a longer text) is refused. A test compares the data with those of the library alone.
 */
import {
  Composer,
  CST,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  Parser,
  type Document,
  type Node,
} from 'yaml';
import { quote, UNSHOWABLE } from './quote.ts';
import { BOUNDS } from './scenario.ts';

/** A place in a text; both count from 1. */
export interface Position {
  line: number;
  column: number;
}

/** What is wrong with a text, and where. */
export interface TextProblem extends Position {
  message: string;
}

/** Lines, both ends included, and the comment behind what stands on the last of them, with the blanks before it. */
export interface LineRange {
  first: number;
  last: number;
  comment: string;
}

/** Plain data, and where they stood. */
export interface YamlText {
  data: unknown;
  /**
   * Where the value at a path of keys and indices stands, or its key if `atKey`; the innermost thing around it if it is not
   * there.
   */
  locate(path: readonly PropertyKey[], atKey?: boolean): Position;
  /** The lines of a field of the outermost map, from its name on; undefined if it is not there or not on lines of its own. */
  sectionLines(name: string): LineRange | undefined;
  /** The lines of each entry of the list in such a field; undefined if they share lines with anything else. */
  entryLines(name: string): LineRange[] | undefined;
}

/** How much text may stand outside of one-line entries, in characters. */
export const PROSE_MAX = 128 * 1024;
/** How many lines a file may have. */
export const LINES_MAX = 100_000;
/** How many one-line entries the bounds allow altogether. */
const ENTRIES_MAX =
  BOUNDS.operations +
  BOUNDS.exceptions +
  BOUNDS.extents +
  BOUNDS.media +
  BOUNDS.files[1] +
  BOUNDS.fileSystems[1];
/** Levels of nesting: the file, files, a file, its extents, an extent, and a few more for what is refused later. */
const DEPTH_MAX = 8;

/** Longest part of the library's messages that is passed on; it may hold a piece of the text. */
const SAID_MAX = 120;

/** Stands for a line that was read here; not a character of any text (YAML 1.2, rule 1). */
const PLACEHOLDER = '\uffff';

const FORBIDDEN = /[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|\r(?!\n)/u;

const ENTRY_START = / *- \{ ?/y;
const ENTRY_PAIR = /([A-Za-z]+): (0x[0-9A-Fa-f]{1,12}|0|[1-9][0-9]{0,15}|[a-z]+(?:-[a-z]+)*)/y;
const ENTRY_NEXT = /, ?/y;
const ENTRY_END = / ?\}(?:[ \t]+#[^\r]*|[ \t]*)\r?$/y;
/** More fields than any entry has; a longer line is left to the library. */
const PAIRS_MAX = 16;
/** Words that are not texts in YAML. */
const RESERVED = new Set(['true', 'false', 'null']);

interface Pair {
  key: string;
  value: string;
  keyColumn: number;
  valueColumn: number;
}

/** Reads a line that is one list entry of plain words and numbers; undefined for any other. */
function readEntry(line: string): Pair[] | undefined {
  ENTRY_START.lastIndex = 0;
  if (!ENTRY_START.test(line)) return undefined;
  const pairs: Pair[] = [];
  let at = ENTRY_START.lastIndex;
  while (pairs.length < PAIRS_MAX) {
    ENTRY_PAIR.lastIndex = at;
    const match = ENTRY_PAIR.exec(line);
    if (match === null) return undefined;
    const key = match[1]!;
    const value = match[2]!;
    if (RESERVED.has(key.toLowerCase()) || RESERVED.has(value)) return undefined;
    pairs.push({ key, value, keyColumn: at + 1, valueColumn: at + key.length + 3 });
    at = ENTRY_END.lastIndex = ENTRY_NEXT.lastIndex = ENTRY_PAIR.lastIndex;
    if (ENTRY_END.test(line)) return pairs;
    if (!ENTRY_NEXT.test(line)) return undefined;
    at = ENTRY_NEXT.lastIndex;
  }
  return undefined;
}

function valueOf(word: string): string | number {
  return word.charCodeAt(0) <= 0x39 ? Number(word) : word;
}

/** Objects without a prototype: a key like `__proto__` is a key like any other. */
function emptyMap(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}

/** Reads a text. */
export function readYaml(text: string): { yaml: YamlText; problems?: never } | { problems: TextProblem[] } {
  try {
    return { yaml: new Reader(text).read() };
  } catch (thrown) {
    if (thrown instanceof Refusal) return { problems: thrown.problems };
    // Whatever the library throws on, for instance when its recursion ends.
    return { problems: [{ line: 1, column: 1, message: 'cannot be read as YAML: simplify it' }] };
  }
}

/** Ends the reading. */
class Refusal extends Error {
  readonly problems: TextProblem[];

  constructor(problems: TextProblem[]) {
    super('refused');
    this.problems = problems;
  }
}

class Reader implements YamlText {
  data: unknown;
  /** The text as the library sees it, and where its lines begin. */
  private skeleton = '';
  private readonly starts: number[] = [];
  /** Lines that were read here, by number. */
  private readonly entries = new Map<number, Pair[]>();
  private root: Node | null = null;
  private readonly problems: TextProblem[] = [];
  private readonly text: string;
  private lines: string[] | undefined;

  constructor(text: string) {
    this.text = text;
  }

  read(): YamlText {
    this.checkCharacters();
    this.takeEntries();
    this.checkTokens();
    this.root = this.compose();
    this.data = this.plain(this.root, 0);
    if (this.problems.length > 0) throw new Refusal(this.problems);
    return this;
  }

  private refuse(offset: number, message: string): never {
    throw new Refusal([{ ...this.position(offset), message }]);
  }

  private checkCharacters(): void {
    const { text } = this;
    if (text.length > BOUNDS.fileBytes) {
      throw new Refusal([
        { line: 1, column: 1, message: `the file is longer than ${BOUNDS.fileBytes} bytes: shorten it` },
      ]);
    }
    const match = FORBIDDEN.exec(text);
    if (match === null) return;
    const before = text.slice(0, match.index).split('\n');
    const code = match[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    throw new Refusal([
      {
        line: before.length,
        column: before.at(-1)!.length + 1,
        message: `the character U+${code} does not belong in a text: remove it`,
      },
    ]);
  }

  /** Fills `skeleton`, `starts` and `entries`. */
  private takeEntries(): void {
    const lines = this.text.split('\n', LINES_MAX + 1);
    if (lines.length > LINES_MAX) {
      this.refuseLine(LINES_MAX + 1, `more than ${LINES_MAX} lines: shorten the file`);
    }
    let prose = 0;
    let offset = 0;
    for (let i = 0; i < lines.length; i++) {
      let line = lines[i]!;
      const pairs = readEntry(line);
      if (pairs !== undefined) {
        this.entries.set(i + 1, pairs);
        if (this.entries.size > ENTRIES_MAX) {
          this.refuseLine(i + 1, `more than ${ENTRIES_MAX} entries: shorten the file`);
        }
        line = `${line.slice(0, line.indexOf('-'))}- ${PLACEHOLDER}`;
      } else {
        // Comments count too: a line that begins like one may stand in the middle of a text.
        prose += line.length;
        if (prose > PROSE_MAX) {
          this.refuseLine(
            i + 1,
            `more than ${PROSE_MAX} characters besides entries of one line: write each operation and exception ` +
              'on one line, like - { id: 1, do: get, page: 2 }, and shorten the comments',
          );
        }
      }
      lines[i] = line;
      this.starts.push(offset);
      offset += line.length + 1;
    }
    this.skeleton = lines.join('\n');
  }

  private refuseLine(line: number, message: string): never {
    throw new Refusal([{ line, column: 1, message }]);
  }

  /** The place of an offset in the skeleton, which is the same in the text. */
  private position(offset: number): Position {
    const { starts } = this;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  }

  /** Refuses, token by token, what scenarios have no use for and what would cost the library much time or depth. */
  private checkTokens(): void {
    let offset = 0;
    let depth = 0;
    let dashes = 0;
    let begun = false;
    let afterComma = false;
    let inScalar = false;
    for (const token of new Lexer().lex(this.skeleton)) {
      const at = offset;
      const type = inScalar ? 'scalar' : CST.tokenType(token);
      inScalar = token === CST.SCALAR;
      if (type !== 'doc-mode' && type !== 'flow-error-end' && !inScalar) offset += token.length;
      const wasAfterComma = afterComma;
      if (type !== 'space' && type !== 'newline') afterComma = type === 'comma';
      switch (type) {
        case 'anchor':
        case 'alias':
          this.refuse(at, 'anchors and aliases (& and *) are not taken: write the value out, or in quotes');
          break;
        case 'tag':
          this.refuse(at, 'tags (!) are not taken: remove it, or write the value in quotes');
          break;
        case 'directive-line':
          this.refuse(at, 'directives (%) are not taken: remove the line');
          break;
        case 'explicit-key-ind':
          this.refuse(at, 'keys with ? are not taken: write key: value');
          break;
        case 'doc-end':
          this.refuse(at, 'one file holds one scenario: remove the ... line');
          break;
        case 'doc-start':
          if (begun) this.refuse(at, 'one file holds one scenario: remove the second --- and what follows');
          begun = true;
          break;
        case 'flow-map-start':
        case 'flow-seq-start':
          if (++depth > DEPTH_MAX) this.refuse(at, 'nested deeper than any scenario: remove some brackets');
          break;
        case 'flow-map-end':
        case 'flow-seq-end':
          depth--;
          break;
        case 'seq-item-ind':
          if (++dashes > DEPTH_MAX) this.refuse(at, 'nested deeper than any scenario: remove some dashes');
          break;
        case 'comma':
          if (wasAfterComma) this.refuse(at, 'nothing stands between two commas: remove one');
          break;
        case 'newline':
          dashes = 0;
          break;
        case 'scalar':
          begun = true;
          break;
        default:
          break;
      }
    }
  }

  private compose(): Node {
    const tokens: CST.Token[] = [];
    for (const token of new Parser().parse(this.skeleton)) {
      if (token.type === 'error') this.refuse(token.offset, notYaml(token.message, ''));
      tokens.push(token);
    }
    const composer = new Composer({ version: '1.2', schema: 'core', merge: false, uniqueKeys: false });
    const documents = [...composer.compose(tokens, true, this.skeleton.length)] as Document.Parsed[];
    const document = documents[0];
    // The first one: the others mostly follow from it.
    const error = document?.errors[0];
    if (error !== undefined) this.refuse(error.pos[0], notYaml(error.message, error.code));
    if (documents.length > 1) this.refuse(documents[1]!.range[0], 'one file holds one scenario');
    const root = document?.contents ?? null;
    if (root === null || (isScalar(root) && root.value === null)) {
      this.refuse(0, 'the file is empty: a scenario begins with version: 1');
    }
    return root;
  }

  private report(node: Node | null, message: string): void {
    this.problems.push({ ...this.position(node?.range?.[0] ?? 0), message });
  }

  private plain(node: Node | null, depth: number): unknown {
    if (node === null) return null;
    if (depth > DEPTH_MAX) this.refuse(node.range?.[0] ?? 0, 'nested deeper than any scenario: indent less');
    if (isScalar(node)) return this.plainScalar(node.value, node);
    if (isSeq(node)) {
      return node.items.map((item) => {
        const pairs = this.entryOf(item as Node | null);
        return pairs === undefined
          ? this.plain(item as Node | null, depth + 1)
          : this.plainEntry(item as Node, pairs);
      });
    }
    if (!isMap(node)) {
      this.report(node, isAlias(node) ? 'aliases are not taken' : 'not a value of a scenario');
      return null;
    }
    const map = emptyMap();
    for (const pair of node.items) {
      const key = pair.key as Node | null;
      if (!isScalar(key) || typeof key.value !== 'string' || key.value.includes(PLACEHOLDER)) {
        this.report(key ?? node, 'a field needs a name: write name: value');
        continue;
      }
      if (key.value === '<<') this.report(key, 'merge keys (<<) are not taken: write the fields out');
      else if (key.value === '__proto__') this.report(key, 'unknown field "__proto__": remove it');
      else if (key.value in map) this.report(key, `${quote(key.value)} is there twice: remove one`);
      else map[key.value] = this.plain(pair.value as Node | null, depth + 1);
    }
    return map;
  }

  private plainScalar(value: unknown, node: Node): unknown {
    if (typeof value === 'string' && value.includes(PLACEHOLDER)) {
      this.report(node, 'a text goes on over a line that looks like a list entry: write it on one line');
      return null;
    }
    // Minus zero is zero: nothing in a scenario tells them apart.
    return value === 0 ? 0 : value;
  }

  private plainEntry(item: Node, pairs: Pair[]): unknown {
    const map = emptyMap();
    for (const { key, value, keyColumn } of pairs) {
      if (key in map) {
        const { line } = this.position(item.range![0]);
        this.problems.push({ line, column: keyColumn, message: `${quote(key)} is there twice: remove one` });
      }
      map[key] = valueOf(value);
    }
    return map;
  }

  /** The entry that a placeholder stands for. */
  private entryOf(item: Node | null): Pair[] | undefined {
    if (!isScalar(item) || item.value !== PLACEHOLDER) return undefined;
    return this.entries.get(this.position(item.range![0]).line);
  }

  locate(path: readonly PropertyKey[], atKey = false): Position {
    let node = this.root;
    let offset = node?.range?.[0] ?? 0;
    for (let i = 0; i < path.length; i++) {
      const step = path[i]!;
      const keyWanted = atKey && i === path.length - 1;
      const entry = this.entryOf(node);
      if (entry !== undefined) {
        const pair = entry.find((candidate) => candidate.key === step);
        const start = this.position(offset);
        return pair === undefined
          ? start
          : { line: start.line, column: keyWanted ? pair.keyColumn : pair.valueColumn };
      }
      let next: Node | null = null;
      if (isSeq(node)) next = (node.items[step as number] as Node | undefined) ?? null;
      else if (isMap(node)) {
        const pair = node.items.find((candidate) => isScalar(candidate.key) && candidate.key.value === step);
        if (pair === undefined) break;
        offset = (pair.key as Node).range![0];
        next = keyWanted ? null : (pair.value as Node | null);
      }
      if (next === null) break;
      node = next;
      offset = node.range?.[0] ?? offset;
    }
    return this.position(offset);
  }

  sectionLines(name: string): LineRange | undefined {
    if (!isMap(this.root) || this.root.flow === true) return undefined;
    const pair = this.root.items.find((candidate) => isScalar(candidate.key) && candidate.key.value === name);
    if (pair === undefined) return undefined;
    const start = this.position((pair.key as Node).range![0]);
    return start.column === 1 ? this.linesTo(start.line, (pair.value ?? pair.key) as Node) : undefined;
  }

  entryLines(name: string): LineRange[] | undefined {
    const list = isMap(this.root) ? this.root.get(name, true) : undefined;
    if (!isSeq(list) || list.flow === true) return undefined;
    const ranges: LineRange[] = [];
    for (const item of list.items as Node[]) {
      const { line, column } = this.position(item.range![0]);
      const start = this.starts[line - 1]!;
      if (!/^ *- *$/.test(this.skeleton.slice(start, start + column - 1))) return undefined;
      const range = this.linesTo(line, item);
      if (range === undefined) return undefined;
      ranges.push(range);
    }
    return ranges;
  }

  /** The lines up to the end of a value; undefined if anything but a comment follows it there. */
  private linesTo(firstLineNumber: number, value: Node): LineRange | undefined {
    const end = this.position(Math.max(value.range![0], endOf(value) - 1));
    const entry = this.entries.get(end.line);
    const after =
      entry === undefined
        ? this.lineAt(end.line).slice(end.column)
        : this.lineAt(end.line).slice(entry.at(-1)!.valueColumn - 1 + entry.at(-1)!.value.length);
    const match = /^(?: ?\})?(\s*(?:#[^\r]*)?)\r?$/.exec(after);
    if (match === null) return undefined;
    return { first: firstLineNumber, last: end.line, comment: match[1]!.trimEnd() };
  }

  private lineAt(line: number): string {
    this.lines ??= this.text.split('\n');
    return this.lines[line - 1]!;
  }
}

/** Where a value ends; what follows the last line of a block is not part of it. */
function endOf(node: Node): number {
  if (isMap(node) && node.flow !== true) {
    const last = node.items.at(-1);
    if (last !== undefined) return endOf((last.value ?? last.key) as Node);
  } else if (isSeq(node) && node.flow !== true) {
    const last = node.items.at(-1) as Node | undefined;
    if (last !== undefined) return endOf(last);
  }
  return node.range![1];
}

/** What the library says, and what to look for. */
function notYaml(message: string, code: string): string {
  const said = message.replace(/\n[^]*/, '').slice(0, SAID_MAX);
  return `not YAML: ${said.replaceAll(UNSHOWABLE, '?')}: ${remedyOf(message, code)}`;
}

function remedyOf(message: string, code: string): string {
  // Braces left open run into the next line and come out as wrongly indented.
  switch (message.startsWith('Flow') ? '' : code) {
    case 'TAB_AS_INDENT':
      return 'use blanks';
    case 'BAD_INDENT':
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'align it with its neighbours';
    default:
      return 'check commas, colons, quotes and brackets here and on the line above';
  }
}
