/**
 * A trace as text: one line of `TRACE_WIDTH` characters an event, in fixed columns, so that traces can be searched, cut and
 * compared with the usual tools. The legend is in docs/trace.md.
 */
import { RESULT_NAMES, RTVAL_UNSET } from './codes.ts';
import type { Observer } from './observer.ts';
import type { TraceRecord, TraceValue } from './recorder.ts';

/** Length of every line. */
export const TRACE_WIDTH = 100;

/** The heads of the columns, as wide as a line. */
export const TRACE_HEADER = line('event', 'th', 'op', 'what', 'which', 0);

type Fields = Readonly<Record<string, TraceValue>>;

/** What a line says of an event: its name in the text, and its fields. */
interface Wording {
  name: string;
  which: (fields: Fields) => string;
}

const text = (value: TraceValue | undefined): string => (value === undefined ? '' : String(value));
const number = (value: TraceValue | undefined): number => (typeof value === 'number' ? value : -1);
/** `F0`, `O1`, `b2`: kind letter and number; `-` for none. */
const name = (letter: string, value: TraceValue | undefined): string =>
  number(value) < 0 ? '-' : `${letter}${text(value)}`;
const hex = (value: TraceValue | undefined): string => number(value).toString(16).padStart(2, '0');
const words = (...parts: (string | false)[]): string =>
  parts.filter((part) => part !== false && part !== '').join(' ');

function resultName(code: number): string {
  return code === RTVAL_UNSET ? 'unset' : (RESULT_NAMES[code] ?? String(code));
}

/** The operation's arguments that are not zero. */
function argumentsOf(fields: Fields): string {
  const parts: string[] = [];
  for (const [key, value] of Object.entries(fields)) {
    if (key !== 'kind' && key !== 'file' && value !== 0) {
      parts.push(`${key} ${key === 'valid' || key === 'dirty' ? hex(value) : text(value)}`);
    }
  }
  return parts.join(' ');
}

function transferOf(fields: Fields): string {
  return words(
    fields['write'] === true ? 'write' : 'read',
    fields['device'] === 'disk' ? 'disk' : 'net',
    number(fields['pbuf']) < 0 ? 'cache' : name('b', fields['pbuf']),
    name('F', fields['file']),
    `block ${text(fields['block'])}+${text(fields['byteCount'])}`,
  );
}

function pageOf(fields: Fields): string {
  return words(
    text(fields['page']),
    `valid ${hex(fields['valid'])} dirty ${hex(fields['dirty'])} flags ${number(fields['flags']).toString(16).padStart(4, '0')}`,
    number(fields['busy']) > 0 && `busy ${text(fields['busy'])}`,
  );
}

const claimOf = (f: Fields): string =>
  `${name('O', f['object'])} count ${text(f['count'])} pip ${text(f['pip'])}`;
const channelOf = (f: Fields): string => `${text(f['channel'])} ${text(f['id'])}`;
const bytesOf = (f: Fields): string => `${text(f['offset'])}+${text(f['length'])}`;
const blockOf = (f: Fields): string =>
  `${name('F', f['file'])} block ${text(f['block'])} sector ${text(f['sector'])}+${text(f['sectors'])}`;

/** How each event reads. A table, so that an event without wording does not compile. */
const WORDING: Record<keyof Observer, Wording> = {
  runBegin: {
    name: 'run',
    which: (f) =>
      `page ${text(f['pageSize'])} sector ${text(f['sectorSize'])} frames ${text(f['frames'])} ` +
      `pbufs ${text(f['pbufs'])} disk ${text(f['diskSectors'])}`,
  },
  runEnd: { name: 'end', which: (f) => words(text(f['ending']), text(f['detail'])) },
  settlementBegin: { name: 'settlement', which: () => '' },
  settled: { name: 'settled', which: () => '' },
  operationBegin: {
    name: 'operation',
    which: (f) => words(text(f['kind']), name('F', f['file']), argumentsOf(f)),
  },
  operationEnd: {
    name: 'done',
    which: (f) => words(text(f['kind']), f['noop'] === true ? 'no-op' : `result ${text(f['result'])}`),
  },
  pagerCall: {
    name: 'pager',
    which: (f) =>
      words(
        text(f['function']),
        name('F', f['file']),
        name('O', f['object']),
        number(f['count']) > 0 && `p${text(f['page'])}+${text(f['count'])} ask ${text(f['reqpage'])}`,
        number(f['count']) > 0 && `[${text(f['masks'])}]`,
        f['function'] === 'haspage' && `p${text(f['page'])}`,
        f['function'] === 'setsize' && `size ${text(f['size'])}`,
        f['function'] === 'umount' && `fs ${text(f['size'])}`,
        f['locked'] === true && 'locked',
      ),
  },
  pagerReturn: {
    name: 'pager-ret',
    which: (f) =>
      words(
        text(f['function']),
        resultOf(f),
        f['masks'] !== '' && `[${text(f['masks'])}]`,
        number(f['pip']) >= 0 && `pip ${text(f['pip'])}`,
      ),
  },
  call: {
    name: 'call',
    which: (f) => `${text(f['name'])} ${text(f['a'])} ${text(f['b'])} ${text(f['c'])}`,
  },
  return: { name: 'return', which: (f) => `${text(f['name'])} ${text(f['result'])}` },
  sleep: { name: 'sleep', which: channelOf },
  resume: { name: 'resume', which: channelOf },
  wakeup: { name: 'wakeup', which: channelOf },
  idle: { name: 'idle', which: () => '' },
  transferStart: {
    name: 'start',
    which: (f) =>
      words(
        transferOf(f),
        f['async'] === true && 'async',
        text(f['pages']),
        number(f['dirtyEnd']) > 0 && `dirty ${text(f['dirtyOffset'])}..${text(f['dirtyEnd'])}`,
        f['sum'] !== '' && `sum ${text(f['sum'])}`,
      ),
  },
  transferEnd: {
    name: 'moved',
    which: (f) =>
      words(
        transferOf(f),
        f['failed'] === true && `error ${text(f['error'])}`,
        number(f['resid']) !== 0 && `resid ${text(f['resid'])}`,
        f['sum'] !== '' && `sum ${text(f['sum'])}`,
      ),
  },
  interruptEnd: { name: 'interrupted', which: transferOf },
  pageAllocated: { name: 'page-new', which: (f) => `${text(f['page'])} f${text(f['frame'])}` },
  pageFreed: { name: 'page-free', which: pageOf },
  pageBusied: { name: 'page-busy', which: pageOf },
  pageWakeup: { name: 'page-wake', which: pageOf },
  claim: { name: 'claim', which: claimOf },
  release: { name: 'release', which: claimOf },
  objectCreated: { name: 'object-new', which: (f) => name('O', f['object']) },
  objectDying: { name: 'object-die', which: (f) => `${name('O', f['object'])} of ${name('F', f['file'])}` },
  objectFreed: { name: 'object-free', which: (f) => name('O', f['object']) },
  stored: {
    name: 'stored',
    which: (f) => `${name('F', f['file'])} ${bytesOf(f)} ${text(f['page'])} stamp ${text(f['stamp'])}`,
  },
  written: {
    name: 'written',
    which: (f) => `${name('F', f['file'])} ${bytesOf(f)} stamp ${text(f['stamp'])}`,
  },
  delivered: {
    name: 'delivered',
    which: (f) => `${name('F', f['file'])} ${bytesOf(f)} sum ${text(f['sum'])}`,
  },
  filled: { name: 'filled', which: (f) => `${text(f['page'])} mask ${hex(f['mask'])}` },
  lost: {
    name: 'lost',
    which: (f) => `${name('F', f['file'])} ${bytesOf(f)}${f['cut'] === true ? ' cut off' : ''}`,
  },
  allocated: { name: 'block-new', which: blockOf },
  freed: { name: 'block-free', which: blockOf },
  resized: { name: 'resized', which: (f) => `${name('F', f['file'])} size ${text(f['size'])}` },
  disconnected: { name: 'gone', which: (f) => name('F', f['file']) },
  removed: { name: 'removed', which: (f) => name('F', f['file']) },
  departure: { name: 'departure', which: (f) => `${text(f['choice'])} ${text(f['take'])}` },
  message: { name: 'message', which: (f) => text(f['text']) },
};

/** What the result of a pager function says: the names of codes, a truth, or nothing. */
export function resultOf(fields: Fields): string {
  const code = number(fields['result']);
  switch (fields['function']) {
    case 'getmulti':
    case 'getpage':
      return resultName(code);
    case 'putmulti':
    case 'putpage':
      return text(fields['statuses'])
        .split(',')
        .filter((status) => status !== '')
        .map((status) => resultName(Number(status)))
        .join(' ');
    case 'haspage':
    case 'uncache':
      return code === 0 ? 'FALSE' : 'TRUE';
    case 'alloc':
      return code === 0 ? 'null' : 'a pager';
    default:
      return '';
  }
}

/** Six columns; the last takes what is left, and what does not fit ends in `~`. Control characters become `?`. */
function line(
  index: string,
  thread: string,
  operation: string,
  what: string,
  which: string,
  depth: number,
): string {
  const head = `${index.padStart(7)} ${thread.padEnd(2)} ${operation.padStart(5)}  `;
  const indent = '. '.repeat(Math.min(depth, 3));
  const whole = (head + (indent + what).padEnd(18) + which).replaceAll(/[^\x20-\x7e]/g, '?');
  return whole.length > TRACE_WIDTH ? `${whole.slice(0, TRACE_WIDTH - 1)}~` : whole.padEnd(TRACE_WIDTH);
}

/** One event as a line of `TRACE_WIDTH` characters, without a line end; `index` counts from 0. */
export function formatRecord(record: TraceRecord, index: number): string {
  const wording = WORDING[record.event];
  return line(
    String(index),
    record.thread < 0 ? '--' : `t${record.thread}`,
    record.operation === 0 ? '-' : `#${record.operation}`,
    wording.name,
    wording.which(record.fields),
    record.depth,
  );
}

/** What stands below the event at which a violation was found; the only lines that are no events. */
export function noticedLine(property: string): string {
  return `${'^'.padStart(7)} violated ${property}`;
}

/** The names that events have in the text, for the legend's test. */
export const TRACE_EVENT_NAMES: Readonly<Record<keyof Observer, string>> = Object.fromEntries(
  Object.entries(WORDING).map(([event, wording]) => [event, wording.name]),
) as Record<keyof Observer, string>;
