/** The kernel's printf: formats what C passes, out of its memory. */
import type { CMemory } from './memory.ts';

/** The text of a format and its arguments, which lie one after the other at `args`. */
export function format(memory: CMemory, formatAt: number, args: number): string {
  let at = args >>> 0;
  const word = (): number => {
    const value = memory.i32[at >> 2] ?? 0;
    at += 4;
    return value;
  };
  const text = memory.text(formatAt);
  return text.replaceAll(/%[-#0 +]*\d*(?:\.\d+)?(?:h|ll|l|q)?([%a-zA-Z])/g, (whole, kind: string) => {
    switch (kind) {
      case '%':
        return '%';
      case 'd':
      case 'i':
        return String(word());
      case 'u':
        return String(word() >>> 0);
      case 'o':
        return (word() >>> 0).toString(8);
      case 'x':
      case 'X':
      case 'p':
        return (word() >>> 0).toString(16);
      case 'c':
        return String.fromCodePoint(word() & 0xff);
      case 's':
        return memory.text(word());
      default:
        return whole;
    }
  });
}

/** A message as a trace has it: without the end of its line. */
export function message(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}
