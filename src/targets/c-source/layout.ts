/**
 * Where the fields of the kernel's structures lie in the memory of the C code, in bytes. The compiler checks the numbers against
 * the headers: `layoutAssertions` goes with every compile.
 */

/** By C structure: its size and the offsets of its fields, by C name. */
export const LAYOUT = {
  vm_page: {
    size: 28,
    object: 0,
    offset: 4,
    phys_addr: 8,
    flags: 12,
    wire_count: 14,
    hold_count: 16,
    act_count: 18,
    busy: 20,
    bmapped: 22,
    valid: 24,
    dirty: 26,
  },
  vm_object: {
    size: 24,
    ref_count: 0,
    flags: 4,
    paging_in_progress: 6,
    pager: 8,
    paging_offset: 12,
    // `size` is taken: the field of that name
    object_size: 16,
    resident_page_count: 20,
  },
  pager: { size: 24, next: 0, previous: 4, pg_handle: 8, pg_type: 12, pg_ops: 16, pg_data: 20 },
  vnpager: { size: 12, vnp_flags: 0, vnp_vp: 4, vnp_size: 8 },
  buf: {
    size: 64,
    b_flags: 0,
    b_bcount: 4,
    b_bufsize: 8,
    b_resid: 12,
    b_error: 16,
    b_blkno: 20,
    b_dirtyoff: 28,
    b_dirtyend: 32,
    b_vp: 36,
    b_iodone: 40,
    b_proc: 44,
    b_rcred: 48,
    b_wcred: 52,
    b_data: 56,
  },
  ucred: { size: 2, cr_ref: 0 },
  proc: { size: 8, p_ucred: 0, p_pid: 4 },
  mount: { size: 8, f_iosize: 0, f_type: 4 },
  vnode: {
    size: 28,
    v_type: 0,
    v_flag: 4,
    v_mount: 8,
    v_usecount: 12,
    v_holdcnt: 16,
    v_numoutput: 20,
    v_vmdata: 24,
  },
  vattr: { size: 8, va_size: 0 },
  iovec: { size: 8, iov_base: 0, iov_len: 4 },
  uio: { size: 32, uio_iov: 0, uio_iovcnt: 4, uio_offset: 8, uio_resid: 16, uio_rw: 24 },
  vmmeter: { size: 16, v_vnodein: 0, v_vnodepgsin: 4, v_vnodeout: 8, v_vnodepgsout: 12 },
} as const;

/** C paths of fields that have another name here. */
const PATHS: Readonly<Record<string, string>> = {
  'vm_object.object_size': 'size',
  'pager.next': 'pg_list.tqe_next',
  'pager.previous': 'pg_list.tqe_prev',
  'mount.f_iosize': 'mnt_stat.f_iosize',
  'mount.f_type': 'mnt_stat.f_type',
};

/** C text that does not compile unless all numbers are right. */
export function layoutAssertions(): string {
  const lines: string[] = [];
  const claim = (what: string): number => lines.push(`_Static_assert(${what}, "layout.ts");`);
  for (const [structure, { size, ...fields }] of Object.entries(LAYOUT)) {
    claim(`sizeof(struct ${structure}) == ${size}`);
    for (const [field, offset] of Object.entries(fields)) {
      const path = PATHS[`${structure}.${field}`] ?? field;
      claim(`__builtin_offsetof(struct ${structure}, ${path}) == ${offset}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
