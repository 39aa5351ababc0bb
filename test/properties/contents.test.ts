/**
 * Guards the properties of bytes: each clause is shown a trace that breaks it and must say so, and traces that keep it and must
 * stay silent. A clause without a trace that breaks it would be a property that cannot fail.
 */
import { describe, expect, it } from 'vitest';
import { patternByte, STAMP_OPERATION } from '../../src/scenario/pattern.ts';
import { operation } from '../../src/scenario/operations.ts';
import { VM_PAGER_ERROR, VVMIO } from '../../src/trace/codes.ts';
import type { Judge } from '../../properties/judge.ts';
import { PAGE, SECTOR, type Setting } from '../model/support/scene.ts';
import type { Stage } from '../model/support/stage.ts';
import { judged } from './support/judged.ts';

/** A stage that is judged by everything, and what it broke. */
function watched(setting: Setting = {}): { stage: Stage; judge: Judge; broken: () => string[] } {
  const { stage, judge } = judged(setting);
  return { stage, judge, broken: () => judge.violations.map((violation) => violation.property) };
}

describe('pages', () => {
  it('are right when they hold the file, zeros in holes and zeros past EOF', () => {
    const { stage, broken } = watched({
      files: [
        {
          fileSystem: 0,
          size: 300,
          extents: [
            { block: 0, sector: 40, count: 2 },
            { block: 4, sector: 80, count: 1 },
          ],
        },
      ],
    });
    const object = stage.object(0);
    for (const page of [0, 1, 4]) stage.fault(object, page);
    stage.settle();
    expect(broken()).toEqual([]);
  });

  it('that hold something else when a get returns are reported with their origin', () => {
    const { stage, judge } = watched();
    const object = stage.object(0);
    stage.operation(1);
    const frame = stage.allocate(object, 1);
    const call = stage.call('getmulti', { run: [frame] });
    stage.fill(frame);
    stage.memory.copyWithin(frame * PAGE + 8, frame * PAGE, frame * PAGE + 8);
    stage.return(call);
    const violation = judge.violations.find((one) => one.property === 'page-contents');
    expect(violation?.what).toBe('file 0 page 1 does not hold the file: bytes 8..15 of the page');
    expect(violation?.cause).toBe('page-contents/fault/getmulti');
    expect(violation?.origin).toContain('the initial contents of file 0 at offset 64');
  });

  it('whose bytes were never filled are traced to the new page', () => {
    const { stage, judge } = watched();
    const frame = stage.allocate(stage.object(0), 0);
    const call = stage.call('getmulti', { run: [frame] });
    stage.return(call);
    expect(judge.violations.find((one) => one.property === 'page-contents')?.origin).toContain(
      'what a new page holds',
    );
  });

  it('may keep invalid chunks that are wrong unless the get was OK', () => {
    const { stage, broken } = watched();
    const frame = stage.allocate(stage.object(0), 0);
    stage.fill(frame, 0x0f);
    const call = stage.call('getmulti', { run: [frame] });
    stage.return(call, VM_PAGER_ERROR);
    stage.wakeup(frame);
    expect(broken().filter((one) => one === 'page-contents')).toEqual([]);
  });

  it('with a valid chunk that was not delivered are reported whatever the result', () => {
    const { stage, broken } = watched();
    const frame = stage.allocate(stage.object(0), 0);
    const call = stage.call('getmulti', { run: [frame] });
    stage.pages[frame]!.valid = 0xff;
    stage.return(call, VM_PAGER_ERROR);
    expect(broken()).toContain('page-contents');
  });

  it('are judged when anybody un-busies them', () => {
    const { stage, broken } = watched();
    const frame = stage.allocate(stage.object(0), 0);
    stage.fill(frame);
    stage.memory[frame * PAGE + 3]! ^= 1;
    stage.wakeup(frame);
    expect(broken()).toContain('page-contents');
  });

  it('hold stores, and a get that brings old bytes back over them is reported', () => {
    const { stage, broken } = watched();
    const frame = stage.fault(stage.object(0), 0);
    stage.busy(frame);
    stage.store(frame, 10, 5);
    stage.wakeup(frame);
    expect(broken()).toEqual([]);
    stage.busy(frame);
    stage.fill(frame);
    stage.wakeup(frame);
    expect(broken()).toContain('page-contents');
  });

  it('keep what they hold when a file without shared buffers is written under them', () => {
    const { stage, broken } = watched();
    const frame = stage.fault(stage.object(0), 0);
    const stamp = STAMP_OPERATION + 2;
    const sector = stage.map[0]!.get(0)!;
    for (let b = 0; b < 20; b++) stage.disk[sector * SECTOR + b] = patternByte(stamp, b);
    stage.observer.written(0, 0, 0, 20, stamp);
    stage.busy(frame);
    stage.wakeup(frame);
    stage.free(frame);
    const again = stage.fault(0, 0);
    expect(stage.memory[again * PAGE]).toBe(patternByte(stamp, 0));
    stage.settle();
    expect(broken()).toEqual([]);
  });

  it('show what was written where buffers share them', () => {
    const { stage, broken } = watched({ fileSystems: [{ sharedBuffers: true }] });
    const frame = stage.fault(stage.object(0), 0);
    stage.fileList[0]!.flags |= VVMIO;
    const stamp = STAMP_OPERATION + 2;
    for (let b = 4; b < 12; b++) stage.memory[frame * PAGE + b] = patternByte(stamp, b);
    stage.observer.written(0, 0, 4, 8, stamp);
    stage.busy(frame);
    stage.wakeup(frame);
    expect(broken()).toEqual([]);
    stage.busy(frame);
    stage.fill(frame);
    stage.wakeup(frame);
    expect(broken()).toContain('page-contents');
  });
});

describe('puts', () => {
  it('that save what was stored are right', () => {
    const { stage, broken } = watched();
    const object = stage.object(0);
    const frame = stage.fault(object, 0);
    stage.store(frame, 0, 64);
    stage.put(object, [frame]);
    stage.settle();
    expect(broken()).toEqual([]);
  });

  it('reported OK although the disk does not hold the page are reported', () => {
    const { stage, judge, broken } = watched();
    const object = stage.object(0);
    const frame = stage.fault(object, 0);
    stage.store(frame, 16, 8);
    stage.busy(frame);
    const call = stage.call('putmulti', { run: [frame] });
    stage.pages[frame]!.dirty = 0;
    stage.return(call, 0, [0]);
    expect(broken()).toContain('put-reaches-disk');
    expect(judge.violations[0]?.origin).toContain('the initial contents of file 0 at this offset');
  });

  it('whose page lies in a dirty buffer are right', () => {
    const { stage, broken } = watched();
    const object = stage.object(0);
    const frame = stage.fault(object, 0);
    stage.store(frame, 16, 8);
    stage.busy(frame);
    stage.fileList[0]!.dirtyBlocks.add(0);
    const call = stage.call('putmulti', { run: [frame] });
    // through VOP_WRITE, which is no transfer
    stage.counted[2]!++;
    stage.counted[3]!++;
    stage.return(call, 0, [0]);
    stage.pages[frame]!.dirty = 0;
    expect(broken()).toEqual([]);
  });

  it('that alter the page in memory are reported', () => {
    const { stage, broken } = watched();
    const object = stage.object(0);
    const frame = stage.fault(object, 0);
    stage.store(frame, 16, 8);
    stage.busy(frame);
    const call = stage.call('putmulti', { run: [frame] });
    stage.memory[frame * PAGE + 1] = 0;
    stage.save(frame);
    stage.return(call, 0, [0]);
    expect(broken()).toContain('put-keeps-memory');
  });

  it('that carry invalid chunks are reported', () => {
    const { stage, broken } = watched();
    const frame = stage.allocate(stage.object(0), 0);
    stage.fill(frame, 0x03);
    stage.store(frame, 0, 8);
    const call = stage.call('putmulti', { run: [frame] });
    stage.transfer([frame], { write: true });
    stage.return(call, VM_PAGER_ERROR, [VM_PAGER_ERROR]);
    expect(broken()).toContain('invalid-bytes-not-written');
  });

  it('that clear the dirty bit of what they did not save are reported', () => {
    const { stage, broken } = watched();
    const object = stage.object(0);
    const frame = stage.fault(object, 0);
    stage.store(frame, 16, 8);
    stage.busy(frame);
    const call = stage.call('putmulti', { run: [frame] });
    stage.pages[frame]!.dirty = 0;
    stage.return(call, VM_PAGER_ERROR, [VM_PAGER_ERROR]);
    expect(broken()).toContain('clean-means-saved');
  });

  it('that failed leave bytes in doubt, and what is found is believed', () => {
    const { stage, broken } = watched();
    const object = stage.object(0);
    const frame = stage.fault(object, 0);
    stage.store(frame, 0, 64);
    stage.put(object, [frame], [VM_PAGER_ERROR], { failed: true });
    // the write got half way
    stage.save(frame, 0x0f);
    stage.free(frame);
    stage.fault(object, 0);
    stage.settle();
    expect(broken()).toEqual([]);
  });
});

describe('data', () => {
  it('lost with a page that was freed dirty is found on the disk at settlement', () => {
    const { stage, broken } = watched();
    const object = stage.object(0);
    const frame = stage.fault(object, 0);
    stage.store(frame, 0, 8);
    stage.free(frame);
    stage.settle();
    expect(broken()).toContain('file-on-disk');
  });

  it('that a stray write destroyed is found at settlement', () => {
    const { stage, broken } = watched();
    const object = stage.object(0);
    stage.fault(object, 2);
    stage.disk[stage.map[0]!.get(2)! * SECTOR + 5]! ^= 0xff;
    stage.settle();
    expect(broken()).toEqual(['file-on-disk']);
  });

  it('beyond a truncation is gone lawfully', () => {
    const { stage, broken } = watched();
    const object = stage.object(0);
    const frame = stage.fault(object, 1);
    stage.store(frame, 0, 64);
    stage.observer.freed(0, 1, stage.map[0]!.get(1)!, 24);
    for (const block of [1, 2, 3]) stage.map[0]!.delete(block);
    stage.resize(0, 64);
    stage.settle();
    expect(broken()).toEqual([]);
  });

  it('that a read delivers wrongly is reported', () => {
    const { stage, broken } = watched();
    const at = stage.geometry.frames * PAGE;
    stage.memory.set(stage.fileBytes(0, 1), at);
    stage.observer.delivered(0, 0, 64, 64, at);
    expect(broken()).toEqual([]);
    stage.memory[at + 9]! ^= 4;
    stage.observer.delivered(0, 0, 64, 64, at);
    expect(broken()).toEqual(['read-contents']);
  });

  it.each([
    [false, 'is reported: what it reads is on the disk', ['read-contents']],
    [true, 'may come from there', []],
  ])(
    'that a read delivers, a page having gone meanwhile (buffers share it: %s), %s',
    (shared, _, expected) => {
      const { stage, broken } = watched({ fileSystems: [{ sharedBuffers: shared }] });
      const at = stage.geometry.frames * PAGE;
      const object = stage.object(0);
      if (shared) stage.fileList[0]!.flags |= VVMIO;
      const frame = stage.fault(object, 1);
      stage.store(frame, 0, 8);
      stage.put(object, [frame]);
      stage.observer.operationBegin(0, operation(1, 0, 'read'));
      stage.observer.operationBegin(1, operation(2, 1, 'reclaim'));
      stage.free(frame);
      stage.memory.set(stage.fileBytes(0, 1), at);
      stage.memory[at + 30]! ^= 4;
      stage.observer.delivered(0, 0, 64, 64, at);
      expect(broken()).toEqual(expected);
    },
  );
});

describe('growth', () => {
  it('shows zeros in a resident page, and saves them', () => {
    const { stage, broken } = watched({ fileSystems: [{ tail: 'zeros' }] });
    const object = stage.object(0);
    const frame = stage.fault(object, 3);
    stage.resize(0, 220);
    stage.busy(frame);
    stage.wakeup(frame);
    stage.settle();
    expect(broken()).toEqual([]);
  });

  it('that leaves a resident page clean over other bytes on the disk is reported', () => {
    const { stage, broken } = watched();
    const frame = stage.fault(stage.object(0), 3);
    stage.resize(0, 220);
    stage.busy(frame);
    stage.wakeup(frame);
    expect(broken()).toEqual(['clean-means-saved']);
  });

  it('of a page that is not resident adopts what the disk holds', () => {
    const { stage, broken } = watched();
    const object = stage.object(0);
    stage.free(stage.fault(object, 3));
    stage.resize(0, 220);
    stage.fault(object, 3);
    stage.settle();
    expect(broken()).toEqual([]);
  });
});

it('names the operation and survives frames and files that do not exist', () => {
  const { stage, judge } = watched({ operations: [operation(7, 0, 'msync')] });
  const object = stage.object(0);
  stage.operation(7, 'msync');
  const frame = stage.fault(object, 0);
  stage.busy(frame);
  stage.memory[frame * PAGE] = 0;
  stage.wakeup(frame);
  expect(judge.violations[0]).toMatchObject({ operation: 7, operationKind: 'msync', function: '-' });
});
