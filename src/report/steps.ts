/**
 * What happened in a run, in words: the events of a trace that people need to follow it, each with who does it and how deep it is
 * in. Kernel calls, claims and queues are left to the trace itself (`text.ts`); how steps are drawn is for `timeline.ts`.
 */
import { OPERATIONS, type OperationKind } from '../scenario/operations.ts';
import type { ChannelKind } from '../trace/codes.ts';
import { resultOf } from '../trace/text.ts';
import type { TraceRecord, TraceValue } from '../trace/recorder.ts';
import { count } from './words.ts';

/** Who does something: a thread by its number, an interrupt, or nobody in particular. */
export type Actor = number;

/** Interrupt level. */
export const INTERRUPT: Actor = -1;

/** Before the threads run and after all of them have ended. */
export const NOBODY: Actor = -2;

/** One thing that happened. */
export interface Step {
  /** Number of the event in the trace; of the first one, if one step tells of two. */
  event: number;
  actor: Actor;
  /** What it is part of: 0 for an operation, 1 for what an operation does, and so on. */
  depth: number;
  text: string;
  /** Whether the actor sleeps from here on, goes on being inside something, or has left everything. */
  after: 'asleep' | 'inside' | 'outside';
}

type Fields = Readonly<Record<string, TraceValue>>;

const number = (value: TraceValue | undefined): number => (typeof value === 'number' ? value : -1);
const text = (value: TraceValue | undefined): string => (value === undefined ? '' : String(value));
const hex = (value: TraceValue | undefined): string => number(value).toString(16).padStart(2, '0');
const words = (...parts: (string | false)[]): string =>
  parts.filter((part) => part !== false && part !== '').join(' ');

/** `byte 3`, `bytes 3 to 7`, `no byte`. */
function bytes(offset: number, length: number): string {
  if (length <= 0) return 'no byte';
  return length === 1 ? `byte ${offset}` : `bytes ${offset} to ${offset + length - 1}`;
}

function pages(first: number, length: number): string {
  return length === 1 ? `page ${first}` : `pages ${first} to ${first + length - 1}`;
}

function sectors(first: number, length: number): string {
  return length <= 1 ? `sector ${first}` : `sectors ${first} to ${first + length - 1}`;
}

/** What a thread sleeps for. A kernel call that the scenario makes sleep is named by its choice. */
const SLEEPS: Readonly<Record<ChannelKind, string>> = {
  page: 'until a page is not busy',
  object: 'until nothing pages in the object',
  buf: 'until its transfer is done',
  pool: 'for a pbuf',
  map: 'for room in the map',
  vnode: 'for the lock of the vnode',
  output: 'until the writes of the vnode are done',
  memory: 'for memory',
  call: 'in a call into the kernel',
  daemon: 'until it is needed',
  pager: 'for the pager',
};

/** Arguments of operations that are said even if they are 0. */
const ALWAYS_SAID: ReadonlySet<string> = new Set(['file', 'page', 'offset', 'length']);

/** Follows a trace, event by event. */
class Narrator {
  readonly steps: Step[] = [];
  private readonly depths = new Map<Actor, number>();
  /** By object its file; by event that makes an object the file that it will be of. */
  private readonly files = new Map<number, number>();
  private readonly owners: ReadonlyMap<number, number>;
  /** Events that begin interrupts. */
  private readonly interrupts: ReadonlySet<number>;
  /** The choice that a thread is about to sleep in, as the scenario has it. */
  private readonly sleepsIn = new Map<Actor, string>();
  /** Who is asleep and will be woken by something else than what it waits for. */
  private readonly inVain = new Set<Actor>();
  private readonly sectorSize: number;
  private readonly diskSectors: number;
  private readonly isOneFile: boolean;
  private current: Actor = NOBODY;
  /** Who was interrupted. */
  private interrupted: Actor = NOBODY;
  /** The step of a call that nothing has happened in yet. */
  private opened: Step | null = null;

  constructor(records: readonly TraceRecord[]) {
    const begin = records[0];
    this.sectorSize = begin?.event === 'runBegin' ? number(begin.fields['sectorSize']) : 1;
    this.diskSectors = begin?.event === 'runBegin' ? number(begin.fields['diskSectors']) : Infinity;
    this.owners = ownersOf(records);
    this.interrupts = interruptsOf(records);
    const files = records.map(({ fields }) => number(fields['file'])).filter((file) => file >= 0);
    this.isOneFile = new Set(files).size === 1;
  }

  hear(record: TraceRecord, event: number): void {
    const { fields } = record;
    this.turn(record, event);
    switch (record.event) {
      case 'operationBegin':
        this.depths.set(this.current, 0);
        this.open(event, `${record.operation}: ${this.operation(fields)}`);
        break;
      case 'operationEnd':
        this.close(event, ending(fields), `${text(fields['kind'])}:`);
        break;
      case 'pagerCall':
        if (fields['function'] !== 'init') this.open(event, this.call(fields));
        break;
      case 'pagerReturn':
        if (fields['function'] !== 'init')
          this.close(event, answer(fields), `${text(fields['function'])} returns`);
        break;
      case 'objectCreated':
        this.files.set(number(fields['object']), this.owners.get(event) ?? -1);
        this.tell(event, `${this.object(fields)} is made`);
        break;
      case 'departure':
        this.departs(event, text(fields['choice']), text(fields['take']));
        break;
      case 'sleep':
        this.sleeps(event, text(fields['channel']) as ChannelKind);
        break;
      case 'resume':
        if (this.inVain.delete(this.current)) this.tell(event, 'goes on, woken by something else');
        else if (fields['channel'] !== 'daemon') this.tell(event, 'goes on');
        break;
      default: {
        const told = this.told(record);
        if (told !== '') this.tell(event, told);
        break;
      }
    }
    if (record.event === 'interruptEnd') this.current = this.interrupted;
  }

  /** Who acts. */
  private turn(record: TraceRecord, event: number): void {
    if (record.event === 'settlementBegin' || record.event === 'runEnd') this.current = NOBODY;
    else if (this.interrupts.has(event)) {
      if (this.current !== INTERRUPT) this.interrupted = this.current;
      this.current = INTERRUPT;
    } else if (record.thread >= 0 && record.fields['function'] !== 'iodone') this.current = record.thread;
  }

  private depth(): number {
    return this.depths.get(this.current) ?? 0;
  }

  private tell(event: number, said: string, after?: Step['after']): Step {
    const depth = this.depth();
    const step: Step = {
      event,
      actor: this.current,
      depth,
      text: said,
      after: after ?? (depth > 0 ? 'inside' : 'outside'),
    };
    this.steps.push(step);
    this.opened = null;
    return step;
  }

  private open(event: number, said: string): void {
    const step = this.tell(event, said, 'inside');
    this.depths.set(this.current, step.depth + 1);
    this.opened = step;
  }

  /** The end of a call in which nothing happened stands beside its beginning. */
  private close(event: number, said: string, name: string): void {
    const depth = Math.max(0, this.depth() - 1);
    this.depths.set(this.current, depth);
    const { opened } = this;
    if (opened !== null && opened.actor === this.current && opened.depth === depth) {
      if (said !== '') opened.text += `: ${said}`;
      opened.after = depth > 0 ? 'inside' : 'outside';
      this.opened = null;
      return;
    }
    this.tell(event, words(name, said));
  }

  private departs(event: number, choice: string, take: string): void {
    if (take === 'run') return;
    if (take === 'sleep') this.sleepsIn.set(this.current, choice);
    else if (take === 'spurious') this.inVain.add(this.current);
    else this.tell(event, `the scenario's exception: ${choice}, ${take}`);
  }

  private sleeps(event: number, channel: ChannelKind): void {
    if (channel === 'daemon') return;
    const choice = this.sleepsIn.get(this.current);
    this.sleepsIn.delete(this.current);
    const why = choice === undefined ? SLEEPS[channel] : `in ${choice}, as the scenario has it`;
    this.tell(event, `sleeps ${why}`, 'asleep');
  }

  private file(value: TraceValue | undefined): string {
    return number(value) < 0 ? 'no file' : `file ${text(value)}`;
  }

  /** `O1.p3` as people say it. */
  private page(value: TraceValue | undefined): string {
    const named = /^O(\d+)\.p(\d+)$/.exec(text(value));
    if (named === null) return text(value);
    const file = this.files.get(Number(named[1])) ?? -1;
    const page = `page ${named[2]}`;
    if (this.isOneFile && file >= 0) return page;
    return file < 0 ? `${page} of object ${named[1]}` : `file ${file} ${page}`;
  }

  private object(fields: Fields): string {
    const file = this.files.get(number(fields['object'])) ?? -1;
    return words(`object ${text(fields['object'])}`, file >= 0 && `of file ${file}`);
  }

  private operation(fields: Fields): string {
    const kind = text(fields['kind']);
    const used: readonly string[] = Object.hasOwn(OPERATIONS, kind)
      ? OPERATIONS[kind as OperationKind].arguments
      : [];
    const parts = [kind];
    for (const argument of used) {
      const value = fields[argument];
      if (value === 0 && !ALWAYS_SAID.has(argument)) continue;
      const isMask = argument === 'valid' || argument === 'dirty';
      parts.push(`${argument} ${isMask ? hex(value) : text(value)}`);
    }
    return parts.join(' ');
  }

  private call(fields: Fields): string {
    const name = text(fields['function']);
    if (name === 'iodone') return name;
    const many = number(fields['count']);
    const first = number(fields['page']);
    return words(
      name,
      name !== 'umount' && this.file(fields['file']),
      name === 'umount' && number(fields['size']) >= 0 && `file system ${text(fields['size'])}`,
      name === 'setsize' && `to ${count(number(fields['size']), 'byte')}`,
      name === 'haspage' && pages(first, 1),
      many > 0 && pages(first, many),
      many > 1 && !name.startsWith('put') && `for page ${first + number(fields['reqpage'])}`,
      many > 0 && masksOf(text(fields['masks'])),
      fields['locked'] === true && 'with the vnode locked',
    );
  }

  private transfer(fields: Fields): string {
    const length = Math.ceil(number(fields['byteCount']) / this.sectorSize);
    const first = number(fields['block']);
    const isDisk = fields['device'] === 'disk';
    // what lies behind a sector that does not exist is never come to
    const isNone = first < 0 || (isDisk && first >= this.diskSectors);
    return words(
      count(number(fields['byteCount']), 'byte'),
      isDisk ? 'at' : `of ${this.file(fields['file'])} on the network, at`,
      isNone ? `sector ${first} (there is none)` : sectors(first, length),
    );
  }

  private transferEnd(fields: Fields): string {
    const left = number(fields['resid']);
    const isNothing = left > 0 && left === number(fields['byteCount']);
    return words(
      fields['write'] === true ? 'has written' : 'has read',
      isNothing && 'none of',
      this.transfer(fields),
      left > 0 && !isNothing && `but for the last ${count(left, 'byte')}`,
      fields['failed'] === true && `and failed with error ${text(fields['error'])}`,
    );
  }

  /** Events that only happen. Empty for what the timeline leaves out. */
  private told({ event, fields }: TraceRecord): string {
    const isWrite = fields['write'] === true;
    const isCache = number(fields['pbuf']) < 0;
    switch (event) {
      case 'transferStart':
        return words(
          isCache && 'the buffer cache',
          isWrite ? 'writes' : 'reads',
          this.transfer(fields),
          !isCache && (isWrite ? 'from' : 'into'),
          !isCache && this.pageList(text(fields['pages'])),
          fields['async'] === true && 'and does not wait',
        );
      case 'transferEnd':
        return this.transferEnd(fields);
      case 'pageAllocated':
        return `${this.page(fields['page'])} gets a frame, busy`;
      case 'pageFreed':
        return `frees ${this.page(fields['page'])} ${masks(fields)}`;
      case 'pageBusied':
        return `makes ${this.page(fields['page'])} busy ${masks(fields)}`;
      case 'pageWakeup':
        return `${this.page(fields['page'])} is not busy any more ${masks(fields)}`;
      case 'objectDying':
        return `${this.object(fields)} dies`;
      case 'objectFreed':
        return `${this.object(fields)} is gone`;
      case 'stored':
        return `stores ${this.range(fields)} into ${this.page(fields['page'])}`;
      case 'written':
        return `writes ${this.range(fields)} of ${this.file(fields['file'])}`;
      case 'delivered':
        return `is given ${this.range(fields)} of ${this.file(fields['file'])}`;
      case 'filled':
        return `${this.page(fields['page'])} gets chunks ${hex(fields['mask'])} from the buffer cache`;
      case 'lost':
        return `${this.range(fields)} of ${this.file(fields['file'])} are lost${fields['cut'] === true ? ', cut off' : ''}`;
      case 'allocated':
        return `block ${text(fields['block'])} of ${this.file(fields['file'])} gets ${this.run(fields)}`;
      case 'freed':
        return `block ${text(fields['block'])} of ${this.file(fields['file'])} gives up ${this.run(fields)}`;
      case 'resized':
        return `${this.file(fields['file'])} has ${count(number(fields['size']), 'byte')} now`;
      case 'disconnected':
        return `${this.file(fields['file'])} has lost its file system`;
      case 'removed':
        return `${this.file(fields['file'])} is removed`;
      case 'message':
        return `prints "${text(fields['text']).trim()}"`;
      case 'settlementBegin':
        return 'all operations are done: everything is unmapped, ended and read back';
      case 'runEnd':
        return fields['ending'] === 'completed'
          ? ''
          : `${text(fields['ending'])}: ${text(fields['detail']).trim()}`;
      default:
        return '';
    }
  }

  private range(fields: Fields): string {
    return bytes(number(fields['offset']), number(fields['length']));
  }

  private run(fields: Fields): string {
    return sectors(number(fields['sector']), number(fields['sectors']));
  }

  private pageList(list: string): string {
    if (list === '') return 'no page';
    return list
      .split(' ')
      .map((page) => (page === '-' ? 'nothing' : this.page(page)))
      .join(', ');
  }
}

/** Masks of pages as a call has them: `ff/0 - 3/3`. */
function masksOf(list: string): string {
  const padded = list.split(' ').map((pair) =>
    pair
      .split('/')
      .map((mask) => (mask === '-' ? mask : mask.padStart(2, '0')))
      .join('/'),
  );
  return `(valid/dirty ${padded.join(' ')})`;
}

const masks = (fields: Fields): string => `(valid/dirty ${hex(fields['valid'])}/${hex(fields['dirty'])})`;

function ending(fields: Fields): string {
  if (fields['noop'] === true) return 'nothing to do';
  return number(fields['result']) === 0 ? 'done' : `error ${text(fields['result'])}`;
}

function answer(fields: Fields): string {
  const seen = text(fields['masks']);
  return words(resultOf(fields), seen !== '' && masksOf(seen));
}

/**
 * Whose each object is: of each event that makes one, the file in the first later event that names both. Numbers of objects are
 * used again.
 */
function ownersOf(records: readonly TraceRecord[]): Map<number, number> {
  const owners = new Map<number, number>();
  const named = new Map<number, number>();
  for (let event = records.length - 1; event >= 0; event--) {
    const { event: name, fields } = records[event]!;
    const object = number(fields['object']);
    if (object < 0) continue;
    if (name === 'objectCreated') {
      owners.set(event, named.get(object) ?? -1);
      named.delete(object);
    } else if (number(fields['file']) >= 0) named.set(object, number(fields['file']));
  }
  return owners;
}

/** Transfers that end at interrupt level; others end inside strategy, in the thread that started them. */
function interruptsOf(records: readonly TraceRecord[]): Set<number> {
  const interrupts = new Set<number>();
  let isInterrupt = false;
  for (let event = records.length - 1; event >= 0; event--) {
    const name = records[event]!.event;
    if (name === 'interruptEnd') isInterrupt = true;
    else if (name === 'transferEnd') {
      if (isInterrupt) interrupts.add(event);
      isInterrupt = false;
    }
  }
  return interrupts;
}

/** The steps of a run, from its trace, up to and with event `last`. */
export function stepsOf(records: readonly TraceRecord[], last = records.length - 1): Step[] {
  const narrator = new Narrator(records);
  for (let event = 0; event <= last; event++) narrator.hear(records[event]!, event);
  return narrator.steps;
}
