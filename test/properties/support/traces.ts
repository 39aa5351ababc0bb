/** Rows of the tables of doctored traces, and the get that most of them begin with. */
import { VM_PAGER_OK } from '../../../src/trace/codes.ts';
import type { Setting } from '../../model/support/scene.ts';
import type { Stage } from '../../model/support/stage.ts';
import type { Broken, Lawful } from './judged.ts';

/** A trace that breaks a property. */
export const wrong = (
  property: string,
  when: string,
  play: (stage: Stage) => void,
  setting?: Setting,
  says?: string,
): Broken => ({
  property,
  when,
  play,
  ...(setting === undefined ? {} : { setting }),
  ...(says === undefined ? {} : { says }),
});

/** A trace that breaks nothing. */
export const right = (when: string, play: (stage: Stage) => void, setting?: Setting): Lawful => ({
  when,
  play,
  ...(setting === undefined ? {} : { setting }),
});

/** A get of one page of file 0 with that result; OK comes with the right bytes. */
export const get =
  (page: number, result: number, during: (stage: Stage, frame: number) => void = () => {}) =>
  (stage: Stage): void => {
    const frame = stage.allocate(stage.fileList[0]!.object < 0 ? stage.object(0) : 0, page);
    const call = stage.call('getmulti', { run: [frame] });
    if (result === VM_PAGER_OK) stage.fill(frame);
    during(stage, frame);
    stage.return(call, result);
  };

/** A get that has brought its page in, and whose neighbour an asynchronous transfer is to bring. */
export function clusterUnderWay(stage: Stage): {
  object: number;
  frames: readonly [number, number];
  call: ReturnType<Stage['call']>;
  tail: ReturnType<Stage['transfer']>;
} {
  const object = stage.object(0);
  const frames = [stage.allocate(object, 0), stage.allocate(object, 1)] as const;
  const call = stage.call('getmulti', { run: [...frames] });
  stage.finish(stage.transfer([frames[0]]));
  stage.fill(frames[0]);
  const tail = stage.transfer([frames[1]], { async: true, pbuf: 1 });
  return { object, frames, call, tail };
}

/** A get whose neighbour comes with an asynchronous transfer; `left` is how its completion leaves it. */
export const completed =
  (left: (page: Stage['pages'][number]) => void) =>
  (stage: Stage): void => {
    const { frames, call, tail } = clusterUnderWay(stage);
    stage.return(call, VM_PAGER_OK);
    stage.finish(tail, () => {
      stage.fill(frames[1]);
      stage.deactivate(frames[1]);
      stage.wakeup(frames[1]);
      left(stage.pages[frames[1]]!);
    });
  };
