/**
 * From a scenario to the text of a file: canonical, so that equal scenarios give equal text, one operation a line. What decides
 * about the world is written out even where it is the default; of an operation or exception only what departs from 0. A brief
 * text, for reports, leaves defaults out. The scenario is taken as it is; whether it may be read again is for `checkScenario`
 * to say.
 */
import { OPERATIONS } from './operations.ts';
import { DEFAULT_GEOMETRY, SCENARIO_VERSION } from './scenario.ts';
import type {
  Exception,
  Expectation,
  FileSpec,
  FileSystem,
  Geometry,
  MediaFault,
  Operation,
  Scenario,
  TargetChoice,
  WorldOptions,
} from './scenario.ts';
import { OTHER, scenarioFile } from './schema.ts';

/** A file with more extents than this gets a line for each. */
const EXTENTS_INLINE = 4;

/** Longest comment that is written, in characters. */
const COMMENT_MAX = 16 * 1024;

/** The sections of a file, in their order. */
export const SECTIONS = [
  'version',
  'target',
  'expect',
  'geometry',
  'options',
  'fileSystems',
  'files',
  'threads',
  'operations',
  'schedule',
  'faults',
  'media',
] as const satisfies readonly (keyof Scenario)[];
export type Section = (typeof SECTIONS)[number];

/** Writes a scenario; the lines of `comment` come first. */
export function formatScenario(scenario: Scenario, comment?: string): string {
  const lines = comment === undefined ? [] : formatComment(comment);
  for (const section of SECTIONS) lines.push(...formatSection(scenario, section));
  return `${lines.join('\n')}\n`;
}

/** What a file has that says no more than it must. */
const DEFAULTS = scenarioFile.parse({
  version: SCENARIO_VERSION,
  fileSystems: [{ blockMap: 'disk', blockSize: DEFAULT_GEOMETRY.pageSize }],
  files: [{ size: 0 }],
  operations: [],
  media: [{ sector: 0 }],
});

/**
 * Writes a scenario without fields that have their default, and without what it is kept for: what is left is what matters. It is
 * read as an equal scenario.
 */
export function formatBriefly(scenario: Scenario): string {
  const lines: string[] = [];
  for (const section of SECTIONS) lines.push(...briefSection(scenario, section));
  return `${lines.join('\n')}\n`;
}

function briefSection(scenario: Scenario, section: Section): string[] {
  const whole = (list: Field[], defaults: object): string[] => {
    const rest = departing(list, defaults);
    return rest.length === 0 ? [] : [`${section}: ${fields(rest)}`];
  };
  const each = (lists: Field[][], defaults: object, ...always: string[]): string[] =>
    lists.length === 0
      ? []
      : [`${section}:`, ...lists.map((list) => `  - ${fields(departing(list, defaults, always))}`)];
  switch (section) {
    case 'expect':
      return [];
    case 'threads':
      return scenario.threads === DEFAULTS.threads ? [] : formatSection(scenario, section);
    case 'target':
      return whole(targetFields(scenario.target), { ...DEFAULTS.target, switches: '[]' });
    case 'geometry':
      return whole(geometryFields(scenario.geometry), DEFAULTS.geometry);
    case 'options':
      return whole(optionFields(scenario.options), DEFAULTS.options);
    case 'fileSystems':
      return each(
        scenario.fileSystems.map(fileSystemFields),
        DEFAULTS.fileSystems[0]!,
        'blockMap',
        'blockSize',
      );
    case 'files':
      return [`${section}:`, ...scenario.files.flatMap((file) => indent(briefFile(file)))];
    case 'media':
      return each(scenario.media.map(mediaFields), DEFAULTS.media[0]!, 'sector');
    case 'version':
    case 'operations':
    case 'schedule':
    case 'faults':
      return formatSection(scenario, section);
  }
}

/** The fields that are not what they would be if they were left out. */
function departing(list: Field[], defaults: object, always: readonly string[] = []): Field[] {
  const known = new Map<string, unknown>(Object.entries(defaults));
  return list.filter(([name, value]) => always.includes(name) || known.get(name) !== value);
}

function briefFile(file: FileSpec): string[] {
  const lines = formatFile(file);
  if (file.fileSystem !== DEFAULTS.files[0]!.fileSystem) return lines;
  // a file of many extents has a line for each field
  return lines.length === 1
    ? [lines[0]!.replace('fileSystem: 0, ', '')]
    : [lines[1]!.replace('  size', '- size'), ...lines.slice(2)];
}

/** The lines of one section; none if it is left out. */
export function formatSection(scenario: Scenario, section: Section): string[] {
  const entries = formatEntries(scenario, section);
  if (entries !== undefined) {
    if (entries.length > 0) return [`${section}:`, ...entries.flatMap((entry) => indent(entry))];
    return section === 'operations' ? ['operations: []'] : [];
  }
  const value = formatValue(scenario, section);
  return value === undefined ? [] : [`${section}: ${value}`];
}

/** The entries of a section that is a list, each as its lines without indentation; undefined for other sections. */
export function formatEntries(scenario: Scenario, section: Section): string[][] | undefined {
  switch (section) {
    case 'fileSystems':
      return scenario.fileSystems.map((fs) => [`- ${fields(fileSystemFields(fs))}`]);
    case 'files':
      return scenario.files.map(formatFile);
    case 'operations': {
      const { pageSize, sectorSize } = scenario.geometry;
      const digits = Math.ceil(pageSize / sectorSize / 4);
      return scenario.operations.map((operation) => [`- ${fields(operationFields(operation, digits))}`]);
    }
    case 'schedule':
    case 'faults':
      return scenario[section].map((exception) => [`- ${fields(exceptionFields(exception))}`]);
    case 'media':
      return scenario.media.map((fault) => [`- ${fields(mediaFields(fault))}`]);
    default:
      return undefined;
  }
}

function formatValue(scenario: Scenario, section: Section): string | undefined {
  switch (section) {
    case 'version':
      return String(scenario.version);
    case 'threads':
      return String(scenario.threads);
    case 'geometry':
      return fields(geometryFields(scenario.geometry));
    case 'options':
      return fields(optionFields(scenario.options));
    case 'target':
      return fields(targetFields(scenario.target));
    case 'expect':
      return scenario.expect === undefined ? undefined : fields(expectationFields(scenario.expect));
    default:
      return undefined;
  }
}

/** Breaks a comment into lines that begin with `#`; an endless one is cut, so that the file can be read again. */
function formatComment(comment: string): string[] {
  // What a text must not contain would make the file unreadable, even in a comment.
  const plain = comment
    .slice(0, COMMENT_MAX)
    .replaceAll(/[^\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/gu, ' ');
  return plain.split('\n').map((line) => `# ${line}`.trimEnd());
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

type Field = [name: string, value: string | number | boolean];

/** Writes fields in braces; strings must be YAML already. */
function fields(list: readonly Field[]): string {
  return `{ ${list.map(([name, value]) => `${name}: ${value}`).join(', ')} }`;
}

function geometryFields(geometry: Geometry): Field[] {
  const { pageSize, sectorSize, frames, pbufs, mapPages, diskSectors, cachedObjects } = geometry;
  return [
    ['pageSize', pageSize],
    ['sectorSize', sectorSize],
    ['frames', frames],
    ['pbufs', pbufs],
    ['mapPages', mapPages],
    ['diskSectors', diskSectors],
    ['cachedObjects', cachedObjects],
  ];
}

function optionFields({ diagnostic, faultChecksSize }: WorldOptions): Field[] {
  return [
    ['diagnostic', diagnostic],
    ['faultChecksSize', faultChecksSize],
  ];
}

function fileSystemFields(fs: FileSystem): Field[] {
  return [
    ['blockMap', fs.blockMap],
    ['blockSize', fs.blockSize],
    ['pastEnd', fs.pastEnd],
    ['fragmentSize', fs.fragmentSize],
    ['sharedBuffers', fs.sharedBuffers],
    ['truncateOrder', fs.truncateOrder],
    ['tail', fs.tail],
    ['clearsTail', fs.clearsTail],
    ...(fs.delayedBlocks ? [['delayedBlocks', true] as Field] : []),
  ];
}

function formatFile({ fileSystem, size, extents }: FileSpec): string[] {
  const list = extents?.map(({ block, sector, count }) =>
    fields([
      ['block', block],
      ['sector', sector],
      ['count', count],
    ]),
  );
  const own: Field[] = [
    ['fileSystem', fileSystem],
    ['size', size],
  ];
  if (list === undefined) return [`- ${fields(own)}`];
  if (list.length <= EXTENTS_INLINE) return [`- ${fields([...own, ['extents', `[${list.join(', ')}]`]])}`];
  return [
    `- fileSystem: ${fileSystem}`,
    `  size: ${size}`,
    '  extents:',
    ...list.map((extent) => `    - ${extent}`),
  ];
}

function operationFields(operation: Operation, maskDigits: number): Field[] {
  const { id, thread, kind } = operation;
  const list: Field[] = [['id', id]];
  if (thread !== 0) list.push(['thread', thread]);
  list.push(['do', kind]);
  for (const argument of OPERATIONS[kind].arguments) {
    const value = operation[argument];
    switch (argument) {
      case 'file':
      case 'page':
      case 'offset':
      case 'length':
        list.push([argument, value]);
        break;
      case 'valid':
      case 'dirty':
        if (value !== 0) list.push([argument, `0x${value.toString(16).padStart(maskDigits, '0')}`]);
        break;
      case 'other':
        if (value !== 0 || OTHER[kind] !== 'mode') list.push([argument, value]);
        break;
      case 'before':
      case 'count':
        if (value !== 0) list.push([argument, value]);
        break;
    }
  }
  return list;
}

function exceptionFields(exception: Exception): Field[] {
  const { operation, thread, choice, subject, ordinal, take, amount } = exception;
  const list: Field[] = [['operation', operation]];
  if (thread !== 0) list.push(['thread', thread]);
  list.push(['choice', choice]);
  if (subject !== 0) list.push(['subject', subject]);
  if (ordinal !== 0) list.push(['ordinal', ordinal]);
  list.push(['take', take]);
  if (amount !== 0 || take === 'run') list.push(['amount', amount]);
  return list;
}

function mediaFields({ sector, count, access }: MediaFault): Field[] {
  return [
    ['sector', sector],
    ['count', count],
    ['access', access],
  ];
}

function targetFields({ name, form, switches }: TargetChoice): Field[] {
  return [
    ['name', formatText(name)],
    ['form', form],
    ['switches', `[${switches.map(formatText).join(', ')}]`],
  ];
}

function expectationFields({ property, cause }: Expectation): Field[] {
  return [
    ['property', formatText(property)],
    ['cause', formatText(cause)],
  ];
}

/** Words that start like words and are made of what means nothing to YAML. */
const PLAIN_TEXT = /^(?:\.{0,2}\/)?[A-Za-z_][\w./@+-]*(?: [\w./@+-]*[A-Za-z][\w./@+-]*)*$/;
const NOT_TEXT = /^(?:true|false|null)$/i;

/** Writes a text so that it is read as a text. */
function formatText(text: string): string {
  if (PLAIN_TEXT.test(text) && !NOT_TEXT.test(text)) return text;
  return JSON.stringify(text).replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
