/** `pagercheck list`: what there is to choose from. */
import { PROPERTIES } from '../../../properties/catalogue.ts';
import { sourceText } from '../../../properties/seed-lines.ts';
import { SUITES } from '../../../properties/suites/catalogue.ts';
import { SWITCHES } from '../../targets/reference.ts';
import { count, labelled, thousands } from '../../report/words.ts';
import type { Console } from '../console.ts';
import { EXIT_HELD } from '../exit.ts';
import { LISTS } from '../names.ts';
import { requireNames } from '../values.ts';

interface Row {
  name: string;
  text: string;
}

function rowsOf(name: (typeof LISTS)[number]): Row[] {
  switch (name) {
    case 'suites':
      return SUITES.map(({ name: suite, does, runs, properties }) => ({
        name: suite,
        text: `${does} (${thousands(runs)} runs, ${count(properties.length, 'property', 'properties')})`,
      }));
    case 'properties':
      return PROPERTIES.map(({ id, kind, statement, source }) => ({
        name: id,
        text: `${kind}: ${statement} [${sourceText(source)}]`,
      }));
    case 'targets':
      return [
        {
          name: 'reference',
          text: 'the reference pager on the simulated kernel, in the form that --pager names',
        },
        {
          name: 'c',
          text: 'a pager in C, the text that --source names, on the simulated kernel (see pagercheck setup)',
        },
        { name: 'FILE.c', text: 'the same, by the name of the text' },
        {
          name: 'MODULE.ts',
          text: 'a pager of your own: a module whose default export is (kernel) => pager, or a class',
        },
      ];
    case 'switches':
      return SWITCHES.map(({ id, lines, symptom }) => ({ name: id, text: `${symptom} [lines ${lines}]` }));
  }
}

/** Prints one list, or all. */
export function list(which: string | undefined, console: Console): number {
  if (which !== undefined) requireNames('list', 'list', [which], LISTS);
  const chosen = which === undefined ? LISTS : LISTS.filter((one) => one === which);
  const blocks = chosen.map((name) => {
    const rows = rowsOf(name);
    const width = Math.min(32, Math.max(0, ...rows.map((row) => row.name.length)) + 2);
    const lines = rows.map((row) =>
      row.name.length + 2 <= width
        ? labelled(row.name, width, row.text, '  ')
        : `  ${row.name}\n${labelled('', width, row.text, '  ')}`,
    );
    return [console.colors.bold(name), ...lines].join('\n');
  });
  console.result(blocks.join('\n\n'));
  return EXIT_HELD;
}
