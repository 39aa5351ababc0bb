/**
 * Reading, writing and editing of scenario files: what other parts of the project import. The work is in `parse.ts`,
 * `format.ts`, `edit.ts` and `compare.ts`; the format is described in `docs/scenario-format.md`.
 */
export { cloneScenario, scenarioEquals } from './compare.ts';
export { editScenario, headComment, type EditResult } from './edit.ts';
export { formatBriefly, formatScenario } from './format.ts';
export { checkScenario, formatProblem, parseScenario, type ParseResult, type Problem } from './parse.ts';
