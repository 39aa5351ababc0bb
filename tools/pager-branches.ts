/**
 * The last step of `npm run coverage:pager`: fails if the branches that no generated scenario reached are not those for which
 * docs/coverage.md gives a reason.
 */
import { readFileSync } from 'node:fs';
import { differences, missedBranches, reasonsOf, type FileCoverage } from './branches.ts';

const DOCUMENT = 'docs/coverage.md';

const report = JSON.parse(readFileSync('coverage/pager/coverage-final.json', 'utf8')) as Record<
  string,
  FileCoverage
>;
const missed = missedBranches(Object.values(report), (path) => readFileSync(path, 'utf8'));
const complaints = differences(missed, reasonsOf(readFileSync(DOCUMENT, 'utf8')));
for (const complaint of complaints) process.stderr.write(`${DOCUMENT}: ${complaint}\n`);
if (complaints.length === 0) {
  process.stdout.write(
    `${DOCUMENT} gives a reason for each of the ${missed.length} branches that are missed\n`,
  );
} else {
  process.exitCode = 1;
}
