/**
 * Guards that what is published about scenario files is true: every example in the documentation can be read, the generated
 * tables and the JSON Schema are those of this build. `npx vitest run test/scenario -u` rewrites tables and schema; a change
 * of a default that shows up here changes what existing files mean.
 */
import { readFileSync } from 'node:fs';
import { test } from '@fast-check/vitest';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { formatProblem, formatScenario, parseScenario } from '../../src/scenario/codec.ts';
import { scenarioJsonSchema, scenarioJsonSchemaText } from '../../src/scenario/json-schema.ts';
import { OPERATION_KINDS } from '../../src/scenario/operations.ts';
import { BOUNDS } from '../../src/scenario/scenario.ts';
import { LINES_MAX, PROSE_MAX } from '../../src/scenario/yaml.ts';
import { scenarioArbitrary } from './arbitrary-scenario.ts';
import { TABLES } from './tables.ts';

const DOCUMENT = '../../docs/scenario-format.md';
const document = readFileSync(new URL(DOCUMENT, import.meta.url), 'utf8');
const examples = [...document.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1]!);

describe('the description of the format', () => {
  it.each(examples)('has examples that can be read: %#', (example) => {
    const problems = parseScenario(example, 'docs/scenario-format.md').problems ?? [];
    expect(problems.map(formatProblem)).toEqual([]);
  });

  it('has such examples', () => {
    expect(examples).toHaveLength(3);
  });

  it('holds the tables of this build', async () => {
    const filled = document.replaceAll(
      /(<!-- generated: (\w+) -->\n).*?(<!-- end -->)/gs,
      (_, begin: string, name: string, end: string) => `${begin}\n${TABLES[name]!()}\n\n${end}`,
    );
    for (const name of Object.keys(TABLES)) expect(filled).toContain(`<!-- generated: ${name} -->`);
    await expect(filled).toMatchFileSnapshot(DOCUMENT);
  });

  it('tells the bounds of this build', () => {
    expect(document).toContain(
      `${BOUNDS.fileBytes / 2 ** 20} MiB and ${LINES_MAX.toLocaleString('en')} lines`,
    );
    expect(document).toContain(`${PROSE_MAX / 1024} KiB in all`);
    expect(document).toContain(`at most ${BOUNDS.operationId} `);
    expect(document).toContain(`${BOUNDS.sectorsPerPage[0]} to ${BOUNDS.sectorsPerPage[1]} sectors`);
    expect(document).toContain(`at most ${BOUNDS.memoryBytes / 2 ** 20} MiB`);
    expect(document).toContain(`at most ${BOUNDS.touchedBytes / 2 ** 20} MiB in all`);
    expect(document).toContain(`at most ${BOUNDS.diskBytes / 2 ** 40} TiB`);
    expect(document).toContain(`at most ${BOUNDS.extents} extents`);
    expect(document).toContain(`at most ${BOUNDS.runPages} pages`);
  });
});

describe('the JSON Schema', () => {
  it('is the published one', async () => {
    await expect(scenarioJsonSchemaText()).toMatchFileSnapshot('../../docs/scenario.schema.json');
  });

  // Read back by the schema library, which is not what editors use but follows the same rules.
  const schema = z.fromJSONSchema(scenarioJsonSchema());

  test.prop([scenarioArbitrary])('takes every file that is written', (scenario) => {
    const data: unknown = parse(formatScenario(scenario));
    expect(schema.safeParse(data)).toMatchObject({ success: true });
  });

  it.each(OPERATION_KINDS)('refuses unknown fields of %s', (kind) => {
    const file = { version: 1, fileSystems: [{ blockMap: 'disk', blockSize: 512 }], files: [{ size: 0 }] };
    expect(schema.safeParse({ ...file, operations: [{ id: 1, do: kind }] }).success).toBe(true);
    expect(schema.safeParse({ ...file, operations: [{ id: 1, do: kind, unknown: 1 }] }).success).toBe(false);
    expect(schema.safeParse({ ...file, operations: [{ id: 0, do: kind }] }).success).toBe(false);
  });
});
