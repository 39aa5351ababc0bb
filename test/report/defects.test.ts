/** Guards that the printed catalogue says all there is within 100 columns, and that its JSON is the documented one. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LAWFUL } from '../../src/pager/lawful.ts';
import { NO_COLORS } from '../../src/report/colors.ts';
import { DEFECTS_JSON, formatDefects, joinDefects, type DefectsJson } from '../../src/report/defects.ts';
import type { KnownDefect } from '../../src/engine/known-defects.ts';

const about = { lines: '1103-1117', contract: '13.6 Q6', symptom: 'bytes that are not valid are written' };
const known: KnownDefect = {
  id: 'output-small-invalid-bytes',
  property: 'invalid-bytes-not-written',
  operations: 1,
  needs: [],
  reachable: 'direct',
  seed: 3,
  suite: 'put',
  varied: false,
  run: 17,
};
const needing: KnownDefect = { ...known, id: 'b', needs: ['a', 'c'], reachable: 'caller' };
const all: DefectsJson = {
  format: 1,
  defects: joinDefects(
    ['output-small-invalid-bytes', 'unfound', 'b'].map((id) => ({ id, ...about })),
    [needing, known],
    (id) => `corpus/${id}.yaml`,
  ),
  lawful: [...LAWFUL],
};

describe('the catalogue', () => {
  it('joins what was found with what is written of it, in the order of the switches', () => {
    expect(all.defects).toEqual([
      { ...known, ...about, file: 'corpus/output-small-invalid-bytes.yaml' },
      { ...needing, ...about, file: 'corpus/b.yaml' },
    ]);
  });

  it('reads like this, and fits into 100 columns', () => {
    const lines = formatDefects({ ...all, lawful: all.lawful.slice(0, 2) }, NO_COLORS);
    expect(`\n${lines.join('\n')}\n`).toMatchSnapshot();
    expect(formatDefects(all, NO_COLORS).filter((line) => line.length > 100)).toEqual([]);
  });

  it('has the JSON that the schema says and the documentation describes', () => {
    expect(DEFECTS_JSON.parse(JSON.parse(JSON.stringify(all)))).toEqual(all);
    const text = readFileSync(new URL('../../docs/json.md', import.meta.url), 'utf8');
    const names = new Set([all, ...all.defects, ...all.lawful].flatMap((one) => Object.keys(one)));
    expect([...names].filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });
});
