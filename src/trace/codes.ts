/**
 * Numbers that runners, pagers and judges agree on: result codes, flag words, names of pager and kernel functions. They are
 * those of kernel-notes 1 and 6; a target written in C delivers the same numbers.
 */

/** Result codes of pager operations (kernel-notes 6.3). */
export const VM_PAGER_OK = 0;
export const VM_PAGER_BAD = 1;
export const VM_PAGER_FAIL = 2;
export const VM_PAGER_PEND = 3;
export const VM_PAGER_ERROR = 4;
export const VM_PAGER_AGAIN = 5;
/** Names of the result codes, by number. */
export const RESULT_NAMES = ['OK', 'BAD', 'FAIL', 'PEND', 'ERROR', 'AGAIN'] as const;
/** What a status array holds before the pager writes to it: none of the codes (kernel-notes 16, point 19). */
export const RTVAL_UNSET = 0x5a5a5a5a;

/** Page flags (kernel-notes 1.3). */
export const PG_INACTIVE = 0x0001;
export const PG_ACTIVE = 0x0002;
export const PG_BUSY = 0x0010;
export const PG_WANTED = 0x0020;
export const PG_TABLED = 0x0040;
export const PG_COPYONWRITE = 0x0080;
export const PG_FICTITIOUS = 0x0100;
export const PG_FAKE = 0x0200;
export const PG_REFERENCED = 0x1000;
export const PG_CACHE = 0x4000;
export const PG_FREE = 0x8000;

/** Object flags. */
export const OBJ_CANPERSIST = 0x1;
export const OBJ_INTERNAL = 0x2;
export const OBJ_ACTIVE = 0x4;
export const OBJ_DEAD = 0x8;

/** Buffer flags. */
export const B_ASYNC = 0x00000004;
export const B_BUSY = 0x00000010;
export const B_CALL = 0x00000040;
export const B_DONE = 0x00000200;
export const B_ERROR = 0x00000800;
export const B_READ = 0x00100000;
export const B_WRITE = 0;
export const B_WANTED = 0x00800000;

/** Vnode flags and types. */
export const VTEXT = 0x2;
export const VXLOCK = 0x100;
export const VBWAIT = 0x400;
export const VVMIO = 0x2000;
export const VREG = 1;
export const VBLK = 3;
export const VCHR = 4;

/** `f_type` of the mounts that the pager tells apart. */
export const MOUNT_UFS = 1;
export const MOUNT_NFS = 2;

/** Error numbers. */
export const EIO = 5;
export const E2BIG = 7;
export const ENOMEM = 12;
export const EBUSY = 16;
export const EINVAL = 22;
export const EFBIG = 27;
export const ENOSPC = 28;
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
export type ChannelKind = (typeof CHANNELS)[number];

/** Why a run ended before its operations did. */
export type Ending = 'completed' | 'trap' | 'panic' | 'deadlock' | 'bound';
