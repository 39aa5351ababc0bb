/**
 * What is wrong with a text that cannot be a pager, in one line. Compiler and linker would say it in many, and in words about
 * files that nobody has written; where they know better, as of errors in C, they are left to speak.
 */
import { CSourceError } from './tools.ts';

/** What no text in C holds: tabs, ends of lines and form feeds are fine, and so is whatever encoding comments have. */
const NO_TEXT = /[^\P{Cc}\t\n\v\f\r\u0080-\u009f]/u;

/** Refuses what is no text at all. @throws CSourceError */
export function requireText(source: string, name: string): void {
  if (source.trim() === '') throw new CSourceError(`${name}: is empty; give the C text of a pager`);
  if (NO_TEXT.test(source)) throw new CSourceError(`${name}: is no text; give the C text of a pager`);
}

/** What the linker says of a pager, by which name it is about. */
const EXPORTED = /^wasm-ld: error: symbol exported via --export not found: (\w+)$/;
const USED = /^wasm-ld: error: pager\.o: undefined symbol: (\w+)$/;
/** What the shim asks of the compiler's marks; a text without any code has none. */
const OF_THE_SHIM = /^wasm-ld: error: kernel\.o: undefined symbol: __(start|stop)___sancov_guards$/;

/** What the linker said, for the one who wrote the text; null if it said something else as well. */
export function linkComplaint(name: string, said: string): string | null {
  const lacking = new Set<string>();
  const unknown = new Set<string>();
  for (const line of said.split('\n')) {
    const exported = EXPORTED.exec(line);
    const used = USED.exec(line);
    if (exported !== null) lacking.add(exported[1]!);
    else if (used !== null) unknown.add(used[1]!);
    else if (!OF_THE_SHIM.test(line)) return null;
  }
  const complaints = [];
  if (lacking.size > 0) complaints.push(`does not define ${[...lacking].join(', ')}, which a pager must`);
  const strangers = [...unknown].filter((one) => !lacking.has(one));
  if (strangers.length > 0)
    complaints.push(`uses ${strangers.join(', ')}, which neither it nor the simulated kernel defines`);
  return complaints.length === 0 ? null : `${name}: ${complaints.join('; ')}`;
}
