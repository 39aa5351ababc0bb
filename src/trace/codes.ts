/**
 * Numbers that runners, pagers and judges agree on: result codes, flag words, names of pager and kernel functions. They are
 * those of kernel-notes 1 and 6; a target written in C delivers the same numbers.
 */

/** Result code of a pager operation, the first of six (kernel-notes 6.3): done. */
export const VM_PAGER_OK = 0;
/** The offset is not covered: at or past EOF. */
export const VM_PAGER_BAD = 1;
/** Covered, but there is no such data, or the file system is gone. */
export const VM_PAGER_FAIL = 2;
/** Started, not finished. */
export const VM_PAGER_PEND = 3;
/** There is data, but it could not be transferred. */
export const VM_PAGER_ERROR = 4;
/** Nothing was started; to be tried again. */
export const VM_PAGER_AGAIN = 5;
/** Names of the result codes, by number. */
export const RESULT_NAMES = ['OK', 'BAD', 'FAIL', 'PEND', 'ERROR', 'AGAIN'] as const;
/** What a status array holds before the pager writes to it: none of the codes (kernel-notes 16, point 19). */
export const RTVAL_UNSET = 0x5a5a5a5a;

/** Page flag (the `PG_`, kernel-notes 1.3): on the inactive queue. */
export const PG_INACTIVE = 0x0001;
/** On the active queue. */
export const PG_ACTIVE = 0x0002;
/** Owned by somebody in transit; others wait. */
export const PG_BUSY = 0x0010;
/** Somebody sleeps on the page. */
export const PG_WANTED = 0x0020;
/** In an object. */
export const PG_TABLED = 0x0040;
/** Not used by pagers. */
export const PG_COPYONWRITE = 0x0080;
/** No real memory; not used by pagers. */
export const PG_FICTITIOUS = 0x0100;
/** A placeholder; not used by pagers. */
export const PG_FAKE = 0x0200;
/** Used since the daemon looked. */
export const PG_REFERENCED = 0x1000;
/** On the cache queue: clean, to be had at once. */
export const PG_CACHE = 0x4000;
/** On the free queue. */
export const PG_FREE = 0x8000;

/** Object flag (the `OBJ_`): kept in the cache when unreferenced. */
export const OBJ_CANPERSIST = 0x1;
/** Anonymous memory. */
export const OBJ_INTERNAL = 0x2;
/** Not used by pagers. */
export const OBJ_ACTIVE = 0x4;
/** Being terminated. */
export const OBJ_DEAD = 0x8;

/** `pg_type` of a vnode pager. */
export const PG_VNODE = 1;

/** Buffer flag (the `B_`): nobody waits; completion disposes of the buffer. */
export const B_ASYNC = 0x00000004;
/** The buffer is owned. */
export const B_BUSY = 0x00000010;
/** Completion calls `b_iodone`. */
export const B_CALL = 0x00000040;
/** The transfer has finished. */
export const B_DONE = 0x00000200;
/** It failed. */
export const B_ERROR = 0x00000800;
/** From the device to memory. */
export const B_READ = 0x00100000;
/** To the device: the absence of `B_READ`. */
export const B_WRITE = 0;
/** Somebody sleeps on the buffer. */
export const B_WANTED = 0x00800000;
/** The fields of a buffer header that belong to who owns it, in the order in which a view gives them. */
export const PBUF_FIELDS = [
  'b_flags',
  'b_data',
  'b_bcount',
  'b_bufsize',
  'b_resid',
  'b_error',
  'b_blkno',
  'b_dirtyoff',
  'b_dirtyend',
  'b_vp',
  'b_iodone',
  'b_proc',
  'b_rcred',
  'b_wcred',
] as const;
/** What a view gives for each field of a pbuf that is free. It has none of the flags, so that setting one shows. */
export const PBUF_POISON = 0x5a00c402;

/** Vnode flags (`VTEXT` to `VVMIO`) and types: running program text. */
export const VTEXT = 0x2;
/** Being cleaned out. */
export const VXLOCK = 0x100;
/** Somebody waits for output to drain. */
export const VBWAIT = 0x400;
/** Buffers share the object's pages. */
export const VVMIO = 0x2000;
/** A regular file. */
export const VREG = 1;
/** A block device. */
export const VBLK = 3;
/** A character device. */
export const VCHR = 4;

/** `f_type` of the mounts that the pager tells apart: one with a disk. */
export const MOUNT_UFS = 1;
/** A network file system. */
export const MOUNT_NFS = 2;

/** Error number (the `E`): input or output failed. */
export const EIO = 5;
/** Past the last block. */
export const E2BIG = 7;
/** No memory. */
export const ENOMEM = 12;
/** In use. */
export const EBUSY = 16;
/** Not a valid request. */
export const EINVAL = 22;
/** Past the largest block. */
export const EFBIG = 27;
/** The disk is full. */
export const ENOSPC = 28;
/** Not supported. */
export const EOPNOTSUPP = 45;

/** The functions of a pager, in the order of the operations vector, then those that file systems and drivers call. */
export const PAGER_FUNCTIONS = [
  'init',
  'alloc',
  'dealloc',
  'getpage',
  'getmulti',
  'putpage',
  'putmulti',
  'haspage',
  'setsize',
  'umount',
  'uncache',
  'iodone',
] as const;
/** One of `PAGER_FUNCTIONS`. */
export type PagerFunction = (typeof PAGER_FUNCTIONS)[number];

/** The kernel functions that a pager calls; a trace names them when the pager does. */
export const KERNEL_FUNCTIONS = [
  'tsleep',
  'wakeup',
  'splbio',
  'splx',
  'malloc',
  'free',
  'bzero',
  'bcopy',
  'crhold',
  'printf',
  'Debugger',
  'panic',
  'vm_page_lookup',
  'vm_page_activate',
  'vm_page_deactivate',
  'vm_page_free',
  'PAGE_WAKEUP',
  'vm_page_test_dirty',
  'pmap_clear_modify',
  'pmap_qenter',
  'pmap_qremove',
  'pmap_kextract',
  'vm_pager_map_page',
  'vm_pager_unmap_page',
  'kmem_alloc',
  'kmem_free_wakeup',
  'vm_object_allocate',
  'vm_object_enter',
  'vm_object_setpager',
  'vm_object_lookup',
  'vm_object_deallocate',
  'vm_object_page_remove',
  'pager_cache',
  'getpbuf',
  'trypbuf',
  'relpbuf',
  'pbgetvp',
  'HOLDRELE',
  'incore',
  'VREF',
  'vrele',
  'VOP_GETATTR',
  'VOP_BMAP',
  'VOP_STRATEGY',
  'VOP_READ',
  'VOP_WRITE',
  'VOP_UPDATE',
  'VOP_ISLOCKED',
  'VOP_LOCK',
  'VOP_UNLOCK',
] as const;
/** One of `KERNEL_FUNCTIONS`. */
export type KernelFunction = (typeof KERNEL_FUNCTIONS)[number];

/** What a thread sleeps on. */
export const CHANNELS = [
  'page',
  'object',
  'buf',
  'pool',
  'map',
  'vnode',
  'output',
  'memory',
  'call',
  'daemon',
  'pager',
] as const;
/** One of `CHANNELS`. */
export type ChannelKind = (typeof CHANNELS)[number];

/** Why a run ended before its operations did. */
export type Ending = 'completed' | 'trap' | 'panic' | 'deadlock' | 'bound';
