/**
 * The list of pagers: each pager on it belongs to one vnode, whose `v_vmdata` leads to the object that it is the pager of, and
 * each object that a vnode leads to has its pager there. Only from the beginning of an alloc or dealloc to its end may it differ.
 *
 * Verified: the whole list whenever a call returns that may have changed it, or vnodes and objects: alloc, dealloc, setsize,
 * uncache and umount; when the settlement begins and ends. Files for which some thread still is in alloc or dealloc are left out.
 *
 * Not verified: the time between those calls, and targets that do not show the list.
 */
import type { PagerCall } from '../src/trace/observer.ts';
import type { View } from '../src/trace/view.ts';
import { THREADS_MAX } from '../model/calls.ts';
import type { Property } from './property.ts';
import { Watcher } from './watcher.ts';

const BACK = 'pagers-lead-back';

/** Numbers that a view gives for each pager. */
const FIELDS = 3;

/** More pagers than files are looked at this far. */
const STRAY_MAX = 8;

class PagerList extends Watcher {
  private list = new Int32Array(0);

  override runBegin(view: View): void {
    super.runBegin(view);
    const length = FIELDS * (view.files + STRAY_MAX);
    if (this.list.length < length) this.list = new Int32Array(length);
  }

  pagerReturn(call: PagerCall): void {
    if (this.model.returning === null) return;
    switch (call.function) {
      case 'alloc':
      case 'dealloc':
      case 'setsize':
      case 'uncache':
      case 'umount':
        this.judge(`${call.function} returns`, call);
        break;
      default:
        break;
    }
  }

  settlementBegin(): void {
    this.judge('the settlement begins', null);
  }

  settled(): void {
    this.judge('everything is settled', null);
  }

  private judge(when: string, returning: PagerCall | null): void {
    const { list, view } = this;
    const count = view.pagerList(list);
    if (count < 0) return;
    // the array may be longer, from a run with more files
    const shown = Math.min(count, view.files + STRAY_MAX);
    for (let i = 0; i < shown; i++) {
      const handle = list[FIELDS * i]!;
      const vnode = list[FIELDS * i + 1]!;
      const object = list[FIELDS * i + 2]!;
      if (handle >= 0 && handle === vnode && object >= 0) continue;
      if (this.isChanging(handle, returning) || this.isChanging(vnode, returning)) continue;
      this.complain(when, `pager ${i} of the list is that of ${fileName(handle)}`, describe(vnode, object));
    }
    for (let file = 0; file < view.files; file++) {
      const object = view.fileObject(file);
      if (object < 0 || view.objectFile(object) < 0 || this.isListed(shown, file, object)) continue;
      if (this.isChanging(file, returning)) continue;
      this.complain(when, `the pager of the object of file ${file} is on the list`, 'it is not');
    }
  }

  private isListed(shown: number, file: number, object: number): boolean {
    for (let i = 0; i < shown; i++)
      if (this.list[FIELDS * i + 1] === file && this.list[FIELDS * i + 2] === object) return true;
    return false;
  }

  /** Whether a call that makes or ends a pager of the file is under way; of any file, if it is not known which. */
  private isChanging(file: number, returning: PagerCall | null): boolean {
    const { calls } = this.model;
    for (let thread = 0; thread < THREADS_MAX; thread++) {
      for (let level = calls.depth(thread) - 1; level >= 0; level--) {
        const { call } = calls.at(thread, level);
        if (call === null || call === returning) continue;
        if ((call.function === 'alloc' || call.function === 'dealloc') && (file < 0 || call.file === file))
          return true;
      }
    }
    return false;
  }

  private complain(when: string, expected: string, observed: string): void {
    this.report(BACK, () => ({
      what: `${when}, and the list of pagers does not agree with vnodes and objects`,
      expected,
      observed,
    }));
  }
}

const fileName = (file: number): string => (file < 0 ? 'a file' : `file ${file}`);

function describe(vnode: number, object: number): string {
  if (vnode < 0) return 'it has no vnode';
  if (object < 0)
    return `v_vmdata of file ${vnode}, whose vnode it has, does not lead to an object of that pager`;
  return `it has the vnode of file ${vnode}`;
}

/** The property of the list of pagers. */
export const PAGER_LIST: readonly Property[] = [
  {
    id: BACK,
    kind: 'always',
    statement:
      'Each pager on the list has one vnode, whose v_vmdata is the object of that pager; ' +
      'and who is the pager of such an object is on the list.',
    source: '13.2 Q2-Q3, 13.3 Q1, G13',
    observes:
      'the list, vnodes and objects when alloc, dealloc, setsize, uncache and umount return, ' +
      'and when the settlement begins and ends',
    doesNotVerify:
      'files for which another alloc or dealloc is under way; the time between those calls; ' +
      'targets that do not show the list',
    monitor: () => new PagerList(),
  },
];
