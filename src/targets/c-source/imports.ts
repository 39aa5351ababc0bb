/**
 * The kernel's functions as C calls them: addresses become the kernel's structures, results become addresses, and a call that
 * has blocked unwinds. The meaning of each is in `boundary.ts` of the kernel.
 */
import { Uio } from '../../kernel/file-access.ts';
import {
  Marker,
  type Buf,
  type Channel,
  type Page,
  type VmObject,
  type VmPager,
} from '../../kernel/structures.ts';
import { trap } from '../../kernel/trap.ts';
import { LAYOUT } from './layout.ts';
import type { Machine } from './machine.ts';
import { fromC, KERNEL_BASE, shownAddress, toC } from './memory.ts';
import { format, message } from './printf.ts';
import { CPager, CVnPager, pagerAt, type CBuf, type CPage, type CVnode } from './structures.ts';

/** Accounting types of malloc that have structures of their own. */
const M_VMPAGER = 36;
const M_VMPGDATA = 37;

/** What a pager allocated for itself. */
class Thing {
  at = 0;
  readonly bytes: number;
  freed = false;

  constructor(bytes: number) {
    this.bytes = bytes;
  }
}

type Import = (a: number, b: number, c: number, d: number, e: number) => number | void;

const at = (thing: object | null): number => (thing === null ? 0 : (thing as { at: number }).at);
const same = (result: number): number => result;

/** All functions, by the names under which the shim imports them. */
export function makeImports(m: Machine): Record<string, Import> {
  const markers = new Map<number, Marker>();

  /** A function that may sleep: entered again after the sleep, it has its result. */
  const sleeping =
    (call: Import): Import =>
    (a, b, c, d, e) =>
      m.isResuming ? m.resume() : call(a, b, c, d, e);
  /** The result, or the way into the sleep. */
  const or = <T>(result: T | null, convert: (result: T) => number): number =>
    result === null ? m.sleep(convert) : convert(result);

  const page = (address: number): CPage => m.pages.get(address);
  const object = (address: number): VmObject => m.objects.get(address);
  const buf = (address: number): CBuf => m.bufs.get(address);
  const vnode = (address: number): CVnode => m.vnodes.get(address);
  const pager = (address: number): VmPager =>
    pagerAt(m, address) ?? trap(`${m.place}: 0x${(address >>> 0).toString(16)} is no pager`);

  /** A channel is any address. */
  const channel = (address: number): Channel => {
    const found =
      m.pages.find(address) ??
      m.objects.find(address) ??
      m.bufs.find(address) ??
      m.vnodes.find(address) ??
      pagerAt(m, address) ??
      markers.get(address);
    if (found !== undefined) return found;
    const marker = new Marker('call');
    markers.set(address, marker);
    return marker;
  };

  /** Stores a word where C wants it. */
  const store = (address: number, value: number): void => {
    const unsigned = address >>> 0;
    if (unsigned % 4 !== 0 || unsigned < 65536 || unsigned >= m.memory.u8.length)
      trap(`${m.place}: a result for 0x${unsigned.toString(16)}, where no memory is`);
    m.memory.i32[unsigned >> 2] = value;
  };
  const word = (address: number): number => m.memory.i32[(address >>> 0) >> 2] ?? 0;

  /** Whether a stretch lies in C's own memory. */
  const own = (address: number, length: number): boolean => {
    const unsigned = address >>> 0;
    return unsigned >= 65536 && unsigned < KERNEL_BASE && unsigned + (length >>> 0) <= m.memory.u8.length;
  };

  const readUio = (address: number): Uio => {
    const { uio_iov, uio_offset, uio_resid } = LAYOUT.uio;
    const uio = new Uio();
    const low = word(address + uio_offset) >>> 0;
    uio.iovBase = fromC(word(word(address + uio_iov) + LAYOUT.iovec.iov_base));
    uio.uioOffset = word(address + uio_offset + 4) * 2 ** 32 + low;
    uio.uioResid = word(address + uio_resid);
    return uio;
  };
  const writeUio = (address: number, uio: Uio): void => {
    const { uio_offset, uio_resid } = LAYOUT.uio;
    store(address + uio_offset, uio.uioOffset % 2 ** 32);
    store(address + uio_offset + 4, Math.floor(uio.uioOffset / 2 ** 32));
    store(address + uio_resid, uio.uioResid);
  };

  return {
    fault: (text) => trap(`${m.place}: ${m.memory.text(text)}`),
    loops: () => {
      throw m.loops();
    },
    undefined: (text, line, value) => {
      const shown = value >>> 0 > 0xffff ? `0x${(value >>> 0).toString(16)}` : String(value);
      const what = m.memory.text(text);
      // so that whoever asks for the place hears of this one
      m.line = line;
      if (what === 'pointer')
        trap(`${m.place}: ${value === 0 ? 'null pointer' : `wild pointer ${shownAddress(value)}`}`);
      trap(`${m.place}: ${what} ${shown}${what === 'index' ? ', which is out of bounds' : ''}`);
    },

    tsleep: sleeping((chan) => or(m.kernel.tsleep(channel(chan)), same)),
    wakeup: (chan) => m.kernel.wakeup(channel(chan)),
    splbio: () => m.kernel.splbio(),
    splhigh: () => m.kernel.splbio(),
    splx: (mask) => m.kernel.splx(mask),

    malloc: sleeping((size, type) => {
      if (type === M_VMPAGER) return or(m.kernel.mallocPager(), at);
      if (type === M_VMPGDATA) return or(m.kernel.mallocVnPager(), at);
      const bytes = size >>> 0;
      return or(
        m.kernel.mallocThing(bytes, () => m.memory.take(bytes, new Thing(bytes))),
        at,
      );
    }),
    free: (address) => {
      const thing = m.memory.thingAt(address);
      if (thing instanceof CPager || thing instanceof CVnPager) {
        m.kernel.free(thing);
      } else {
        if (!(thing instanceof Thing) || thing.freed) trap(`${m.place}: free of what was not allocated`);
        m.kernel.freeThing(address);
        thing.freed = true;
        m.memory.spoil(thing.at, thing.bytes);
      }
    },
    bzero: (address, length) => {
      if (own(address, length)) m.memory.u8.fill(0, address, address + length);
      else m.kernel.bzero(fromC(address), length);
    },
    bcopy: (from, to, length) => {
      if (own(from, length) && own(to, length)) m.memory.u8.copyWithin(to, from, from + length);
      else m.kernel.bcopy(fromC(from), fromC(to), length);
    },
    crhold: (credential) => m.kernel.crhold(m.credentials.get(credential)),
    crfree: (credential) => {
      m.credentials.get(credential).crRef--;
    },
    printf: (text, args) => m.kernel.printf(message(format(m.memory, text, args))),
    Debugger: (text) => m.kernel.debugger(m.memory.text(text)),
    panic: (text, args) => m.kernel.panic(message(format(m.memory, text, args))),

    vm_page_lookup: (o, offset) => at(m.kernel.vmPageLookup(object(o), offset >>> 0)),
    vm_page_activate: (p) => m.kernel.vmPageActivate(page(p)),
    vm_page_deactivate: (p) => m.kernel.vmPageDeactivate(page(p)),
    vm_page_free: (p) => m.kernel.vmPageFree(page(p)),
    page_wakeup: (p) => m.kernel.pageWakeup(page(p)),
    vm_page_test_dirty: (p) => m.kernel.vmPageTestDirty(page(p)),
    vm_page_bits: (base, size) => m.kernel.vmPageBits(base >>> 0, size >>> 0),
    vm_page_set_valid: (p, base, size) => m.kernel.vmPageSetValid(page(p), base >>> 0, size >>> 0),
    vm_page_set_clean: (p, base, size) => m.kernel.vmPageSetClean(page(p), base >>> 0, size >>> 0),

    pmap_clear_modify: (address) => m.kernel.pmapClearModify(m.kernel.physToVmPage(address >>> 0)),
    pmap_qenter: (kva, list, count) => {
      const pages: Page[] = [];
      for (let i = 0; i < count; i++) pages.push(page(word(list + 4 * i)));
      m.kernel.pmapQenter(fromC(kva), pages, 0, count);
    },
    pmap_qremove: (kva, count) => m.kernel.pmapQremove(fromC(kva), count),
    pmap_kextract: (kva) => m.kernel.pmapKextract(fromC(kva)),
    phys_to_vm_page: (address) => at(m.kernel.physToVmPage(address >>> 0)),
    vm_pager_map_page: sleeping((p) => or(m.kernel.vmPagerMapPage(page(p)), toC)),
    vm_pager_unmap_page: (kva) => m.kernel.vmPagerUnmapPage(fromC(kva)),
    kmem_alloc: sleeping(() => or(m.kernel.kmemAlloc(), toC)),
    kmem_free_wakeup: (_map, kva) => m.kernel.kmemFreeWakeup(fromC(kva)),

    vm_object_allocate: sleeping((size) => or(m.kernel.vmObjectAllocate(size >>> 0), at)),
    vm_object_enter: sleeping((o, p) => or(m.kernel.vmObjectEnter(object(o), pager(p)), same)),
    vm_object_setpager: (o, p, offset) => m.kernel.vmObjectSetpager(object(o), pager(p), offset >>> 0),
    vm_object_lookup: (p) => at(m.kernel.vmObjectLookup(pager(p))),
    vm_object_deallocate: sleeping((o) => or(m.kernel.vmObjectDeallocate(object(o)), same)),
    vm_object_page_remove: sleeping((o, start, end) =>
      or(m.kernel.vmObjectPageRemove(object(o), start >>> 0, end >>> 0), same),
    ),
    pager_cache: sleeping((o, keep) => or(m.kernel.pagerCache(o === 0 ? null : object(o), keep !== 0), same)),

    getpbuf: sleeping(() => or<Buf>(m.kernel.getpbuf(), at)),
    trypbuf: () => at(m.kernel.trypbuf()),
    relpbuf: (bp) => m.kernel.relpbuf(buf(bp)),
    pbgetvp: (vp, bp) => m.kernel.pbgetvp(vnode(vp), buf(bp)),
    holdrele: (vp) => m.kernel.holdrele(vnode(vp)),
    incore: (vp, block) => (m.kernel.incore(vnode(vp), block) ? 1 : 0),
    vref: (vp) => m.kernel.vref(vnode(vp)),
    vrele: sleeping((vp) => or(m.kernel.vrele(vnode(vp)), same)),

    vop_getattr: sleeping((vp, attributes) => {
      const into = { vaSize: 0 };
      return or(m.kernel.vopGetattr(vnode(vp), into), (error) => {
        if (error === 0) {
          store(attributes, into.vaSize % 2 ** 32);
          store(attributes + 4, Math.floor(into.vaSize / 2 ** 32));
        }
        return error;
      });
    }),
    vop_bmap: sleeping((vp, block, device, place) => {
      const answer = { dvp: null, bn: NaN };
      const deliver = (error: number): number => {
        if (device !== 0 && answer.dvp !== null) store(device, at(answer.dvp));
        if (place !== 0 && !Number.isNaN(answer.bn)) store(place, answer.bn);
        return error;
      };
      if (place === 0) return deliver(m.kernel.vopBmapDevice(vnode(vp), answer));
      return or(m.kernel.vopBmap(vnode(vp), block, answer), deliver);
    }),
    vop_strategy: sleeping((bp) => or(m.kernel.vopStrategy(buf(bp)), same)),
    vop_read: sleeping((vp, request) => {
      const uio = readUio(request);
      return or(m.kernel.vopRead(vnode(vp), uio), (error) => {
        writeUio(request, uio);
        return error;
      });
    }),
    vop_write: sleeping((vp, request) => {
      const uio = readUio(request);
      return or(m.kernel.vopWrite(vnode(vp), uio), (error) => {
        writeUio(request, uio);
        return error;
      });
    }),
    vop_update: sleeping((vp) => or(m.kernel.vopUpdate(vnode(vp)), same)),
    vop_islocked: (vp) => (m.kernel.vopIslocked(vnode(vp)) ? 1 : 0),
    vop_lock: sleeping((vp) => or(m.kernel.vopLock(vnode(vp)), same)),
    vop_unlock: (vp) => {
      m.kernel.vopUnlock(vnode(vp));
      return 0;
    },
  };
}
