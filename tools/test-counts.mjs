/** Prints what a vitest JSON report counted, as the closing line of a CI run: "N passed, N failed, N skipped". */
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
// A file that could not be loaded holds no test that failed, yet it is a failure.
const unloadable = report.testResults.filter(
  (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
);
for (const file of unloadable) process.stdout.write(`failed to load or set up: ${file.name}\n`);
const skipped = report.numPendingTests + (report.numTodoTests ?? 0);
const counts = [`${report.numPassedTests} passed`, `${report.numFailedTests + unloadable.length} failed`];
if (skipped > 0) counts.push(`${skipped} skipped`);
process.stdout.write(`${counts.join(', ')}\n`);
