/** Guards the console's text: it is part of the trace that is compared with the reference pager's. */
import { describe, expect, it } from 'vitest';
import { CMemory } from '../../../src/targets/c-source/memory.ts';
import { format, message } from '../../../src/targets/c-source/printf.ts';

const BASE = 4096;

function memoryWith(text: string, args: readonly (number | string)[]): [CMemory, number, number] {
  const memory = new CMemory(new ArrayBuffer(32 * 1024 * 1024), BASE, 2 * BASE);
  let at = BASE;
  const put = (string: string): number => {
    const from = at;
    for (let i = 0; i < string.length; i++) memory.u8[at++] = string.charCodeAt(i);
    memory.u8[at++] = 0;
    at = (at + 3) & ~3;
    return from;
  };
  const formatAt = put(text);
  const words = args.map((arg) => (typeof arg === 'string' ? put(arg) : arg));
  for (const [i, word] of words.entries()) memory.i32[(at >> 2) + i] = word;
  return [memory, formatAt, at];
}

describe('printf', () => {
  it.each([
    ['plain\n', [], 'plain\n'],
    ['%d and %u', [-1, -1], '-1 and 4294967295'],
    ['0x%x, %lx, %08X', [0x80000000 | 0, 255, 16], '0x80000000, ff, 10'],
    ['%s is %c%%', ['this', 65], 'this is A%'],
    ['%f', [], '%f'],
  ])('formats %j', (text, args, expected) => {
    expect(format(...memoryWith(text, args))).toBe(expected);
  });

  it('ends a message where its line ends', () => {
    expect(message('a\n')).toBe('a');
    expect(message('a\nb')).toBe('a\nb');
  });
});
