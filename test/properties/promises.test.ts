/**
 * Guards what one pager function has said and another must keep: haspage and get that disagree, a list that init leaves full.
 */
import { PROMISES } from '../../properties/promises.ts';
import { VM_PAGER_BAD, VM_PAGER_ERROR, VM_PAGER_FAIL, VM_PAGER_OK } from '../../src/trace/codes.ts';
import type { Stage } from '../model/support/stage.ts';
import { testFamily } from './support/judged.ts';

/** haspage of page 1, something in between, and a get of it with that result. */
const asked =
  (
    said: number,
    result: number,
    between: (stage: Stage) => void = () => {},
    during: (stage: Stage) => void = () => {},
  ) =>
  (stage: Stage): void => {
    const object = stage.object(0);
    stage.claim(object, 1);
    stage.return(stage.call('haspage', { file: 0, object, page: 1 }), said);
    between(stage);
    const frame = stage.allocate(object, 1);
    const call = stage.call('getmulti', { run: [frame] });
    during(stage);
    stage.return(call, result);
  };

const shorter = (stage: Stage): void => stage.observer.resized(0, 10);

testFamily(
  PROMISES,
  [
    {
      property: 'haspage-obliges',
      when: 'the get says that there is no data',
      play: asked(1, VM_PAGER_FAIL),
      says: 'haspage said that file 0 has page 1',
    },
    { property: 'haspage-obliges', when: 'the get says that it is past EOF', play: asked(1, VM_PAGER_BAD) },
    {
      property: 'init-empties-list',
      when: 'a pager of an earlier run is still listed',
      play: (stage): void => {
        stage.object(0);
        stage.return(stage.call('init', { file: -1 }));
      },
      says: 'on the list of pagers',
    },
  ],
  [
    { when: 'the get delivers', play: asked(1, VM_PAGER_OK) },
    { when: 'the get fails', play: asked(1, VM_PAGER_ERROR) },
    { when: 'haspage has said FALSE', play: asked(0, VM_PAGER_FAIL) },
    { when: 'the file has become shorter in between', play: asked(1, VM_PAGER_BAD, shorter) },
    { when: 'the file becomes shorter during the get', play: asked(1, VM_PAGER_BAD, () => {}, shorter) },
    {
      when: 'the list is empty',
      play: (stage): void => stage.return(stage.call('init', { file: -1 })),
    },
  ],
);
