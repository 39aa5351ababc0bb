/**
 * Guards the properties of how runs end: every ending but completion is a violation of its own, with what the target said.
 */
import { RUN_ENDS_WELL } from '../../properties/run-ends-well.ts';
import { testFamily } from './support/judged.ts';

testFamily(
  RUN_ENDS_WELL,
  [
    {
      property: 'no-trap',
      when: 'memory that is gone is used',
      says: 'a freed page',
      play: (stage) => stage.end('trap', 'a freed page'),
    },
    {
      property: 'no-panic',
      when: 'the kernel panics',
      says: 'free twice',
      play: (stage) => stage.end('panic', 'free twice'),
    },
    {
      property: 'no-deadlock',
      when: 'threads wait for each other',
      says: 'thread 0 waits',
      play: (stage) => stage.end('deadlock', 'thread 0 waits for page 3'),
    },
    {
      property: 'no-endless-loop',
      when: 'an operation does not end',
      play: (stage) => stage.end('bound', '200000 calls'),
    },
    {
      property: 'idle-when-settled',
      when: 'an object is left',
      says: 'the object of file 0 exists',
      play: (stage) => {
        stage.object(0);
        stage.observer.settled();
      },
    },
    {
      property: 'idle-when-settled',
      when: 'a page is busy and a transfer under way',
      says: '1 transfer is under way',
      play: (stage) => {
        const frame = stage.allocate(stage.object(0), 0);
        stage.transfer([frame]);
        stage.observer.settled();
      },
    },
    {
      property: 'memory-freed',
      when: 'the pager still has memory',
      says: '2 pieces',
      play: (stage) => {
        stage.held = 2;
        stage.observer.settled();
      },
    },
  ],
  [
    {
      when: 'the pager keeps what it took in init',
      play: (stage) => {
        const call = stage.call('init', { file: -1 });
        stage.held = 1;
        stage.return(call);
        stage.observer.settled();
      },
    },
    {
      when: 'the target does not count its memory',
      play: (stage) => {
        stage.held = -1;
        stage.observer.settled();
      },
    },
    {
      when: 'everything is given up',
      play: (stage) => {
        stage.fault(stage.object(0), 0);
        stage.settle();
      },
    },
  ],
);
