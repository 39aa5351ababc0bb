/** `pagercheck setup`: installs what is optional. */
import { UsageError, messageOf } from '../../engine/errors.ts';
import { CSourceError, hasTools, installTools } from '../../targets/c-source/tools.ts';
import type { Console } from '../console.ts';
import { EXIT_HELD } from '../exit.ts';
import { SETUPS } from '../names.ts';
import { requireNames } from '../values.ts';

/** Installs; what is there stays. @throws UsageError if it cannot be had */
export async function setup(what: string, console: Console): Promise<number> {
  requireNames('setup', 'thing to set up', [what], SETUPS, 'see pagercheck setup --help');
  if (hasTools()) {
    console.result('the C compiler is there already');
    return EXIT_HELD;
  }
  console.news('installing the C compiler, two npm packages of about 200 MB ...');
  try {
    console.result(`the C compiler is in ${await installTools()}`);
  } catch (thrown) {
    if (thrown instanceof CSourceError)
      throw new UsageError(`setup c: ${messageOf(thrown)}`, { cause: thrown });
    throw thrown;
  }
  return EXIT_HELD;
}
