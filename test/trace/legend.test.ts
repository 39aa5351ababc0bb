/** Guards the legend of the trace: every event that a trace can show is explained there. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { TRACE_EVENT_NAMES } from '../../src/trace/text.ts';

it('explains every event', () => {
  const legend = readFileSync(new URL('../../docs/trace.md', import.meta.url), 'utf8');
  const explained = [...legend.matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1]);
  const missing = Object.values(TRACE_EVENT_NAMES).filter((name) => !explained.includes(name));
  expect(missing).toEqual([]);
});
