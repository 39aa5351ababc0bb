/**
 * From the seed of the command line to the seed of one run. Every run has its own, so that run i of a suite is the same
 * scenario whatever other suites, runs or violations there were.
 */

/** The seed that is used unless another is asked for; fixed, so that two runs of one version are equal. */
export const DEFAULT_SEED = 1;

/** The largest seed. */
export const SEED_MAX = 0xffff_ffff;

/** The final mixing of MurmurHash3 (Appleby 2011): every bit of the input changes half of the bits of the output. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** The 32-bit seed of run `run` of a suite. */
export function seedOfRun(seed: number, suite: string, run: number): number {
  let h = mix(seed ^ 0x9e3779b9);
  for (let i = 0; i < suite.length; i++) h = mix(h ^ suite.charCodeAt(i)) + i;
  return mix(h ^ Math.imul(run + 1, 0x9e3779b1)) >>> 0;
}
