/**
 * Transcripts in documentation: blocks fenced as `console`, in which a line `$ command` is followed by what it prints. They are
 * compared with what the command prints today; a line `...` stands for any number of lines, and figures count for nothing.
 */

/** One command and what the documentation says it prints. */
export interface Transcript {
  command: string;
  /** Line of the command in the document, from 1. */
  line: number;
  printed: string[];
}

/** Finds the transcripts of a Markdown text. */
export function findTranscripts(text: string): Transcript[] {
  const found: Transcript[] = [];
  let inside = false;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.startsWith('```')) inside = line === '```console';
    else if (inside && line.startsWith('$ '))
      found.push({ command: line.slice(2), line: index + 1, printed: [] });
    else if (inside && found.length > 0) found.at(-1)!.printed.push(line);
  }
  for (const transcript of found) {
    while (transcript.printed.at(-1) === '') transcript.printed.pop();
  }
  return found;
}

/**
 * What is left of a line without its figures: numbers, bytes, times, names of counterexamples, and the widths of columns. They
 * change with every change of the generators; the words around them are what a reader relies on.
 */
export function wordsOf(line: string): string {
  return line
    .replaceAll(/\b\d+\.\d\d? s\b|\b\d+ min \d\d s\b/g, 'TIME')
    .replaceAll(/-[0-9a-f]{8}\.yaml/g, '-HASH.yaml')
    .replaceAll(/\[[^\]a-z]*[\da-f/ -]*\]/g, '[#]')
    .replaceAll(/(?<![\d,.])\b(0x)?[0-9a-f]{2}\b(?![,.]\d)|\d+([,.]\d+)*/g, '#')
    .replaceAll(/#( #)+/g, '#')
    .replaceAll(/\b(operation|run|failure|byte|event)s\b/g, '$1')
    .replaceAll(/ +/g, ' ')
    .trimEnd();
}

/** Whether lines are what a pattern of lines says, `...` standing for any number of them; if not, the first that is missing. */
export function firstMismatch(pattern: readonly string[], lines: readonly string[]): string | null {
  let at = 0;
  let isFree = false;
  for (const expected of pattern) {
    if (expected === '...') {
      isFree = true;
      continue;
    }
    const wanted = wordsOf(expected);
    if (isFree) {
      while (at < lines.length && wordsOf(lines[at]!) !== wanted) at += 1;
    }
    if (at >= lines.length || wordsOf(lines[at]!) !== wanted) return expected;
    at += 1;
    isFree = false;
  }
  return isFree || at === lines.length ? null : `(nothing, instead of) ${lines[at]}`;
}

/** The text with every transcript replaced by what its command printed; `...` is kept where the lines around it still match. */
export function rewrite(text: string, outputs: ReadonlyMap<number, readonly string[]>): string {
  const result: string[] = [];
  let skipping = false;
  const blocks = new Map(findTranscripts(text).map((transcript) => [transcript.line, transcript]));
  for (const [index, line] of text.split('\n').entries()) {
    const transcript = blocks.get(index + 1);
    if (transcript !== undefined) {
      const output = outputs.get(index + 1);
      skipping = output !== undefined;
      result.push(line);
      if (output !== undefined) {
        // What was shortened by hand is left as it is, as long as it is right.
        const isSame =
          transcript.printed.includes('...') && firstMismatch(transcript.printed, output) === null;
        result.push(...(isSame ? transcript.printed : output));
      }
    } else if (line.startsWith('```')) {
      skipping = false;
      result.push(line);
    } else if (!skipping) {
      result.push(line);
    }
  }
  return result.join('\n');
}
