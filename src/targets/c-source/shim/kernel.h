/*
 * The kernel around a vnode pager, as far as its source can see it: every include of the source ends here. Types have the widths
 * of the machine of 1994 (wasm32 has the same), structures the fields that a pager may use, and functions are calls into the
 * simulated kernel. Macros note the line before each such call.
 */
#ifndef PAGERCHECK_KERNEL_H
#define PAGERCHECK_KERNEL_H

typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;
typedef unsigned long u_long;
typedef long long quad_t;
typedef unsigned long long u_quad_t;
typedef char *caddr_t;
typedef long daddr_t;
typedef quad_t off_t;
typedef unsigned long size_t;
typedef int dev_t;
typedef int boolean_t;
typedef int vm_prot_t;
typedef unsigned long vm_offset_t;
typedef unsigned long vm_size_t;

#define NULL ((void *)0)
#define TRUE 1
#define FALSE 0
#define __P(args) args

/* The machine's sizes are the scenario's: variables, set before each run. */
extern int pc_page_size, pc_sector_size, pc_all_bits;
#define PAGE_SIZE pc_page_size
#define NBPG pc_page_size
#define PAGE_MASK (pc_page_size - 1)
#define DEV_BSIZE pc_sector_size
#define VM_PAGE_BITS_ALL pc_all_bits
#define MAXPHYS (16 * pc_page_size)
#define btodb(bytes) ((bytes) / DEV_BSIZE)
#define trunc_page(x) (((vm_offset_t)(x)) & ~PAGE_MASK)
#define round_page(x) ((((vm_offset_t)(x)) + PAGE_MASK) & ~PAGE_MASK)
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))

#define PSWP 0
#define PVM 4
#define PINOD 8
#define PRIBIO 16
#define PZERO 22

#define E2BIG 7
#define EIO 5
#define ENOMEM 12
#define EBUSY 16
#define EINVAL 22
#define EFBIG 27
#define ENOSPC 28
#define EOPNOTSUPP 45

#define VM_PROT_NONE 0
#define VM_PROT_READ 1
#define VM_PROT_WRITE 2
#define VM_PROT_EXECUTE 4
#define VM_PROT_ALL 7

#define KERN_SUCCESS 0
#define KERN_PROTECTION_FAILURE 2
#define KERN_INVALID_ARGUMENT 4
#define KERN_FAILURE 5

/* Tail queues. To remove what is not on the queue would corrupt it, and is a fault here. */
#define TAILQ_HEAD(name, type) \
	struct name { struct type *tqh_first; struct type **tqh_last; }
#define TAILQ_ENTRY(type) \
	struct { struct type *tqe_next; struct type **tqe_prev; }
#define TAILQ_INIT(head) do { \
	(head)->tqh_first = NULL; \
	(head)->tqh_last = &(head)->tqh_first; \
} while (0)
#define TAILQ_INSERT_TAIL(head, elm, field) do { \
	(elm)->field.tqe_next = NULL; \
	(elm)->field.tqe_prev = (head)->tqh_last; \
	*(head)->tqh_last = (elm); \
	(head)->tqh_last = &(elm)->field.tqe_next; \
} while (0)
#define TAILQ_INSERT_HEAD(head, elm, field) do { \
	if (((elm)->field.tqe_next = (head)->tqh_first) != NULL) \
		(elm)->field.tqe_next->field.tqe_prev = &(elm)->field.tqe_next; \
	else \
		(head)->tqh_last = &(elm)->field.tqe_next; \
	(head)->tqh_first = (elm); \
	(elm)->field.tqe_prev = &(head)->tqh_first; \
} while (0)
#define TAILQ_REMOVE(head, elm, field) do { \
	PC_AT; \
	if (*(elm)->field.tqe_prev != (elm)) \
		k_fault("TAILQ_REMOVE of a thing that is not on the queue"); \
	if ((elm)->field.tqe_next != NULL) \
		(elm)->field.tqe_next->field.tqe_prev = (elm)->field.tqe_prev; \
	else \
		(head)->tqh_last = (elm)->field.tqe_prev; \
	*(elm)->field.tqe_prev = (elm)->field.tqe_next; \
} while (0)

struct vm_page;
struct vm_object;
struct pager;
struct vnpager;
struct buf;
struct vnode;
struct mount;
struct proc;
struct ucred;
struct vm_map;
struct pagerops;
typedef struct vm_page *vm_page_t;
typedef struct vm_object *vm_object_t;
typedef struct pager *vm_pager_t;
typedef struct vnpager *vn_pager_t;
typedef struct vm_map *vm_map_t;

/* Pages. */
struct vm_page {
	vm_object_t object;
	vm_offset_t offset;
	vm_offset_t phys_addr;
	u_short flags;
	u_short wire_count;
	u_short hold_count;
	u_short act_count;
	u_short busy;
	u_short bmapped;
	u_short valid;
	u_short dirty;
};
#define PG_INACTIVE 0x0001
#define PG_ACTIVE 0x0002
#define PG_BUSY 0x0010
#define PG_WANTED 0x0020
#define PG_TABLED 0x0040
#define PG_COPYONWRITE 0x0080
#define PG_FICTITIOUS 0x0100
#define PG_FAKE 0x0200
#define PG_REFERENCED 0x1000
#define PG_CACHE 0x4000
#define PG_FREE 0x8000
#define VM_PAGE_TO_PHYS(m) ((m)->phys_addr)

/* Objects. */
struct vm_object {
	int ref_count;
	u_short flags;
	u_short paging_in_progress;
	vm_pager_t pager;
	vm_offset_t paging_offset;
	vm_size_t size;
	int resident_page_count;
};
#define OBJ_CANPERSIST 0x1
#define OBJ_INTERNAL 0x2
#define OBJ_ACTIVE 0x4
#define OBJ_DEAD 0x8

/* Pagers. */
struct pager {
	TAILQ_ENTRY(pager) pg_list;
	caddr_t pg_handle;
	int pg_type;
	struct pagerops *pg_ops;
	caddr_t pg_data;
};
struct vnpager {
	int vnp_flags;
	struct vnode *vnp_vp;
	vm_size_t vnp_size;
};
TAILQ_HEAD(pagerlst, pager);
struct pagerops {
	void (*pgo_init)();
	vm_pager_t (*pgo_alloc)();
	void (*pgo_dealloc)();
	int (*pgo_getpage)();
	int (*pgo_getpages)();
	int (*pgo_putpage)();
	int (*pgo_putpages)();
	boolean_t (*pgo_haspage)();
};
#define PG_DFLT (-1)
#define PG_SWAP 0
#define PG_VNODE 1
#define PG_DEVICE 2
#define VM_PAGER_OK 0
#define VM_PAGER_BAD 1
#define VM_PAGER_FAIL 2
#define VM_PAGER_PEND 3
#define VM_PAGER_ERROR 4
#define VM_PAGER_AGAIN 5

/* Buffers. */
struct buf {
	long b_flags;
	long b_bcount;
	long b_bufsize;
	long b_resid;
	int b_error;
	daddr_t b_blkno;
	daddr_t b_lblkno;
	int b_dirtyoff;
	int b_dirtyend;
	struct vnode *b_vp;
	void (*b_iodone)(struct buf *);
	struct proc *b_proc;
	struct ucred *b_rcred;
	struct ucred *b_wcred;
	union {
		caddr_t b_addr;
	} b_un;
	dev_t b_dev;
};
#define b_data b_un.b_addr
#define B_ASYNC 0x00000004
#define B_BUSY 0x00000010
#define B_CACHE 0x00000020
#define B_CALL 0x00000040
#define B_DELWRI 0x00000080
#define B_DONE 0x00000200
#define B_ERROR 0x00000800
#define B_INVAL 0x00002000
#define B_PHYS 0x00040000
#define B_READ 0x00100000
#define B_WRITE 0
#define B_WANTED 0x00800000
#define B_WRITEINPROG 0x01000000
#define B_VMIO 0x20000000

/* Processes and credentials. */
struct ucred {
	u_short cr_ref;
};
struct proc {
	struct ucred *p_ucred;
	int p_pid;
};
#define NOCRED ((struct ucred *)-1)
extern struct proc *curproc;

/* Vnodes and file systems. */
struct statfs {
	long f_iosize;
	int f_type;
};
struct mount {
	struct statfs mnt_stat;
};
struct vnode {
	int v_type;
	long v_flag;
	struct mount *v_mount;
	int v_usecount;
	int v_holdcnt;
	long v_numoutput;
	caddr_t v_vmdata;
};
#define VNON 0
#define VREG 1
#define VDIR 2
#define VBLK 3
#define VCHR 4
#define VLNK 5
#define VSOCK 6
#define VFIFO 7
#define VBAD 8
#define VROOT 0x1
#define VTEXT 0x2
#define VSYSTEM 0x4
#define VXLOCK 0x100
#define VXWANT 0x200
#define VBWAIT 0x400
#define VVMIO 0x2000
#define MOUNT_NONE 0
#define MOUNT_UFS 1
#define MOUNT_NFS 2
#define MOUNT_MFS 3
#define MOUNT_MSDOS 4
struct vattr {
	u_quad_t va_size;
};
struct iovec {
	caddr_t iov_base;
	int iov_len;
};
enum uio_rw { UIO_READ, UIO_WRITE };
enum uio_seg { UIO_USERSPACE, UIO_SYSSPACE, UIO_USERISPACE };
struct uio {
	struct iovec *uio_iov;
	int uio_iovcnt;
	off_t uio_offset;
	int uio_resid;
	enum uio_seg uio_segflg;
	enum uio_rw uio_rw;
	struct proc *uio_procp;
};
#define IO_UNIT 0x01
#define IO_APPEND 0x02
#define IO_SYNC 0x04
#define IO_NODELOCKED 0x08
#define IO_NDELAY 0x10

struct timeval {
	long tv_sec;
	long tv_usec;
};
extern struct timeval time;
struct vmmeter {
	u_int v_vnodein;
	u_int v_vnodepgsin;
	u_int v_vnodeout;
	u_int v_vnodepgsout;
};
extern struct vmmeter cnt;
extern vm_map_t pager_map;
extern struct pagerlst vnode_pager_list;

#define M_WAITOK 0
#define M_NOWAIT 1
#define M_VMPAGER 36
#define M_VMPGDATA 37
#define M_TEMP 49

/* The calls. */
extern int pc_line;
#define PC_AT (pc_line = __LINE__)
#define PC_CALL(call) (PC_AT, (call))
#define PC_IMPORT(name) __attribute__((import_module("kernel"), import_name(#name)))

extern void k_fault(const char *) PC_IMPORT(fault);
extern int k_tsleep(const void *, int, const char *, int) PC_IMPORT(tsleep);
extern void k_wakeup(const void *) PC_IMPORT(wakeup);
extern int k_splbio(void) PC_IMPORT(splbio);
extern int k_splhigh(void) PC_IMPORT(splhigh);
extern void k_splx(int) PC_IMPORT(splx);
extern void *k_malloc(u_long, int, int) PC_IMPORT(malloc);
extern void k_free(void *, int) PC_IMPORT(free);
extern void k_bzero(void *, u_int) PC_IMPORT(bzero);
extern void k_bcopy(const void *, void *, u_int) PC_IMPORT(bcopy);
extern void k_crhold(struct ucred *) PC_IMPORT(crhold);
extern void k_crfree(struct ucred *) PC_IMPORT(crfree);
extern void k_printf(const char *, ...) PC_IMPORT(printf);
extern void k_Debugger(const char *) PC_IMPORT(Debugger);
extern void k_panic(const char *, ...) PC_IMPORT(panic);
extern vm_page_t k_vm_page_lookup(vm_object_t, vm_offset_t) PC_IMPORT(vm_page_lookup);
extern void k_vm_page_activate(vm_page_t) PC_IMPORT(vm_page_activate);
extern void k_vm_page_deactivate(vm_page_t) PC_IMPORT(vm_page_deactivate);
extern void k_vm_page_free(vm_page_t) PC_IMPORT(vm_page_free);
extern void k_page_wakeup(vm_page_t) PC_IMPORT(page_wakeup);
extern void k_vm_page_test_dirty(vm_page_t) PC_IMPORT(vm_page_test_dirty);
extern int k_vm_page_bits(u_int, u_int) PC_IMPORT(vm_page_bits);
extern void k_vm_page_set_valid(vm_page_t, u_int, u_int) PC_IMPORT(vm_page_set_valid);
extern void k_vm_page_set_clean(vm_page_t, u_int, u_int) PC_IMPORT(vm_page_set_clean);
extern void k_pmap_clear_modify(vm_offset_t) PC_IMPORT(pmap_clear_modify);
extern void k_pmap_qenter(vm_offset_t, vm_page_t *, int) PC_IMPORT(pmap_qenter);
extern void k_pmap_qremove(vm_offset_t, int) PC_IMPORT(pmap_qremove);
extern vm_offset_t k_pmap_kextract(vm_offset_t) PC_IMPORT(pmap_kextract);
extern vm_page_t k_phys_to_vm_page(vm_offset_t) PC_IMPORT(phys_to_vm_page);
extern vm_offset_t k_vm_pager_map_page(vm_page_t) PC_IMPORT(vm_pager_map_page);
extern void k_vm_pager_unmap_page(vm_offset_t) PC_IMPORT(vm_pager_unmap_page);
extern vm_offset_t k_kmem_alloc(vm_map_t, vm_size_t) PC_IMPORT(kmem_alloc);
extern void k_kmem_free_wakeup(vm_map_t, vm_offset_t, vm_size_t) PC_IMPORT(kmem_free_wakeup);
extern vm_object_t k_vm_object_allocate(vm_size_t) PC_IMPORT(vm_object_allocate);
extern void k_vm_object_enter(vm_object_t, vm_pager_t) PC_IMPORT(vm_object_enter);
extern void k_vm_object_setpager(vm_object_t, vm_pager_t, vm_offset_t, boolean_t) PC_IMPORT(vm_object_setpager);
extern vm_object_t k_vm_object_lookup(vm_pager_t) PC_IMPORT(vm_object_lookup);
extern void k_vm_object_deallocate(vm_object_t) PC_IMPORT(vm_object_deallocate);
extern void k_vm_object_page_remove(vm_object_t, vm_offset_t, vm_offset_t) PC_IMPORT(vm_object_page_remove);
extern int k_pager_cache(vm_object_t, boolean_t) PC_IMPORT(pager_cache);
extern struct buf *k_getpbuf(void) PC_IMPORT(getpbuf);
extern struct buf *k_trypbuf(void) PC_IMPORT(trypbuf);
extern void k_relpbuf(struct buf *) PC_IMPORT(relpbuf);
extern void k_pbgetvp(struct vnode *, struct buf *) PC_IMPORT(pbgetvp);
extern void k_holdrele(struct vnode *) PC_IMPORT(holdrele);
extern int k_incore(struct vnode *, daddr_t) PC_IMPORT(incore);
extern void k_vref(struct vnode *) PC_IMPORT(vref);
extern void k_vrele(struct vnode *) PC_IMPORT(vrele);
extern int k_vop_getattr(struct vnode *, struct vattr *, struct ucred *, struct proc *) PC_IMPORT(vop_getattr);
extern int k_vop_bmap(struct vnode *, daddr_t, struct vnode **, daddr_t *, int *) PC_IMPORT(vop_bmap);
extern int k_vop_strategy(struct buf *) PC_IMPORT(vop_strategy);
extern int k_vop_read(struct vnode *, struct uio *, int, struct ucred *) PC_IMPORT(vop_read);
extern int k_vop_write(struct vnode *, struct uio *, int, struct ucred *) PC_IMPORT(vop_write);
extern int k_vop_update(struct vnode *, struct timeval *, struct timeval *, int) PC_IMPORT(vop_update);
extern int k_vop_islocked(struct vnode *) PC_IMPORT(vop_islocked);
extern int k_vop_lock(struct vnode *) PC_IMPORT(vop_lock);
extern int k_vop_unlock(struct vnode *) PC_IMPORT(vop_unlock);

#define tsleep(chan, pri, mesg, timo) PC_CALL(k_tsleep(chan, pri, mesg, timo))
#define wakeup(chan) PC_CALL(k_wakeup(chan))
#define splbio() PC_CALL(k_splbio())
#define splhigh() PC_CALL(k_splhigh())
#define splx(s) PC_CALL(k_splx(s))
#define malloc(size, type, flags) PC_CALL(k_malloc(size, type, flags))
#define free(p, type) PC_CALL(k_free(p, type))
#define bzero(p, n) PC_CALL(k_bzero(p, n))
#define bcopy(from, to, n) PC_CALL(k_bcopy(from, to, n))
#define crhold(cr) PC_CALL(k_crhold(cr))
#define crfree(cr) PC_CALL(k_crfree(cr))
#define printf(...) PC_CALL(k_printf(__VA_ARGS__))
#define Debugger(text) PC_CALL(k_Debugger(text))
#define panic(...) PC_CALL(k_panic(__VA_ARGS__))
#define vm_page_lookup(object, offset) PC_CALL(k_vm_page_lookup(object, offset))
#define vm_page_activate(m) PC_CALL(k_vm_page_activate(m))
#define vm_page_deactivate(m) PC_CALL(k_vm_page_deactivate(m))
#define vm_page_free(m) PC_CALL(k_vm_page_free(m))
#define PAGE_WAKEUP(m) PC_CALL(k_page_wakeup(m))
#define vm_page_test_dirty(m) PC_CALL(k_vm_page_test_dirty(m))
#define vm_page_bits(base, size) PC_CALL(k_vm_page_bits(base, size))
#define vm_page_set_valid(m, base, size) PC_CALL(k_vm_page_set_valid(m, base, size))
#define vm_page_set_clean(m, base, size) PC_CALL(k_vm_page_set_clean(m, base, size))
#define pmap_clear_modify(pa) PC_CALL(k_pmap_clear_modify(pa))
#define pmap_qenter(kva, m, count) PC_CALL(k_pmap_qenter(kva, m, count))
#define pmap_qremove(kva, count) PC_CALL(k_pmap_qremove(kva, count))
#define pmap_kextract(kva) PC_CALL(k_pmap_kextract(kva))
#define PHYS_TO_VM_PAGE(pa) PC_CALL(k_phys_to_vm_page(pa))
#define vm_pager_map_page(m) PC_CALL(k_vm_pager_map_page(m))
#define vm_pager_unmap_page(kva) PC_CALL(k_vm_pager_unmap_page(kva))
#define kmem_alloc(map, size) PC_CALL(k_kmem_alloc(map, size))
#define kmem_free_wakeup(map, kva, size) PC_CALL(k_kmem_free_wakeup(map, kva, size))
#define vm_object_allocate(size) PC_CALL(k_vm_object_allocate(size))
#define vm_object_enter(object, pager) PC_CALL(k_vm_object_enter(object, pager))
#define vm_object_setpager(object, pager, offset, ro) PC_CALL(k_vm_object_setpager(object, pager, offset, ro))
#define vm_object_lookup(pager) PC_CALL(k_vm_object_lookup(pager))
#define vm_object_deallocate(object) PC_CALL(k_vm_object_deallocate(object))
#define vm_object_page_remove(object, start, end) PC_CALL(k_vm_object_page_remove(object, start, end))
#define pager_cache(object, keep) PC_CALL(k_pager_cache(object, keep))
#define getpbuf() PC_CALL(k_getpbuf())
#define trypbuf() PC_CALL(k_trypbuf())
#define relpbuf(bp) PC_CALL(k_relpbuf(bp))
#define pbgetvp(vp, bp) PC_CALL(k_pbgetvp(vp, bp))
#define HOLDRELE(vp) PC_CALL(k_holdrele(vp))
#define incore(vp, block) PC_CALL(k_incore(vp, block))
#define VREF(vp) PC_CALL(k_vref(vp))
#define vrele(vp) PC_CALL(k_vrele(vp))
#define VOP_GETATTR(vp, va, cr, p) PC_CALL(k_vop_getattr(vp, va, cr, p))
#define VOP_BMAP(vp, bn, vpp, bnp, runp) PC_CALL(k_vop_bmap(vp, bn, vpp, bnp, runp))
#define VOP_STRATEGY(bp) PC_CALL(k_vop_strategy(bp))
#define VOP_READ(vp, uio, flags, cr) PC_CALL(k_vop_read(vp, uio, flags, cr))
#define VOP_WRITE(vp, uio, flags, cr) PC_CALL(k_vop_write(vp, uio, flags, cr))
#define VOP_UPDATE(vp, atime, mtime, wait) PC_CALL(k_vop_update(vp, atime, mtime, wait))
#define VOP_ISLOCKED(vp) PC_CALL(k_vop_islocked(vp))
#define VOP_LOCK(vp) PC_CALL(k_vop_lock(vp))
#define VOP_UNLOCK(vp) PC_CALL(k_vop_unlock(vp))

/* Locks that are nothing on one processor. */
#define vm_object_lock(object) ((void)0)
#define vm_object_unlock(object) ((void)0)
#define vm_object_cache_lock() ((void)0)
#define vm_object_cache_unlock() ((void)0)
#define vm_page_lock_queues() ((void)0)
#define vm_page_unlock_queues() ((void)0)
#define simple_lock(lock) ((void)0)
#define simple_unlock(lock) ((void)0)

/* What file systems call. */
#ifndef PAGERCHECK_SHIM
void vnode_pager_setsize();
void vnode_pager_umount();
boolean_t vnode_pager_uncache();
#endif

#endif
