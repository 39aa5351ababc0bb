/** When to use colour: only on a terminal, and never against the user's wish (no-color.org). */
import picocolors from 'picocolors';

/** Functions that paint a text, or leave it as it is. */
export type Colors = ReturnType<typeof picocolors.createColors>;

/** Functions that leave every text as it is. */
export const NO_COLORS: Colors = picocolors.createColors(false);

/** Colours for a stream; `wanted` false is `--no-color`. */
export function colorsFor(
  stream: { isTTY?: boolean },
  wanted: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): Colors {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  if (!wanted || (NO_COLOR !== undefined && NO_COLOR !== '')) return NO_COLORS;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '' && FORCE_COLOR !== '0')
    return picocolors.createColors(true);
  return picocolors.createColors(stream.isTTY === true && TERM !== 'dumb');
}
