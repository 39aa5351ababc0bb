/**
 * The catalogue of defects as it was found: which hunt showed each, and the scenario that it left, the smallest that is known.
 * Both lie in the folder `corpus` of the checkout or package; `npm run catalogue` writes them from hunts.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** What is known of a defect by having found it. */
export const KNOWN_DEFECT = z.strictObject({
  id: z.string(),
  /** What its scenario violates. */
  property: z.string(),
  /** Operations of its scenario. */
  operations: z.number().int().nonnegative(),
  /** Other defects without which the scenario does not show it. */
  needs: z.array(z.string()),
  /** Whether a hunt without direct calls of the pager found it too. */
  reachable: z.enum(['caller', 'direct']),
  /** The hunt's seed, and the suite and run whose scenario was shrunk to this one. */
  seed: z.number().int().nonnegative(),
  suite: z.string(),
  run: z.number().int().nonnegative(),
  /** That run varied another scenario of the hunt: suite and run do not lead back to it. */
  varied: z.boolean(),
});

/** The same as a type. */
export type KnownDefect = z.infer<typeof KNOWN_DEFECT>;

/** All of them; what `corpus/catalogue.json` holds. */
export const KNOWN_DEFECTS = z.strictObject({ format: z.literal(1), defects: z.array(KNOWN_DEFECT) });

/** The folder of the scenarios, in a checkout and in a package alike. */
export const KNOWN_CORPUS = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../corpus' : '../../../corpus', import.meta.url),
);

/** The file that says how each was found. */
export const KNOWN_FILE = join(KNOWN_CORPUS, 'catalogue.json');

/** The scenario of a defect. */
export function fileOfDefect(id: string): string {
  return join(KNOWN_CORPUS, `${id}.yaml`);
}

/** Reads the catalogue; throws if the folder is not what this build was made with. */
export function readKnownDefects(): KnownDefect[] {
  return KNOWN_DEFECTS.parse(JSON.parse(readFileSync(KNOWN_FILE, 'utf8'))).defects;
}
