/** What tests of C sources need: whether they can be compiled here, the original text if it is there, and a small pager. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hasTools } from '../../src/targets/c-source/tools.ts';

/** The original text; it is no part of this project. */
export const ORIGINAL = fileURLToPath(new URL('../../../shared/seed/vnode_pager.c', import.meta.url));

/** Whether C sources can be compiled; `pagercheck setup c` makes it so. */
export const canCompile = hasTools();

/** Whether the original text can be compiled. */
export const canCompileOriginal = canCompile && existsSync(ORIGINAL);

if (!canCompile) console.log('skipped: tests of C sources; pagercheck setup c brings the compiler');
else if (!canCompileOriginal)
  console.log('skipped: tests of the original text, which is not at ../shared/seed');

/**
 * A pager in C that keeps none of the contracts but has all functions. `body` is the rest of getmulti, when the neighbours are
 * freed, and sees `pager`, `m`, `count` and `reqpage`; `helpers` stand in front of it.
 */
export function tinyPager(body: string, helpers = ''): string {
  return `
#include <sys/param.h>
#include <vm/vnode_pager.h>

struct pagerlst vnode_pager_list;
${helpers}
void vnode_pager_init() { TAILQ_INIT(&vnode_pager_list); }

vm_pager_t
vnode_pager_alloc(handle, size, prot, offset)
	caddr_t handle; vm_size_t size; vm_prot_t prot; vm_offset_t offset;
{
	struct vnode *vp = (struct vnode *)handle;
	vm_object_t object;
	vm_pager_t pager;
	vn_pager_t vnp;

	if (vp->v_vmdata) {
		pager = ((vm_object_t)vp->v_vmdata)->pager;
		vm_object_lookup(pager);
		return pager;
	}
	pager = malloc(sizeof *pager, M_VMPAGER, M_WAITOK);
	vnp = malloc(sizeof *vnp, M_VMPGDATA, M_WAITOK);
	object = vm_object_allocate(round_page(size));
	vm_object_enter(object, pager);
	vm_object_setpager(object, pager, 0, TRUE);
	VREF(vp);
	vnp->vnp_vp = vp;
	vnp->vnp_size = size;
	TAILQ_INSERT_TAIL(&vnode_pager_list, pager, pg_list);
	pager->pg_handle = handle;
	pager->pg_data = (caddr_t)vnp;
	vp->v_vmdata = (caddr_t)object;
	return pager;
}

void
vnode_pager_dealloc(pager) vm_pager_t pager;
{
	struct vnode *vp = (struct vnode *)pager->pg_handle;

	vp->v_vmdata = NULL;
	vrele(vp);
	TAILQ_REMOVE(&vnode_pager_list, pager, pg_list);
	free(pager->pg_data, M_VMPGDATA);
	free(pager, M_VMPAGER);
}

int
vnode_pager_getmulti(pager, m, count, reqpage, sync)
	vm_pager_t pager; vm_page_t *m; int count, reqpage; boolean_t sync;
{
	int other;

	for (other = 0; other < count; other++) {
		if (other == reqpage)
			continue;
		PAGE_WAKEUP(m[other]);
		vm_page_free(m[other]);
	}
${body}
	return VM_PAGER_ERROR;
}

int vnode_pager_getpage(pager, m, sync) vm_pager_t pager; vm_page_t m; boolean_t sync; {
	return vnode_pager_getmulti(pager, &m, 1, 0, sync);
}
int vnode_pager_putpage(pager, m, sync) vm_pager_t pager; vm_page_t m; boolean_t sync; { return VM_PAGER_OK; }
int vnode_pager_putmulti(pager, m, c, sync, rtvals)
	vm_pager_t pager; vm_page_t *m; int c; boolean_t sync; int *rtvals;
{
	while (c-- > 0) rtvals[c] = VM_PAGER_ERROR;
	return VM_PAGER_ERROR;
}
boolean_t vnode_pager_haspage(pager, offset) vm_pager_t pager; vm_offset_t offset; { return TRUE; }
void vnode_pager_setsize(vp, nsize) struct vnode *vp; u_long nsize; { }
void vnode_pager_umount(mp) struct mount *mp; { }
boolean_t vnode_pager_uncache(vp) struct vnode *vp; { return TRUE; }
`;
}
