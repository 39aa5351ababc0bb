/**
 * Guards what people are told when a file of theirs is wrong: the mistakes that are easily made, each with the line it is on
 * and the message, side by side in `golden/messages.txt`. `npx vitest run test/scenario -u` rewrites that file; read the
 * difference as one who has made the mistake.
 */
import { describe, expect, it } from 'vitest';
import { formatProblem, parseScenario } from '../../src/scenario/codec.ts';

const BASE = `version: 1
target: { name: reference, form: as-written, switches: [get-eof] }
expect: { property: get-contents, cause: get-contents/get/getmulti }
geometry: { pageSize: 4096, sectorSize: 512, frames: 64, diskSectors: 4096 }
options: { diagnostic: true }
fileSystems:
  - { blockMap: disk, blockSize: 8192, fragmentSize: 1024 }
  - { blockMap: none, blockSize: 512 }
files:
  - { size: 20000 }
  - { size: 30000, extents: [{ block: 0, sector: 100, count: 2 }, { block: 3, sector: 200, count: 1 }] }
  - { fileSystem: 1, size: 100 }
threads: 2
operations:
  - { id: 1, do: fault, file: 0, page: 2 }
  - { id: 2, do: get, file: 1, page: 2, before: 1, count: 3, valid: 0x0f }
  - { id: 3, thread: 1, do: store, file: 0, offset: 4000, length: 96 }
  - { id: 4, do: put, file: 0, page: 0, count: 2, valid: 0xff, dirty: 0x0f, other: 1 }
schedule:
  - { operation: 2, choice: bmap, subject: 1, ordinal: 1, take: sleep }
  - { operation: 2, choice: run, take: run, amount: 1 }
faults:
  - { operation: 4, choice: transfer, take: short, amount: 3 }
media:
  - { sector: 100, count: 2, access: read }
`;

/** What was done to the text above: a piece, and what stands in its place. */
const MISTAKES: [mistake: string, from: string, to: string][] = [
  ['no version', 'version: 1\n', ''],
  ['a version of the future', 'version: 1', 'version: 2'],
  ['a version that is a text', 'version: 1', 'version: "1"'],
  ['a misspelt section', 'schedule:', 'shedule:'],
  ['a section twice', 'faults:', 'schedule:'],
  [
    'a section without entries',
    'schedule:\n',
    'schedule:\nfaults:\n  - { operation: 4, choice: pbuf, take: sleep }\nx:\n',
  ],
  ['a misspelt operation', 'do: fault', 'do: falt'],
  ['an operation that does nothing', 'do: fault, ', ''],
  ['an operation without an id', 'id: 1, ', ''],
  ['an operation that is a word', '- { id: 1, do: fault, file: 0, page: 2 }', '- fault'],
  ['a misspelt argument', 'offset: 4000', 'ofset: 4000'],
  ['an argument of another operation', 'file: 0, page: 2', 'file: 0, page: 2, count: 3'],
  ['an argument twice', 'file: 0, page: 2', 'file: 0, file: 2'],
  ['an id twice', 'id: 2', 'id: 1'],
  ['an id that is too large', 'id: 4', 'id: 40000'],
  ['a thread that is not there', 'thread: 1, do: store', 'thread: 2, do: store'],
  ['threads that are not there', 'threads: 2', 'threads: 1'],
  ['a page past every file', 'page: 2, before', 'page: 300000000, before'],
  ['a negative page', 'page: 2, before', 'page: -1, before'],
  ['half a page', 'page: 2, before', 'page: 1.5, before'],
  ['a page beyond the numbers', 'page: 2, before', 'page: 1e300, before'],
  ['no page at all', 'page: 2, before', 'page: .nan, before'],
  ['a page with a unit', 'page: 2, before', 'page: 2k, before'],
  ['a longer run than pagers take', 'before: 1', 'before: 9'],
  ['a mask of more sectors than a page has', 'valid: 0x0f', 'valid: 0x1ff'],
  ['a mask of one sector more', 'valid: 0x0f', 'valid: 0x100'],
  ['a binary mask', 'valid: 0x0f', 'valid: 0b1111'],
  ['a mode that is not there', 'other: 1', 'other: 2'],
  ['a page of odd size', 'pageSize: 4096', 'pageSize: 4000'],
  ['sectors that are too small for the page', 'sectorSize: 512', 'sectorSize: 128'],
  ['a page that is one sector', 'sectorSize: 512', 'sectorSize: 4096'],
  [
    'more disk than is simulated',
    'sectorSize: 512, frames: 64, diskSectors: 4096',
    'sectorSize: 2048, frames: 64, diskSectors: 2147483647',
  ],
  [
    'more memory than is simulated',
    'pageSize: 4096, sectorSize: 512, frames: 64',
    'pageSize: 8192, sectorSize: 512, frames: 65536',
  ],
  [
    'a geometry without braces',
    'geometry: { pageSize: 4096, sectorSize: 512, frames: 64, diskSectors: 4096 }',
    'geometry: 4096',
  ],
  ['a yes', 'diagnostic: true', 'diagnostic: yes'],
  ['a block smaller than a sector', 'blockSize: 512', 'blockSize: 256'],
  ['a fragment larger than a block', 'fragmentSize: 1024', 'fragmentSize: 16384'],
  ['a fragment smaller than a sector', 'fragmentSize: 1024', 'fragmentSize: 256'],
  ['shared buffers without a block map', 'blockSize: 512 }', 'blockSize: 512, sharedBuffers: true }'],
  ['a misspelt block map', 'blockMap: disk', 'blockMap: disc'],
  ['a file system that is not there', 'fileSystem: 1', 'fileSystem: 2'],
  ['a file without a size', '- { size: 20000 }', '- { fileSystem: 0 }'],
  ['extents that meet', 'sector: 200', 'sector: 131'],
  [
    'extents of two files that meet',
    '- { size: 20000 }',
    '- { size: 8192, extents: [{ block: 0, sector: 131, count: 1 }] }',
  ],
  ['extents within an extent', 'count: 2 }, {', 'count: 9 }, { block: 9, sector: 110, count: 1 }, {'],
  ['an extent past every file', 'block: 3', 'block: 134217728'],
  ['a block in two places', 'block: 3', 'block: 1'],
  ['an extent on the first page of the disk', 'sector: 100, count: 2 }, {', 'sector: 7, count: 2 }, {'],
  ['an extent that leaves the disk', 'sector: 200', 'sector: 4090'],
  ['files that do not fit on the disk', 'size: 20000', 'size: 2000000'],
  [
    'a fault among the schedule',
    'choice: bmap, subject: 1, ordinal: 1, take: sleep',
    'choice: bmap, take: error',
  ],
  [
    'a choice of the other list',
    'choice: bmap, subject: 1, ordinal: 1, take: sleep',
    'choice: page, take: error',
  ],
  ['a misspelt choice', 'choice: transfer', 'choice: transfers'],
  ['a choice left out', 'choice: transfer, ', ''],
  ['a take that does not fit', 'take: short, amount: 3', 'take: immediate'],
  ['an amount that means nothing', 'take: sleep', 'take: sleep, amount: 1'],
  ['an amount that means nothing to the take', 'take: short, amount: 3', 'take: error, amount: 3'],
  ['a subject that means nothing', 'choice: run, take: run', 'choice: run, subject: 0, take: run'],
  ['a subject that is not there', 'subject: 1', 'subject: 3'],
  [
    'two exceptions at one address',
    'choice: run, take: run, amount: 1',
    'choice: bmap, subject: 1, ordinal: 1, take: sleep',
  ],
  ['a thread of an exception that is not there', 'operation: 4, choice', 'operation: 4, thread: 3, choice'],
  ['a successor that is not there', 'take: run, amount: 1', 'take: run, amount: 5'],
  ['a switch twice', '[get-eof]', '[get-eof, get-eof]'],
  ['a name of several lines', 'name: reference', 'name: "a\\nb"'],
  ['a name that is a number', 'name: reference', 'name: 12'],
  ['a cause that is empty', 'cause: get-contents/get/getmulti', 'cause: ""'],
  ['a bracket left open', '{ id: 1, do: fault, file: 0, page: 2 }', '{ id: 1, do: fault, file: 0, page: 2'],
  ['a comma forgotten', 'file: 0, page: 2 }', 'file: 0 page: 2 }'],
  ['a colon without a blank', 'file: 0, page: 2 }', 'file:0, page: 2 }'],
  ['an entry that stands too far left', '  - { id: 2,', '- { id: 2,'],
  ['a tab', '  - { id: 2,', '\t- { id: 2,'],
  ['an anchor', '- { id: 1', '- &a { id: 1'],
  ['an alias', '- { id: 1, do: fault, file: 0, page: 2 }', '- *a'],
  ['a tag', 'version: 1', 'version: !!int 1'],
  ['a second document', 'schedule:', '---\nschedule:'],
  ['a merge key', 'options: { diagnostic: true }', 'options: { <<: { diagnostic: true } }'],
  ['a prototype', 'options: { diagnostic: true }', 'options: { __proto__: { diagnostic: true } }'],
  ['a character that cannot be seen', 'diagnostic: true', 'diagnostic:\u0007 true'],
  ['a text in the way', 'threads: 2', 'threads: |\n  - { id: 1 }'],
];

/** The mistake, the line that the first message is about, and all messages. */
function describeMistake(mistake: string, text: string): string {
  const { problems } = parseScenario(text, 'bug.yaml');
  const line = problems?.[0]?.line ?? 1;
  return [
    `# ${mistake}`,
    `${String(line).padStart(3)} | ${JSON.stringify(text.split('\n')[line - 1]).slice(1, -1)}`,
    ...(problems ?? []).map(formatProblem),
    '',
  ].join('\n');
}

describe('mistakes', () => {
  it('start from a file that has none', () => {
    expect(parseScenario(BASE, 'bug.yaml').problems).toBeUndefined();
  });

  it('are not what stands exactly at a bound', () => {
    const text = BASE.replace('frames: 64', 'frames: 65536').replace('valid: 0x0f', 'valid: 0xff');
    expect(
      parseScenario(text.replace('run, amount: 1', 'run, amount: 2'), 'bug.yaml').problems,
    ).toBeUndefined();
  });

  it.each(MISTAKES)('%s: has a message', (_, from, to) => {
    expect(BASE).toContain(from);
    expect(parseScenario(BASE.replace(from, to), 'bug.yaml').problems).not.toBeUndefined();
  });

  it('are told as the golden file says', async () => {
    const told = MISTAKES.map(([mistake, from, to]) => describeMistake(mistake, BASE.replace(from, to)));
    const empty = describeMistake('an empty file', '');
    const list = describeMistake('a file that is a list', '- 1\n');
    await expect([...told, empty, list].join('\n')).toMatchFileSnapshot('golden/messages.txt');
  });

  it('are all told at once, in the order of the file, up to twenty', () => {
    const text = BASE.replaceAll('do: ', 'do: x')
      .replace('frames: 64', 'frames: 1')
      .replace('take: run', 'take: walk');
    const { problems } = parseScenario(text, 'bug.yaml');
    expect(problems?.map((problem) => problem.line)).toEqual([4, 15, 16, 17, 18, 21]);
    const many = BASE + '  - { sector: -1 }\n'.repeat(30);
    expect(parseScenario(many, 'bug.yaml').problems).toHaveLength(20);
  });
});
