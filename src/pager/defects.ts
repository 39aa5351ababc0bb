/**
 * The known wrong behaviours of the original text, each with a switch of its own. With all of them on the reference pager behaves
 * as written; with none it keeps the contracts. Where one edit would mend several paths, each path has its own switch.
 */

/** What is known of a defect without running anything. */
export interface DefectSpec {
  /** First and last line of the original that it stands in. */
  lines: string;
  /** What a user of the pager sees. */
  symptom: string;
  /** The contract it breaks. */
  contract: string;
}

const spec = (lines: string, contract: string, symptom: string): DefectSpec => ({ lines, contract, symptom });

/** The catalogue, by switch name. */
export const DEFECTS = {
  'alloc-race': spec(
    '153-208',
    '13.2 Q3',
    'two allocs of one vnode that sleep make two pagers and two objects',
  ),
  'alloc-stale-size': spec(
    '175-192',
    '13.2 Q5',
    'a size change while alloc sleeps after GETATTR is not seen',
  ),
  'alloc-size-wraps': spec('176-192', '13.2 Q5', 'a size beyond 32 bits wraps instead of being clamped'),
  'dealloc-late-unlink': spec('231-237', '13.3 Q1', 'the pager is still listed while vrele sleeps'),
  'getpage-null-ok': spec('261-262', '13.5', 'getpage without a pager answers OK'),
  'haspage-first-block-only': spec(
    '314-326',
    '13.8 Q2',
    'a page whose first block is a hole is said not to exist',
  ),
  'setsize-dying': spec('371-373', '13.9 Q1', 'a size change during termination is forgotten'),
  'setsize-late': spec('378-403', '13.9 Q3', 'pages past the new EOF are brought in while setsize sleeps'),
  'setsize-wraps': spec('379-403', '13.9 Q2', 'a size beyond 32 bits wraps instead of being clamped'),
  'setsize-busy-tail': spec(
    '389-400',
    '13.9 Q3',
    'the tail is zeroed under a transfer, which brings the old bytes back',
  ),
  'setsize-lost-page': spec(
    '393-400',
    '13.9 Q3',
    'the page of the tail is not looked up again after a sleep',
  ),
  'setsize-grow-stale': spec('402-403', '13.9 Q4', 'growing exposes bytes stored past the old EOF'),
  'setsize-clean-tail': spec(
    '389-403',
    '13.9 Q4',
    'zeros between old and new EOF are not marked dirty, and the disk has other bytes',
  ),
  'umount-stale-next': spec('415-427', '13.11', 'umount follows a pager that uncache has freed'),
  'uncache-foreign-lock': spec('460-475', '13.10 Q2', 'uncache releases a lock that another process holds'),
  'uncache-no-reference': spec('461-475', 'G21', 'uncache locks a vnode that nobody references any more'),
  'address-sign': spec('504-505', '13.4 Q3', 'file offsets from 2 GiB on have no address'),
  'address-wraps': spec('516', 'G18', 'disk addresses from 2 GiB on wrap to others'),
  'address-hole': spec('513-516', 'G18', 'a hole has the address before the beginning of the disk'),
  'address-unmounted': spec('507', '13.4 Q4', 'a forced unmount during a call is a null pointer'),
  'iodone-error-valid': spec('542-551', '13.4 Q5', 'read-ahead that failed is valid'),
  'iodone-short-valid': spec('538-551', '13.4 Q5', 'read-ahead that fell short is valid'),
  'iodone-sector-tail': spec(
    '538-540',
    '13.4 Q3',
    'read-ahead leaves the disk bytes between EOF and the end of the sector',
  ),
  'hold-release-input-small': spec('634', 'G7', 'a hold of the file is released that was not taken'),
  'hold-release-input': spec('961', 'G7', 'a hold of the file is released that was not taken'),
  'hold-release-output-small': spec('1130', 'G7', 'a hold of the file is released that was not taken'),
  'hold-release-output': spec('1312', 'G7', 'a hold of the file is released that was not taken'),
  'input-small-partial': spec('595-596', '13.4 Q3', 'a block of which a part is valid is taken for whole'),
  'input-small-past-eof': spec('598-643', '13.4 Q3', 'bytes past EOF come from the disk'),
  'input-small-bad': spec('593-598', '13.4 Q4', 'a page at or past EOF is not refused'),
  'input-small-invalid-zeros': spec('640-643', '13.4 Q3', 'zeroed blocks are not marked valid'),
  'input-small-bmap-error': spec('598-643', '13.4 Q4', 'a block map that fails is taken for a hole'),
  'input-small-short': spec('627-628', '13.4 Q4', 'a short transfer is taken for whole'),
  'input-old-short': spec('696-703', '13.4 Q4', 'what a short read left out is zeroed and declared good'),
  'input-old-partial': spec('677-708', '13.4 Q3', 'valid and dirty bytes are overwritten by the file'),
  'input-old-invalid': spec('707-709', '13.4 Q3', 'the page read is not marked valid'),
  'input-small-counts': spec('779-780', '13.4 Q6', 'a page of which nothing is read counts as paged in'),
  'input-unmounted': spec('743', '13.4 Q4', 'a get after a forced unmount is a null pointer'),
  'input-bad': spec('799-804', '13.4 Q4', 'a page at or past EOF is not refused'),
  'input-partial': spec('787-794', '13.4 Q3', 'a page of which a part is valid is declared valid'),
  'input-hole': spec('799-863', '13.4 Q3', 'a hole is read from the disk'),
  'input-bmap-error': spec('799-863', '13.4 Q4', 'a page whose block map fails is read from block 0'),
  'input-neighbour-past-eof': spec('828-842', '13.4 Q1', 'read-ahead past EOF is kept'),
  'input-size-wraps': spec('868-870', '13.4 Q3', 'at the end of the 4 GiB the transfer runs past EOF'),
  'input-truncated-asleep': spec(
    '868-889',
    '13.4 Q4',
    'a file truncated while a pbuf was waited for is read past EOF',
  ),
  'input-two-pbufs': spec('883-889', 'G20', 'one pbuf is held while another is waited for'),
  'input-sector-tail': spec(
    '951-954',
    '13.4 Q3',
    'bytes between EOF and the end of the sector come from the disk',
  ),
  'input-error-valid': spec('964-967', '13.4 Q4', 'a page that could not be read is marked valid'),
  'input-short': spec('948-954', '13.4 Q4', 'a short transfer is taken for whole'),
  'output-rtvals-unset': spec('1172-1173', '13.6 Q1', 'after a forced unmount no status is set'),
  'output-large-offset': spec('1180-1184', 'G19', 'dirty pages from 2 GiB on are thrown away'),
  'output-old-past-eof': spec('1018-1020', '13.6 Q3', 'a page past EOF is OK instead of BAD'),
  'output-old-kmem': spec('1026-1032', '13.6', 'no room in pager_map is a null pointer'),
  'output-old-unprotected': spec(
    '1035',
    '13.6 Q4',
    'the page is let go of before it is written, without a claim',
  ),
  'output-old-two-maps': spec(
    '1026-1032',
    'G20',
    'one page of pager_map is held while another is waited for',
  ),
  'output-old-neighbours': spec('1047', 'G20', 'file system code waits for other pages of the same put'),
  'output-old-invalid-bytes': spec('1022-1046', '13.6 Q6', 'bytes that are not valid are written'),
  'output-old-stale-copy': spec(
    '1032-1047',
    '13.6 Q7',
    'a copy of the page replaces what was written to the file since it was taken',
  ),
  'output-old-short': spec('1050-1054', '13.6 Q3', 'a short write is OK'),
  'output-old-clean-on-error': spec('1194', '13.6 Q3', 'a page that could not be written is clean'),
  'output-unmounted': spec(
    '1200-1207',
    '13.6 Q3',
    'a forced unmount while VOP_UPDATE sleeps is a null pointer',
  ),
  'output-small-past-eof': spec('1209-1214', '13.6 Q3', 'a page past EOF is written'),
  'output-small-tail': spec('1103-1117', '13.6 Q6', 'bytes past EOF are written'),
  'output-small-invalid-bytes': spec('1103-1117', '13.6 Q6', 'bytes that are not valid are written'),
  'output-small-hole': spec('1088-1131', '13.6 Q3', 'dirty data over a hole is never written'),
  'output-small-clean-on-error': spec('1122-1125', '13.6 Q3', 'a block that could not be written is clean'),
  'output-late-clear': spec(
    '1209-1214',
    '13.6 Q2',
    'a mapping that goes away while blocks are written makes written ones dirty again',
  ),
  'output-small-short': spec('1122-1123', '13.6 Q3', 'a short transfer is OK'),
  'output-bmap-error': spec(
    '1231-1232',
    'G18',
    'a page whose block map fails the second time goes to another place',
  ),
  'output-partial': spec('1245-1280', '13.6 Q6', 'bytes that are not valid are written'),
  'output-tail': spec('1253-1257', '13.6 Q6', 'bytes past EOF are written'),
  'output-size-wraps': spec('1249-1251', '13.6 Q6', 'at the end of the 4 GiB the transfer runs past EOF'),
  'output-stale-address': spec(
    '1228-1259',
    'G18',
    'a file cut and grown again during termination is written where its block was',
  ),
  'output-truncated-asleep': spec(
    '1249-1259',
    '13.6 Q3',
    'a file truncated while a pbuf was waited for is written past EOF',
  ),
  'output-short': spec('1303-1304', '13.6 Q3', 'a short transfer is OK'),
  'output-retry-again': spec(
    '1321-1324',
    '13.6 Q3',
    'pages of a transfer that failed are said not to have been started',
  ),
  'output-retry-counts': spec(
    '1288-1289',
    '13.6 Q8',
    'a second attempt counts as another page-out operation',
  ),
  'output-error-again': spec(
    '1321-1328',
    '13.6 Q9',
    'a page that cannot be written is offered again for ever',
  ),
} as const satisfies Record<string, DefectSpec>;

/** The name of a defect's switch. */
export type DefectId = keyof typeof DEFECTS;

/** All names, in the order of the original. */
export const DEFECT_IDS = Object.keys(DEFECTS) as DefectId[];

type Camel<S extends string> = S extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : S;

/** Which defects are on, by the switch's name in camelCase. */
export type Defects = { -readonly [Id in DefectId as Camel<Id>]: boolean };

/** The field of a switch. */
function fieldOf(id: DefectId): keyof Defects {
  return id.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()) as keyof Defects;
}

/** The fields, with their switches. */
const FIELDS = DEFECT_IDS.map((id) => ({ id, field: fieldOf(id) }));

/** A set with every switch in one position. */
export function makeDefects(on: boolean): Defects {
  const defects = {} as Defects;
  for (const { field } of FIELDS) defects[field] = on;
  return defects;
}

/** Sets the switches for a form of the pager: repaired plus some defects, or as written less some repairs. */
export function applyForm(
  defects: Defects,
  form: 'as-written' | 'repaired',
  switches: readonly string[],
): void {
  const asWritten = form === 'as-written';
  const chosen = new Set(switches);
  for (const { id, field } of FIELDS) defects[field] = chosen.has(id) ? !asWritten : asWritten;
}
