/**
 * Guards the properties of what lies past EOF: every moment at which they look is shown bytes that are not zero.
 */
import { ZERO_PAST_EOF } from '../../properties/zero-past-eof.ts';
import { VM_PAGER_ERROR } from '../../src/trace/codes.ts';
import { PAGE } from '../model/support/scene.ts';
import { testFamily } from './support/judged.ts';

testFamily(
  ZERO_PAST_EOF,
  [
    {
      property: 'zero-past-eof',
      when: 'a get returns the tail of the last sector as it was on disk',
      says: 'what lay on disk past the end of the file',
      setting: { files: [{ fileSystem: 0, size: 204 }] },
      play: (stage) => {
        const frame = stage.allocate(stage.object(0), 3);
        const call = stage.call('getmulti', { run: [frame] });
        stage.fill(frame);
        const sector = stage.map[0]!.get(3)!;
        for (let b = 12; b < 16; b++) stage.memory[frame * PAGE + b] = stage.disk[sector * 8 + b]!;
        stage.return(call);
      },
    },
    {
      property: 'zero-past-eof',
      when: 'an asynchronous transfer un-busies the last page with a tail',
      play: (stage) => {
        const object = stage.object(0);
        const frames = [2, 3].map((page) => stage.allocate(object, page));
        const call = stage.call('getmulti', { run: frames });
        const sync = stage.transfer([frames[0]!]);
        stage.objectList[object]!.pip++;
        const tail = stage.transfer([frames[1]!], { async: true, pbuf: 1 });
        stage.fill(frames[0]!);
        stage.finish(sync);
        stage.return(call);
        stage.finish(tail, () => {
          stage.fill(frames[1]!);
          stage.memory[frames[1]! * PAGE + 20] = 7;
          stage.objectList[object]!.pip--;
          stage.deactivate(frames[1]!);
          stage.wakeup(frames[1]!);
        });
      },
    },
    {
      property: 'zero-past-eof',
      when: 'a shrinking setsize leaves old bytes in the page with the new EOF',
      play: (stage) => {
        stage.fault(stage.object(0), 1);
        const call = stage.call('setsize', { file: 0, size: 100 });
        stage.fileList[0]!.pagerSize = 100;
        stage.return(call);
      },
    },
    {
      property: 'zero-past-eof',
      when: 'old bytes stay beside those stored while setsize ran',
      play: (stage) => {
        const frame = stage.fault(stage.object(0), 1);
        const call = stage.call('setsize', { file: 0, size: 100, thread: 1 });
        stage.fileList[0]!.pagerSize = 100;
        stage.memory.fill(0, frame * PAGE + 36, frame * PAGE + 60);
        stage.store(frame, 40, 8);
        stage.return(call);
      },
    },
    {
      property: 'zero-past-eof',
      when: 'what was stored before setsize began stays, although there are stores after it',
      play: (stage) => {
        const frame = stage.fault(stage.object(0), 1);
        stage.store(frame, 48, 8);
        const call = stage.call('setsize', { file: 0, size: 100, thread: 1 });
        stage.fileList[0]!.pagerSize = 100;
        stage.memory.fill(0, frame * PAGE + 36, frame * PAGE + 48);
        stage.memory.fill(0, frame * PAGE + 56, frame * PAGE + 64);
        stage.store(frame, 40, 8);
        stage.return(call);
      },
    },
    {
      property: 'zero-past-eof',
      when: 'a store past EOF survives a growth',
      play: (stage) => {
        const frame = stage.fault(stage.object(0), 3);
        stage.store(frame, 60, 4);
        stage.resize(0, 210);
        stage.busy(frame);
        stage.wakeup(frame);
      },
    },
    {
      property: 'write-zero-past-eof',
      when: 'a write carries a store past EOF to the end of its last sector',
      setting: { files: [{ fileSystem: 0, size: 204 }] },
      play: (stage) => {
        const object = stage.object(0);
        const frame = stage.fault(object, 3);
        stage.store(frame, 8, 8);
        stage.put(object, [frame]);
      },
    },
  ],
  [
    {
      when: 'pages are read, stored to past EOF and written with zeros there',
      setting: { files: [{ fileSystem: 0, size: 204 }] },
      play: (stage) => {
        const object = stage.object(0);
        const frame = stage.fault(object, 3);
        stage.store(frame, 4, 60);
        stage.busy(frame);
        stage.wakeup(frame);
        stage.memory.fill(0, frame * PAGE + 12, frame * PAGE + 16);
        stage.put(object, [frame]);
      },
    },
    {
      when: 'the file shrinks and grows under a resident page that is zeroed each time',
      setting: { fileSystems: [{ tail: 'zeros' }] },
      play: (stage) => {
        const frame = stage.fault(stage.object(0), 3);
        stage.resize(0, 195);
        stage.resize(0, 230);
        stage.busy(frame);
        stage.wakeup(frame);
      },
    },
    {
      when: 'bytes are stored past EOF while setsize runs, after it has zeroed the page',
      play: (stage) => {
        const frame = stage.fault(stage.object(0), 1);
        const call = stage.call('setsize', { file: 0, size: 100, thread: 1 });
        stage.fileList[0]!.pagerSize = 100;
        stage.memory.fill(0, frame * PAGE + 36, frame * PAGE + 64);
        stage.store(frame, 40, 8);
        stage.return(call);
        stage.busy(frame);
        stage.wakeup(frame);
      },
    },
    {
      when: 'bytes are stored past EOF while setsize runs, before it zeroes the page',
      play: (stage) => {
        const frame = stage.fault(stage.object(0), 1);
        const call = stage.call('setsize', { file: 0, size: 100, thread: 1 });
        stage.fileList[0]!.pagerSize = 100;
        stage.store(frame, 40, 8);
        stage.memory.fill(0, frame * PAGE + 36, frame * PAGE + 64);
        stage.return(call);
        stage.busy(frame);
        stage.wakeup(frame);
      },
    },
    {
      when: 'a get fails and leaves whatever was there in a page that is not valid',
      play: (stage) => {
        const frame = stage.allocate(stage.object(0), 3);
        const call = stage.call('getmulti', { run: [frame] });
        stage.return(call, VM_PAGER_ERROR);
        stage.wakeup(frame);
      },
    },
    {
      when: 'the file was disconnected',
      play: (stage) => {
        const frame = stage.fault(stage.object(0), 3);
        stage.fileList[0]!.mounted = false;
        stage.observer.disconnected(0);
        stage.memory[frame * PAGE + 30] = 1;
        stage.busy(frame);
        stage.wakeup(frame);
      },
    },
  ],
);
