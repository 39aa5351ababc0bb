/**
 * Guards the bookkeeping of owners and claims: pages and objects that come back under the same number are told apart, transfers
 * take over what they carry, and nothing is left of a run.
 */
import { describe, expect, it } from 'vitest';
import { Calls } from '../../model/calls.ts';
import { Claims, NOBODY } from '../../model/claims.ts';
import { Model } from '../../model/model.ts';
import type { Transfer } from '../../src/trace/observer.ts';
import { scenarioOf } from './support/scene.ts';
import { judged } from '../properties/support/judged.ts';

function claimsOf(): Claims {
  const claims = new Claims();
  claims.begin(scenarioOf().geometry);
  return claims;
}

const transferOf = (fields: Partial<Transfer>): Transfer => ({
  pbuf: 0,
  thread: 0,
  file: 0,
  device: 'disk',
  write: false,
  async: true,
  block: 0,
  byteCount: 128,
  bufferSize: 128,
  dirtyOffset: 0,
  dirtyEnd: 0,
  pageOffset: 0,
  frames: Int32Array.of(3, 5),
  frameCount: 2,
  failed: false,
  error: 0,
  resid: 0,
  ...fields,
});

describe('pages', () => {
  it('have one owner, who can be taken off in any order', () => {
    const claims = claimsOf();
    for (const frame of [4, 2, 7]) claims.pageAllocated(1, frame);
    claims.disown(4);
    claims.disown(4);
    expect([claims.ownedCount, claims.ownerOf(4), claims.ownerOf(7)]).toEqual([2, NOBODY, 1]);
    expect([claims.ownedFrame(0), claims.ownedFrame(1)].toSorted((a, b) => a - b)).toEqual([2, 7]);
  });

  it('that are handed out again are other pages', () => {
    const claims = claimsOf();
    claims.pageAllocated(0, 2);
    const birth = claims.birthOf(2);
    claims.pageFreed(2);
    expect(claims.birthOf(2)).toBe(0);
    claims.pageAllocated(0, 2);
    expect(claims.birthOf(2)).not.toBe(birth);
    expect(claims.framesUsed).toBe(1);
  });
});

describe('asynchronous transfers', () => {
  it('own their pages and a claim until they are completed', () => {
    const claims = claimsOf();
    claims.objectCreated(0);
    claims.claim(0, 1);
    for (const frame of [3, 5]) claims.pageAllocated(0, frame);
    claims.transferStart(transferOf({}), 0);
    expect([claims.outstanding(0), claims.pending, claims.pendingBy(0), claims.inFlight]).toEqual([
      2, 1, 1, 1,
    ]);
    expect([claims.inTransit(3), claims.ownedByTransfer(5, 0), claims.ownedByTransfer(5, 1)]).toEqual([
      true,
      true,
      false,
    ]);
    claims.transferEnd(transferOf({}));
    expect([claims.inFlight, claims.pending]).toEqual([0, 1]);
    expect(claims.completed(0)).toBe(true);
    expect([claims.outstanding(0), claims.pending, claims.completedObject]).toEqual([1, 0, 0]);
    expect(claims.completed(0)).toBe(false);
    expect(claims.completedObject).toBe(-1);
  });

  it('are told from synchronous ones', () => {
    const claims = claimsOf();
    claims.objectCreated(0);
    claims.pageAllocated(0, 3);
    claims.transferStart(transferOf({ async: false, write: true }), 0);
    expect([claims.outstanding(0), claims.inTransit(3), claims.diskWrites]).toEqual([0, false, 1]);
    claims.transferEnd(transferOf({ async: false, write: true }));
    expect(claims.diskWrites).toBe(0);
  });

  it('are counted by the file if they are writes over the network', () => {
    const claims = claimsOf();
    const write = transferOf({ write: true, device: 'network', file: 2 });
    claims.transferStart(write, 0);
    expect([claims.diskWrites, claims.fileWrites[2]]).toEqual([0, 1]);
    claims.transferEnd(write);
    claims.transferEnd(write);
    expect([claims.diskWrites, claims.fileWrites[2]]).toEqual([0, 0]);
  });
});

it('objects that come back under the same number are other objects', () => {
  const claims = claimsOf();
  claims.objectCreated(40);
  const birth = claims.objectBirth(40);
  claims.claim(40, 3);
  claims.objectFreed(40);
  expect([claims.objectBirth(40), claims.objects.length]).toEqual([0, 0]);
  claims.objectCreated(40);
  expect(claims.objectBirth(40)).not.toBe(birth);
  expect(claims.outstanding(40)).toBe(0);
});

describe('calls', () => {
  it('see the least and the greatest EOF since they began', () => {
    const { stage, judge } = judged();
    const object = stage.object(0);
    const frame = stage.allocate(object, 0);
    stage.call('getmulti', { run: [frame], thread: 1 });
    stage.resize(0, 150);
    stage.resize(0, 400);
    const top = judge.model.calls.top(1)!;
    expect([top.minEof, top.maxEof]).toEqual([150, 400]);
  });

  it('know whether another thread ran in between', () => {
    const { stage, judge } = judged();
    const object = stage.object(0);
    stage.operation(1, 'fault', 1);
    stage.call('getmulti', { run: [stage.allocate(object, 0)], thread: 1 });
    const { calls } = judge.model;
    stage.sleep(1);
    stage.resume(1);
    expect([calls.top(1)!.interleaved, calls.interleavedSince(1)]).toEqual([false, Number.MAX_SAFE_INTEGER]);
    stage.sleep(1);
    stage.resume(0);
    expect(calls.top(1)!.interleaved).toBe(true);
    expect(calls.interleavedSince(1)).toBeLessThan(Number.MAX_SAFE_INTEGER);
  });

  it('nest, and know what failed in them', () => {
    const { stage, judge } = judged();
    const object = stage.object(0);
    const frame = stage.fault(object, 0);
    const outer = stage.call('putmulti', { run: [frame] });
    const inner = stage.call('setsize', { file: 0, size: 190 });
    expect(judge.model.calls.depth(0)).toBe(2);
    stage.return(inner);
    stage.finish(Object.assign(stage.transfer([frame], { write: true }), { failed: true }));
    expect(judge.model.calls.top(0)).toMatchObject({ failed: true, started: 1, transfers: 1 });
    stage.return(outer, 4, [4]);
    expect(judge.model.calls.depth(0)).toBe(0);
  });

  it("of interrupts are nobody's", () => {
    const model = new Model();
    const calls = new Calls(model.files, model.claims);
    calls.begin();
    expect([calls.top(-1), calls.depth(-1), calls.top(99), calls.operationOf(-1)]).toEqual([
      null,
      0,
      null,
      null,
    ]);
  });
});
