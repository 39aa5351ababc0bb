/**
 * The pager form as it is written on the command line: `repaired`, `as-written`, or one of them with switches, as in
 * `repaired+ID,ID`.
 */
import { UsageError, unknownName } from '../engine/errors.ts';
import type { TargetChoice } from '../scenario/scenario.ts';

const FORMS = ['repaired', 'as-written'] as const;

/** Reads `--pager`. @throws UsageError with the nearest form or switch */
export function pagerForm(
  text: string,
  switches: readonly string[],
): Pick<TargetChoice, 'form' | 'switches'> {
  const plus = text.indexOf('+');
  const name = plus < 0 ? text : text.slice(0, plus);
  const form = FORMS.find((one) => one === name);
  if (form === undefined) {
    throw unknownName('form', name, FORMS, '--pager', 'write repaired, as-written or repaired+DEFECT,...');
  }
  const named =
    plus < 0
      ? []
      : text
          .slice(plus + 1)
          .split(/[,+]/)
          .map((one) => one.trim());
  if (plus >= 0 && named.every((one) => one === '')) {
    throw new UsageError(`--pager: ${text} names no switch after the +; see pagercheck list switches`);
  }
  const chosen = named.filter((one, i) => one !== '' && named.indexOf(one) === i);
  for (const one of chosen) {
    if (!switches.includes(one))
      throw unknownName('switch', one, switches, '--pager', 'see pagercheck list switches');
  }
  return { form, switches: chosen };
}
