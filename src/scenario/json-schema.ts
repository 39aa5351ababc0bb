/**
 * The schema of scenario files as JSON Schema, for editors that check and complete while somebody writes. It says what can be
 * said of single fields; what must fit together is only checked on reading.
 */
import { z } from 'zod';
import { scenarioFile } from './schema.ts';

/** Draft 7, which editors know best. Plain data, in a fixed order. */
export function scenarioJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(scenarioFile, { io: 'input', target: 'draft-7' });
  return { $schema, title: 'pagercheck scenario', ...schema };
}

/** The same as the text of a file. */
export function scenarioJsonSchemaText(): string {
  return `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`;
}
