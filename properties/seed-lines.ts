/**
 * Where in the text of 1994 each contract is kept or broken. A property names contracts; their lines follow from this table, so
 * that no property repeats them. The text is no part of this project; its lines are cited by number.
 */

/** First and last line. */
export type Lines = readonly [first: number, last: number];

/** How many lines the text has. */
export const SEED_LINES = 1329;

/** A function of the text, from the line with its name to its closing brace. */
export interface SeedFunction {
  readonly name: string;
  readonly lines: Lines;
}

const ADDR: SeedFunction = { name: 'vnode_pager_addr', lines: [493, 519] };

/** The functions that each section of the contracts is about; what a caller enters first, then what that one leads to. */
export const SECTIONS: Readonly<Record<string, readonly SeedFunction[]>> = {
  '13.1': [{ name: 'vnode_pager_init', lines: [118, 121] }],
  '13.2': [{ name: 'vnode_pager_alloc', lines: [128, 209] }],
  '13.3': [{ name: 'vnode_pager_dealloc', lines: [212, 238] }],
  '13.4': [
    { name: 'vnode_pager_getmulti', lines: [241, 250] },
    { name: 'vnode_pager_input', lines: [716, 997] },
    { name: 'vnode_pager_input_smlfs', lines: [572, 653] },
    { name: 'vnode_pager_input_old', lines: [660, 710] },
    { name: 'vnode_pager_freepage', lines: [481, 486] },
    ADDR,
  ],
  '13.5': [{ name: 'vnode_pager_getpage', lines: [253, 266] }],
  '13.6': [
    { name: 'vnode_pager_putmulti', lines: [285, 293] },
    { name: 'vnode_pager_output', lines: [1144, 1329] },
    { name: 'vnode_pager_output_smlfs', lines: [1063, 1138] },
    { name: 'vnode_pager_output_old', lines: [1003, 1057] },
    ADDR,
  ],
  '13.7': [{ name: 'vnode_pager_putpage', lines: [269, 282] }],
  '13.8': [{ name: 'vnode_pager_haspage', lines: [297, 327] }],
  '13.9': [{ name: 'vnode_pager_setsize', lines: [339, 406] }],
  '13.10': [{ name: 'vnode_pager_uncache', lines: [437, 477] }],
  '13.11': [{ name: 'vnode_pager_umount', lines: [409, 428] }],
  '13.12': [{ name: 'vnode_pager_iodone', lines: [525, 566] }],
};

/** An invariant is of no function: what in the text touches that of which it speaks, and the lines of it. */
export interface Touches {
  readonly what: string;
  readonly lines: readonly Lines[];
}

/** A line, or a few, by number. */
const at = (...lines: readonly (number | Lines)[]): Lines[] =>
  lines.map((line) => (typeof line === 'number' ? [line, line] : line));

/** The lines that touch what each invariant speaks of. */
export const INVARIANTS: Readonly<Record<string, Touches>> = {
  G1: { what: 'a page is freed', lines: at(485) },
  G2: { what: 'pages are put on queues', lines: at(920, [983, 986]) },
  G3: { what: 'pages leave the object', lines: at([381, 382], 485) },
  G4: { what: 'a claim is made and given back', lines: at([558, 560], 923) },
  G5: { what: 'pages are un-busied', lines: at(484, 551, 987, 1035) },
  G6: { what: 'sleepers on pages are looked for and woken', lines: at(484, [549, 551], 987, 1035) },
  G7: {
    what: 'buffers are attached to a vnode, and holds given back',
    lines: at(564, [613, 613], [633, 634], 908, 934, [960, 961], 1104, [1129, 1130], 1278, [1311, 1312]),
  },
  G8: { what: 'writes are counted', lines: at(1105, 1279) },
  G9: {
    what: 'pbufs are taken and given back',
    lines: at(564, 600, 633, 884, 889, 960, 1091, 1129, 1259, 1311),
  },
  G10: {
    what: 'pages are mapped and unmapped',
    lines: at([395, 398], 556, 591, 646, 685, 705, 895, 922, 955, [1026, 1033], 1049, 1080, 1133, 1264, 1306),
  },
  G11: {
    what: 'credentials are held',
    lines: at([606, 610], [902, 906], [928, 932], [1097, 1101], [1271, 1276]),
  },
  G12: {
    what: 'the interrupt mask is raised and put back',
    lines: at(221, 229, 622, 626, 805, 841, 941, 947, 1117, 1121, 1294, 1301),
  },
  G13: { what: 'list of pagers and object of the vnode are set', lines: at(194, 199, 231, 235) },
  G14: { what: 'references of objects are taken and dropped', lines: at(206, 371, 405, 468, 471) },
  G15: { what: 'a reference of the vnode is taken and dropped', lines: at(189, 233) },
  G16: { what: 'pages are called valid', lines: at(548, 639, 788, 967) },
  G17: {
    what: 'pages are called clean',
    lines: at(547, 638, 641, 647, [707, 708], [965, 966], 1034, 1125, 1182, 1194, 1212, [1316, 1317]),
  },
  G18: {
    what: 'addresses and sizes of transfers are made',
    lines: at(
      [493, 519],
      [612, 614],
      [868, 876],
      [886, 887],
      [907, 909],
      [933, 935],
      [1103, 1109],
      [1249, 1257],
      [1277, 1285],
    ),
  },
  G19: {
    what: 'a put calls pages clean or lets them be thrown away',
    lines: at(1034, 1125, 1182, 1194, 1212, [1222, 1223], [1316, 1318]),
  },
  G20: {
    what: 'somebody waits, or begins anew',
    lines: at(
      [153, 154],
      [225, 226],
      600,
      [623, 624],
      884,
      889,
      [944, 945],
      1026,
      1091,
      [1118, 1119],
      1259,
      [1298, 1299],
      [1320, 1323],
    ),
  },
  G21: {
    what: 'pagers, pages and locks are used that may be gone',
    lines: at([235, 237], [422, 426], [460, 462], [474, 475], [544, 546]),
  },
};

/** One part of a source: a contract, a range of postconditions of a section, an invariant, or a section of the notes. */
export interface Clause {
  /** `13.4`, `G16`, `7.3`. */
  readonly section: string;
  /** `Q1`, `Q3-Q5`, `P2`; empty where a whole section is meant. */
  readonly clauses: string;
  /** Lines of its own, where it is about these rather than about all that the table gives. */
  readonly lines: readonly Lines[];
}

/** Reads a source: in `13.4 Q1, Q4 (951-954), G16` the second is of 13.4 too, and has lines of its own. */
export function clausesOf(source: string): Clause[] {
  let section = '';
  return source.split(/, (?![^(]*\))/).map((part) => {
    const read = /^(?:(G?\d+(?:\.\d+)?)(?: |$))?([QP]\d+(?:-[QP]\d+)?)? ?(?:\(([-\d, ]+)\))?$/.exec(part);
    if (read === null) throw new RangeError(`source ${JSON.stringify(source)}: what is ${part}?`);
    section = read[1] ?? section;
    return { section, clauses: read[2] ?? '', lines: read[3] === undefined ? [] : linesIn(read[3]) };
  });
}

function linesIn(text: string): Lines[] {
  return text.split(', ').map((range) => {
    const [first, last] = range.split('-').map(Number);
    return [first!, last ?? first!];
  });
}

/** The lines that the table has for a section or an invariant; none for other sections of the notes. */
function linesFor(section: string): readonly Lines[] {
  return SECTIONS[section]?.map((one) => one.lines) ?? INVARIANTS[section]?.lines ?? [];
}

/** In order, none twice, what touches joined. */
function joined(lines: readonly Lines[]): Lines[] {
  const all: Lines[] = [];
  for (const [first, last] of lines.toSorted((a, b) => a[0] - b[0] || b[1] - a[1])) {
    const before = all.at(-1);
    if (before === undefined || first > before[1] + 1) all.push([first, last]);
    else if (last > before[1]) all[all.length - 1] = [before[0], last];
  }
  return all;
}

/** The lines that the table has for those clauses which have none of their own; what is asked of the caller is no line here. */
function tableLines(clauses: readonly Clause[]): Lines[] {
  return clauses
    .filter((one) => one.lines.length === 0 && !one.clauses.startsWith('P'))
    .flatMap(({ section }) => linesFor(section));
}

/** Every line that a source leads to: a clause's own, else those of its section or invariant. In order, none twice. */
export function linesOf(source: string): Lines[] {
  const clauses = clausesOf(source);
  return joined([...clauses.flatMap(({ lines }) => lines), ...tableLines(clauses)]);
}

/** `547` or `951-954`, one after the other. */
export function formatLines(lines: readonly Lines[]): string {
  return lines.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
}

/** The source of a property as people read it: behind it the lines of the table that it does not say itself. */
export function sourceText(source: string): string {
  const clauses = clausesOf(source);
  const own = clauses.flatMap(({ lines }) => lines);
  const others = joined(tableLines(clauses)).filter(
    ([first, last]) => !own.some(([from, to]) => from <= first && last <= to),
  );
  return others.length === 0 ? source : `${source}; lines ${formatLines(others)}`;
}
