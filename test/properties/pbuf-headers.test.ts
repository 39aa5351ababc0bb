/** Guards the property of buffer headers: each field of a header is shown written by those to whom it does not belong. */
import { PBUF_HEADERS } from '../../properties/pbuf-headers.ts';
import { PBUF_FIELDS, VM_PAGER_OK } from '../../src/trace/codes.ts';
import type { Stage } from '../model/support/stage.ts';
import { testFamily } from './support/judged.ts';
import { get as getPage, right, wrong } from './support/traces.ts';

const HEADERS = 'pbuf-headers-owned';

/** Somebody writes a field of pbuf 1. */
const write = (stage: Stage, field: number): void => {
  const pbuf = stage.pbufs[1]!;
  pbuf.written = { ...pbuf.written, [field]: 77 };
};

const take = (stage: Stage): void => {
  stage.freePbufs--;
  stage.pbufs[1] = { busy: true, mapped: true };
};

const giveBack = (stage: Stage): void => {
  stage.freePbufs++;
  stage.pbufs[1] = { busy: false, mapped: false };
};

/** A get that waits for a transfer of pbuf 1; what happens in the completion, and after the pbuf was given back. */
const waited =
  (completion: (stage: Stage) => void, afterwards: (stage: Stage) => void = () => {}) =>
  (stage: Stage): void =>
    getPage(0, VM_PAGER_OK, (_, frame) => {
      take(stage);
      const transfer = stage.transfer([frame], { pbuf: 1 });
      stage.finish(transfer, () => completion(stage));
      giveBack(stage);
      afterwards(stage);
    })(stage);

/** A get that leaves a transfer of pbuf 1 behind; what happens in its completion. */
const unwaited =
  (completion: (stage: Stage) => void) =>
  (stage: Stage): void => {
    getPage(0, VM_PAGER_OK, (_, frame) => {
      take(stage);
      stage.transfer([frame], { async: true, pbuf: 1 });
    })(stage);
    stage.finish(stage.transferOf(1), () => completion(stage));
  };

testFamily(
  PBUF_HEADERS,
  [
    ...PBUF_FIELDS.flatMap((name, field) => [
      wrong(
        HEADERS,
        `the completion of a transfer that somebody waits for writes ${name}`,
        waited((stage) => write(stage, field)),
        undefined,
        `the synchronous transfer of pbuf 1 has changed ${name}","expected":"0: `,
      ),
      wrong(
        HEADERS,
        `a completion writes ${name} of the header that it has given back`,
        unwaited((stage) => {
          giveBack(stage);
          write(stage, field);
        }),
        undefined,
        `pbuf 1 is free after iodone, and ${name} was written`,
      ),
    ]),
    wrong(
      HEADERS,
      'a get writes to the header that it has given back',
      waited(
        () => {},
        (stage) => write(stage, 0),
      ),
      undefined,
      'pbuf 1 is free after getmulti',
    ),
    wrong(
      HEADERS,
      'a header that carried nothing is written to',
      (stage) => {
        write(stage, 2);
        stage.settle();
      },
      undefined,
      'pbuf 1 is free after settlement',
    ),
  ],
  [
    right('the waiting thread does with its header what it wants', (stage) => {
      waited(() => {})(stage);
      stage.settle();
    }),
    right('a completion writes to a header before it gives it back', (stage) => {
      unwaited((inner) => {
        write(inner, 0);
        giveBack(inner);
      })(stage);
      stage.settle();
    }),
    right('a header that another has taken is its owner to write to', (stage) => {
      unwaited(giveBack)(stage);
      take(stage);
      write(stage, 3);
      getPage(1, VM_PAGER_OK)(stage);
      giveBack(stage);
      stage.settle();
    }),
    right('a pbuf of a number that there is not', (stage) => {
      getPage(0, VM_PAGER_OK, (_, frame) => stage.finish(stage.transfer([frame], { pbuf: 99 })))(stage);
    }),
  ],
);
