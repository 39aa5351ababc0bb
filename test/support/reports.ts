/** Made-up results of runs, for tests of what people and machines are shown. */
import type { RunReport, SuiteReport, ViolationReport } from '../../src/engine/results.ts';
import { noEndings } from '../../src/engine/results.ts';
import { REPAIRED, scenarioOf } from './fakes.ts';

export const VIOLATION: ViolationReport = {
  property: 'zero-past-eof',
  cause: 'zero-past-eof/fault/getmulti',
  operations: 2,
  file: 'corpus/zero-past-eof-0123abcd.yaml',
  fileError: null,
  runs: 203,
  firstRun: 17,
  operationsBefore: 64,
  reproduced: true,
  company: [],
  explanation: {
    property: 'zero-past-eof',
    cause: 'zero-past-eof/fault/getmulti',
    operation: 2,
    operationKind: 'fault',
    function: 'getmulti',
    what: 'page 1 of file 0 ends at byte 100, but the bytes of the page from there on are not all zero after the get',
    expected: '00 00 00 00 00 00 00 00 from byte 100 on',
    observed: '5a 11 c3 9e 77 02 d8 41',
    origin: 'what lay on the disk at sector 9 and was never written by anybody',
  },
  scenario: scenarioOf('map', 'fault'),
};

/** A suite that held. */
export function suiteReport(changes: Partial<SuiteReport> = {}): SuiteReport {
  return {
    name: 'mixed',
    runs: 20_000,
    runsPlanned: 20_000,
    operations: 1_034_871,
    noops: 90_112,
    transfers: 420_001,
    violations: [],
    reached: [
      { name: 'call getmulti', count: 5000, requiredAfter: 100 },
      { name: 'call umount', count: 0, requiredAfter: null },
    ],
    notReached: [],
    ways: {},
    endings: { ...noEndings(), completed: 20_000 },
    properties: ['zero-past-eof', 'contents'],
    difference: null,
    elapsedMs: 12_345.678,
    ...changes,
  };
}

/** A run of one suite that held. */
export function runReport(changes: Partial<RunReport> = {}): RunReport {
  return {
    verdict: 'held',
    seed: 1,
    near: null,
    target: REPAIRED,
    stopped: 'done',
    suites: [suiteReport()],
    notRun: [],
    internal: null,
    elapsedMs: 12_400,
    ...changes,
  };
}
