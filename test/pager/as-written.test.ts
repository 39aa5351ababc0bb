/**
 * Guards that the form as written does what the original text does and nothing besides, where the properties do not see it:
 * calls into the kernel, and the widths of its arithmetic.
 */
import { expect, it } from 'vitest';
import type { PagerKernel } from '../../src/kernel/boundary.ts';
import { Context } from '../../src/pager/context.ts';
import { makeDefects } from '../../src/pager/defects.ts';
import { parseScenario } from '../../src/scenario/codec.ts';
import { createReferenceTarget } from '../../src/targets/reference.ts';
import { compose } from '../../src/trace/compose.ts';
import { Recorder } from '../../src/trace/recorder.ts';
import { formatRecord } from '../../src/trace/text.ts';

/** Calls into the kernel during a get of a page with one valid chunk, from blocks of half a page. */
function callsOfPartialGet(form: string): string[] {
  const { scenario } = parseScenario(
    `version: 1
target: { form: ${form} }
fileSystems:
  - { blockMap: disk, blockSize: 2048 }
files:
  - { size: 4096 }
operations:
  - { id: 1, do: get, page: 0, valid: 0x01 }
`,
    'partial.yaml',
  );
  const recorder = new Recorder();
  createReferenceTarget().execute(scenario!, compose([recorder]));
  return recorder.records
    .map((record, i) => formatRecord(record, i))
    .filter((line) => line.includes(' call '));
}

it('does not look for modifications before it reads small blocks (571-653)', () => {
  const hasTestDirty = (lines: string[]): boolean =>
    lines.some((line) => line.includes('vm_page_test_dirty'));
  expect(hasTestDirty(callsOfPartialGet('repaired'))).toBe(true);
  const asWritten = callsOfPartialGet('as-written');
  expect(asWritten.some((line) => line.includes('VOP_BMAP'))).toBe(true);
  expect(hasTestDirty(asWritten)).toBe(false);
});

it('cuts the size of a transfer to an int, also where the file ends far below (868-870)', () => {
  const context = new Context({ pageSize: 4096 } as PagerKernel, makeDefects(true));
  const below = (foff: number, vnpSize: number): number => context.sizeBelowEof(foff, 4096, vnpSize, true);
  expect(below(0x2000, 0x2800)).toBe(0x800);
  expect(below(0x3000, 0x1000)).toBe(-0x2000);
  expect(below(0x90000000, 0x1000)).toBe(0x70001000);
});
