/** Text that Slack shows as it is. What each function promises holds for any input: names are written by strangers. */

const BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/gu;
/** Controls, and what hides or reverses text; the two joiners stay for the scripts and emoji that need them. */
const INVISIBLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}]/gu;
/** Slack refuses an empty text object together with the whole message. */
const NOTHING = '-';
/** Looks like one. */
const BACKTICK = '\u02cb';
const ZERO_WIDTH_SPACE = '\u200b';

/** One line without controls: for `plain_text` objects, in which Slack parses nothing when `emoji` is false. */
export function toPlainLine(text: string): string {
  const line = text.toWellFormed().replaceAll(BREAKS, ' ').replaceAll(INVISIBLE, '').trim();
  return line === '' ? NOTHING : line;
}

/**
 * One line for `mrkdwn` objects and for the fallback text. `& < >` escaped ends mentions and links with a caption; what
 * Slack finds by itself (emphasis, code, emoji codes, `@here`, bare URLs) is broken by a space that nobody sees, or by the
 * sign that looks alike.
 */
export function toInertLine(text: string): string {
  return toPlainLine(text)
    .replaceAll('*', '\u2217')
    .replaceAll('`', BACKTICK)
    .replaceAll(/(?<![\p{L}\p{N}])([_~])|([_~])(?![\p{L}\p{N}])/gu, `${ZERO_WIDTH_SPACE}$1$2${ZERO_WIDTH_SPACE}`)
    .replaceAll(/:(?=[^\s:]+:|\/\/)/gu, `:${ZERO_WIDTH_SPACE}`)
    .replaceAll(/([@#])(?=[\p{L}\p{N}])/gu, (sign, _, at: number, line: string) =>
      isOfAddress(line[at - 1]) ? sign : `${sign}${ZERO_WIDTH_SPACE}`,
    )
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** What may stand before the `@` of an address; the sign in place of a backtick counts as a letter, and is none. */
function isOfAddress(before: string | undefined): boolean {
  return before !== undefined && before !== BACKTICK && /[\p{L}\p{N}._+-]/u.test(before);
}

/** At most `max` UTF-16 units, which is never less than what Slack counts; no half of a character is left over. */
export function cutTo(text: string, max: number): string {
  if (text.length <= max) return text;
  let cut = '';
  for (const character of text) {
    if (cut.length + character.length > max - 1) break;
    cut += character;
  }
  return `${cut}…`;
}
