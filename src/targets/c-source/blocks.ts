/**
 * Says which lines each step of control flow stands for, from the compiler's intermediate text. The compiler marks every basic
 * block with a word of memory; these words, function after function, are the numbers of the steps.
 */

/** A step of control flow: a basic block, or the way between two of them. */
export interface Block {
  /** Number of its word. */
  word: number;
  /** Lines of the source that it executes, ascending. */
  lines: number[];
  /** C function that it lies in. */
  function: string;
}

/** The words of a function: their name, and how many they are. */
const WORDS = /^@([\w.]+) = .*\[(\d+) x i32\] zeroinitializer, section "__sancov_guards"/;
/** A mark: the words of its function, and which of them unless it is the first. */
const MARK =
  /call void @__sanitizer_cov_trace_pc_guard\(ptr (?:getelementptr .*?)?@([\w.]+)(?:, i\d+ 0, i\d+ (\d+)\))?\)/;
/** Blocks that only report undefined behaviour are no part of the source. */
const REPORT = 'call void @__ubsan_handle_';

/** All blocks of a text that stand for lines of the source. */
export function readBlocks(text: string): Block[] {
  const lines = text.split('\n');
  const lineOf = readLocations(lines);
  const wordsOf = readWords(lines);
  const blocks: Block[] = [];
  let name = '';
  let block: { word: number; lines: Set<number>; report: boolean } | null = null;
  const finish = (): void => {
    if (block !== null && !block.report)
      blocks.push({ word: block.word, lines: [...block.lines].sort((a, b) => a - b), function: name });
    block = null;
  };
  for (const line of lines) {
    const begins = /^define .*?@([\w.$]+)\(/.exec(line);
    if (begins !== null) name = begins[1]!;
    // a label begins a block, a brace ends the function
    if (line === '}' || /^[\w.$-]+:/.test(line)) finish();
    const mark = MARK.exec(line);
    if (mark !== null) {
      block = { word: wordsOf.get(mark[1]!)! + Number(mark[2] ?? 0), lines: new Set(), report: false };
      continue;
    }
    if (block === null) continue;
    if (line.includes(REPORT)) block.report = true;
    const location = /!dbg !(\d+)/.exec(line);
    const at = location === null ? undefined : lineOf.get(Number(location[1]));
    if (at !== undefined && !line.includes('!nosanitize')) block.lines.add(at);
  }
  return blocks;
}

/** The first word of each function, by the name of its words. */
function readWords(lines: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  let next = 0;
  for (const line of lines) {
    const match = WORDS.exec(line);
    if (match === null) continue;
    found.set(match[1]!, next);
    next += Number(match[2]);
  }
  return found;
}

/** Line by number of the metadata node; line 0 is the compiler's own. */
function readLocations(lines: readonly string[]): Map<number, number> {
  const found = new Map<number, number>();
  for (const line of lines) {
    const match = /^!(\d+) = (?:distinct )?!DILocation\(line: (\d+)/.exec(line);
    if (match !== null && match[2] !== '0') found.set(Number(match[1]), Number(match[2]));
  }
  return found;
}
