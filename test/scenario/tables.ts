/**
 * The tables of `docs/scenario-format.md`, made from the schema and the tables of operations and choices, so that the text for
 * people and the reader of files cannot disagree.
 */
import { scenarioJsonSchema } from '../../src/scenario/json-schema.ts';
import { CHOICES, OPERATION_KINDS, OPERATIONS } from '../../src/scenario/operations.ts';
import { AMOUNTS, argumentMax, OTHER } from '../../src/scenario/schema.ts';
import type { Take } from '../../src/scenario/scenario.ts';

/** What the tables use of JSON Schema. */
interface JsonSchema {
  type?: string;
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
}

/** Each table by the name that the document calls it. */
export const TABLES: Record<string, () => string> = { fields, operations, choices };

function row(...cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function table(head: string[], rows: string[][]): string {
  return [row(...head), `|${'---|'.repeat(head.length)}`, ...rows.map((cells) => row(...cells))].join('\n');
}

const code = (text: unknown): string => `\`${String(text)}\``;

function fields(): string {
  const root = scenarioJsonSchema() as JsonSchema;
  const rows: string[][] = [];
  const add = (name: string, schema: JsonSchema, isRequired: boolean): void => {
    const otherwise = isRequired ? 'must be there' : defaultOf(schema);
    rows.push([code(name), valueOf(schema), otherwise, schema.description ?? '']);
    // Operations and exceptions have tables of their own.
    addAll(`${name}${schema.items === undefined ? '' : '[]'}.`, schema.items ?? schema);
  };
  const addAll = (prefix: string, { properties = {}, required = [] }: JsonSchema): void => {
    for (const [name, schema] of Object.entries(properties))
      add(prefix + name, schema, required.includes(name));
  };
  addAll('', root);
  return table(['field', 'value', 'if left out', 'meaning'], rows);
}

function valueOf(schema: JsonSchema): string {
  const numbers = schema.enum?.filter((value): value is number => typeof value === 'number' && value > 0);
  if (numbers !== undefined && numbers.length > 1) {
    return `${schema.enum!.includes(0) ? '0 or ' : ''}a power of two, ${numbers[0]} to ${bound(numbers.at(-1)!)}`;
  }
  if (schema.enum !== undefined) return schema.enum.map(code).join(', ');
  if (schema.const !== undefined) return code(schema.const);
  switch (schema.type) {
    case 'integer':
      return `${schema.minimum} to ${bound(schema.maximum!)}`;
    case 'boolean':
      return '`true`, `false`';
    case 'string':
      return `a line of 1 to ${schema.maxLength} characters`;
    case 'array':
      return `a list of ${schema.minItems === undefined ? 'up to' : `${schema.minItems} to`} ${schema.maxItems}`;
    default:
      return 'fields';
  }
}

function defaultOf(schema: JsonSchema): string {
  if (schema.default === undefined) return 'nothing';
  if (Array.isArray(schema.default)) return 'empty';
  return typeof schema.default === 'object' ? 'all defaults' : code(schema.default);
}

/** Large bounds as powers of two. */
function bound(value: number): string {
  if (value < 2 ** 20) return String(value);
  const power = Math.log2(value);
  if (Number.isInteger(power)) return `2^${power}`;
  return Number.isInteger(Math.log2(value + 1)) ? `2^${Math.log2(value + 1)} - 1` : String(value);
}

function operations(): string {
  const other = {
    mode: 'mode',
    file: 'a file',
    fileSystem: 'a file system',
    fileSystems: 'a file system, or all',
  };
  return table(
    ['operation', 'arguments, with their largest values', 'what it does'],
    OPERATION_KINDS.map((kind) => [
      code(kind),
      OPERATIONS[kind].arguments
        .map((argument) => {
          const means = argument === 'other' ? ` (${other[OTHER[kind]!]})` : '';
          return `${code(argument)}${means} ${bound(argumentMax(kind, argument))}`;
        })
        .join(', '),
      OPERATIONS[kind].does,
    ]),
  );
}

function choices(): string {
  const takes = (list: readonly Take[]): string => list.map(code).join(', ');
  const amounts = Object.entries(AMOUNTS).map(([take, { means }]) => `- ${code(take)}: ${means}`);
  return [
    table(
      ['choice', 'about', 'takes under `schedule`', 'takes under `faults`', 'what happens'],
      Object.entries(CHOICES).map(([choice, { schedule, faults, subject, does }]) => [
        code(choice),
        subject === 'file' ? 'a file' : '',
        takes(schedule),
        takes(faults),
        does,
      ]),
    ),
    '',
    'What `amount` counts:',
    '',
    ...amounts,
  ].join('\n');
}
