/** Numbers, durations and paragraphs as people read them; the same on every platform, whatever its language settings. */

/** Columns that every report fits into. */
export const COLUMNS = 100;

/** 1234567 as `1,234,567`. */
export function thousands(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 run`, `2 runs`, `1,000 runs`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${thousands(value)} ${value === 1 ? one : many}`;
}

/** A share in percent, `-` of nothing. */
export function share(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;
}

/** Milliseconds as `0.42 s`, `12.3 s`, `4 min 05 s`. */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 119.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** Breaks prose into lines of at most `columns`; a word that is longer stands alone. */
export function wrap(prose: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of prose.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}

/** Names with commas, the first few of many. */
export function someOf(names: readonly string[], max: number): string {
  const more = names.length - max;
  return names.slice(0, max).join(', ') + (more > 0 ? `, and ${thousands(more)} more (--json has all)` : '');
}

/** A label in a column of its own, and prose beside it. */
export function labelled(label: string, width: number, prose: string, indent = ''): string {
  const room = COLUMNS - indent.length - width;
  return wrap(prose, room)
    .map((line, i) => indent + (i === 0 ? label : '').padEnd(width) + line)
    .join('\n');
}
