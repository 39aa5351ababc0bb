/**
 * Numbers the steps of control flow in the compiler's intermediate text, and says which lines each of them stands for. The
 * compiler marks every basic block for us; the marks become calls with a number, which count steps and note what was reached.
 */

/** A step of control flow: a basic block, or the way between two of them. */
export interface Block {
  /** Lines of the source that it executes, ascending. */
  lines: number[];
  /** C function that it lies in. */
  function: string;
}

/** The rewritten text, and what its numbers mean. */
export interface Instrumented {
  text: string;
  blocks: Block[];
}

const MARK = /call void @__sanitizer_cov_trace_pc_guard\(ptr .*?\)(?= #| *,|$)/;
/** Blocks that only report undefined behaviour are no part of the source. */
const REPORT = 'call void @__ubsan_handle_';

/** Gives every marked block a number. */
export function instrument(text: string): Instrumented {
  const lines = text.split('\n');
  const lineOf = readLocations(lines);
  const blocks: Block[] = [];
  let name = '';
  let block: { mark: number; lines: Set<number>; report: boolean } | null = null;
  const finish = (): void => {
    if (block === null) return;
    const mark = lines[block.mark]!;
    if (block.report) {
      lines[block.mark] = '';
    } else {
      lines[block.mark] = mark.replace(MARK, `call void @pc_block(i32 ${blocks.length})`);
      blocks.push({ lines: [...block.lines].sort((a, b) => a - b), function: name });
    }
    block = null;
  };
  for (const [index, line] of lines.entries()) {
    const begins = /^define .*?@([\w.$]+)\(/.exec(line);
    if (begins !== null) name = begins[1]!;
    // a label begins a block, a brace ends the function
    if (line === '}' || /^[\w.$-]+:/.test(line)) finish();
    if (MARK.test(line)) block = { mark: index, lines: new Set(), report: false };
    if (block === null) continue;
    if (line.includes(REPORT)) block.report = true;
    const location = /!dbg !(\d+)/.exec(line);
    const at = location === null ? undefined : lineOf.get(Number(location[1]));
    if (at !== undefined && !line.includes('!nosanitize') && !MARK.test(line)) block.lines.add(at);
  }
  return { text: `${lines.join('\n')}\ndeclare void @pc_block(i32)\n`, blocks };
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
