/** Repeats untrusted text in messages: shortened, on one line, and without anything that could disturb a terminal. */

/** Longest excerpt that a message repeats, in characters. */
export const QUOTE_MAX = 40;

/** Characters that a message must not hold: they move the cursor, reorder the line or cannot be seen. */
export const UNSHOWABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** The text in quotes. */
export function quote(text: string): string {
  const characters = Array.from(text.slice(0, 2 * QUOTE_MAX));
  const isLong = characters.length > QUOTE_MAX || text.length > 2 * QUOTE_MAX;
  const short = isLong ? `${characters.slice(0, QUOTE_MAX).join('')}...` : text;
  return JSON.stringify(short).replaceAll(UNSHOWABLE, '?');
}
