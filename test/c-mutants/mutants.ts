/**
 * Changes of the original C text that the differential suite must notice, by line and a few characters of it. The text itself is
 * not here.
 */

/** One change. */
export interface CMutant {
  line: number;
  /** What is replaced on that line, the first place where it stands. */
  from: string;
  to: string;
  /** Why no scenario can notice it, for a change that is none. */
  equivalent?: string;
}

const mutant = (line: number, from: string, to: string, equivalent?: string): CMutant => ({
  line,
  from,
  to,
  ...(equivalent === undefined ? {} : { equivalent }),
});

/** All of them. */
export const MUTANTS: readonly CMutant[] = [
  // the life of pagers
  mutant(153, '&& (object->flags & OBJ_DEAD)', '&& 0'),
  mutant(165, 'NULL)', 'NULL + 1)', 'malloc that may wait never fails'),
  mutant(189, 'VREF(vp);', ';'),
  mutant(192, 'vattr.va_size', 'vattr.va_size + 1'),
  mutant(194, 'TAILQ_INSERT_TAIL(&vnode_pager_list, pager, pg_list);', ';'),
  mutant(199, 'vp->v_vmdata = ', '(void) '),
  mutant(206, '(void) vm_object_lookup(pager);', ';'),
  mutant(231, 'vp->v_vmdata = NULL;', ';'),
  mutant(232, '~(VTEXT | VVMIO)', '~VTEXT'),
  mutant(233, 'vrele(vp);', ';'),
  mutant(235, 'TAILQ_REMOVE(&vnode_pager_list, pager, pg_list);', ';'),
  // whether there is a page, and sizes
  mutant(311, 'offset >= vnp->vnp_size', 'offset > vnp->vnp_size'),
  mutant(314, 'offset / ', '1 + offset / '),
  mutant(326, '< 0', '< -1'),
  mutant(362, 'nsize == vnp->vnp_size', 'nsize >= vnp->vnp_size'),
  mutant(378, 'nsize < vnp', 'nsize <= vnp', 'equal sizes have returned before'),
  mutant(379, '< vnp->vnp_size', '<= vnp->vnp_size'),
  mutant(382, 'vnp->vnp_size', 'vnp->vnp_size - PAGE_SIZE'),
  mutant(397, 'round_page(nsize) - nsize', 'PAGE_SIZE - 1'),
  mutant(402, 'vnp->vnp_size = (vm_offset_t) nsize;', ';'),
  mutant(403, 'round_page(nsize)', 'nsize'),
  mutant(405, 'vm_object_deallocate(object);', ';'),
  // giving up
  mutant(424, 'vp->v_mount == mp', 'vp->v_mount != mp'),
  mutant(462, 'VOP_UNLOCK(vp);', ';'),
  mutant(470, '<= 1', '< 1'),
  mutant(471, 'FALSE', 'TRUE'),
  mutant(475, 'VOP_LOCK(vp);', ';'),
  // addresses and completion
  mutant(504, '(int) address < 0', '(int) address <= 0'),
  mutant(516, '+ voffset', ''),
  mutant(528, '|= B_DONE', '|= 0', 'biodone has set it before'),
  mutant(529, 'wakeup((caddr_t) bp);', ';'),
  mutant(542, 'PAGE_SIZE - 1', 'PAGE_SIZE'),
  mutant(548, 'VM_PAGE_BITS_ALL', '1'),
  mutant(550, '|= PG_REFERENCED', '|= 0'),
  mutant(559, '== 0', '== 1'),
  mutant(564, 'relpbuf(bp);', ';'),
  // reading
  mutant(593, 'i < PAGE_SIZE / bsize', 'i <= PAGE_SIZE / bsize'),
  mutant(599, '!= -1', '!= -2'),
  mutant(
    679,
    'm->offset + size > vnp->vnp_size',
    'm->offset + size >= vnp->vnp_size',
    'at the limit both sizes are equal',
  ),
  mutant(771, '> 1', '> 2'),
  mutant(787, 'm[reqpage]->valid', '!m[reqpage]->valid'),
  mutant(817, '(i - reqpage)', '(reqpage - i)'),
  mutant(850, 'm[i - first] = m[i]', 'm[i] = m[i - first]'),
  mutant(879, '> bsize', '>= bsize'),
  mutant(880, '- 1', '- 2'),
  mutant(923, '++m[count]->object->paging_in_progress;', ';'),
  mutant(966, '->dirty = 0', '->dirty = 1'),
  mutant(983, '!= reqpage - 1', '!= reqpage + 1'),
  // writing
  mutant(1035, 'PAGE_WAKEUP(m);', ';'),
  mutant(1083, '& m->dirty', ''),
  mutant(1105, '++dp->v_numoutput;', ';'),
  mutant(1178, 'VM_PAGER_AGAIN', 'VM_PAGER_OK'),
  mutant(1190, 'block == -1', 'block == 0'),
  mutant(1206, 'bsize < PAGE_SIZE', 'bsize <= PAGE_SIZE'),
  mutant(1240, '+ i * PAGE_SIZE', '+ (i + 1) * PAGE_SIZE'),
  mutant(1257, '~(DEV_BSIZE - 1)', '~DEV_BSIZE'),
  mutant(1317, '->dirty = 0', '->dirty = 1'),
  mutant(1322, 'count = 1', 'count = 2'),
];
