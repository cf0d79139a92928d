import { FILTER_NAMES, STATUSES_SHOWN, type AskedFilter } from '../../html/filter-form.ts';
import type { Instant } from '../../core/row.ts';
import { RULES, SEVERITIES } from '../../core/rule.ts';
import type { LiveGroup } from '../../ports/page.ts';
import { parseCursor, type Cursor } from './order.ts';

/** What an address asks for. */
export type Asked = { readonly filter: AskedFilter; readonly after?: Cursor | undefined };
/** What of it is not understood: the name, and what it may be. */
export type Misunderstood = { readonly name: string; readonly given: string; readonly hint: string };

const SOURCE_NAME = /^[a-z0-9-]{1,60}$/u;
const AGE = /^[1-9]\d{0,3}$/u;
const KNOWN: readonly string[] = [...FILTER_NAMES, 'after'];
const DAY_MS = 86_400_000;

const HINTS = {
  status: `one of ${STATUSES_SHOWN.join(', ')}; what is resolved is listed by: rollcall findings --status resolved`,
  severity: `one of ${SEVERITIES.join(', ')}`,
  rule: `one of ${RULES.join(', ')}`,
  source: 'the name of a source: a-z, 0-9 and -',
  age: 'a number of days from 1 to 9999',
} as const satisfies Record<keyof AskedFilter, string>;

/** A word that we do not know is refused: left out it would show everything to who asked for a part. */
export function parseAsked(query: Readonly<Record<string, readonly string[]>>): Asked | Misunderstood {
  const unknown = Object.keys(query).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) {
    return { name: 'the address', given: unknown, hint: `it may ask for ${FILTER_NAMES.join(', ')}` };
  }
  // A form sends what is left open as an empty text.
  const words = (name: keyof AskedFilter): readonly string[] => (query[name] ?? []).filter((word) => word !== '');
  const filter: AskedFilter = {
    status: words('status'),
    severity: words('severity'),
    rule: words('rule'),
    source: words('source'),
    age: words('age').slice(0, 1),
  };
  for (const name of FILTER_NAMES) {
    const wrong = filter[name].find((word) => !isKnown(name, word));
    if (wrong !== undefined) return { name, given: wrong, hint: HINTS[name] };
  }
  const [given] = query['after'] ?? [];
  const after = given === undefined ? undefined : parseCursor(given);
  if (given !== undefined && after === undefined) {
    return { name: 'after', given, hint: 'as a link of the page says; begin again at the first page' };
  }
  return { filter, after };
}

function isKnown(name: keyof AskedFilter, word: string): boolean {
  const lists: Readonly<Record<string, readonly string[]>> = {
    status: STATUSES_SHOWN,
    severity: SEVERITIES,
    rule: RULES,
  };
  if (name === 'source') return SOURCE_NAME.test(word);
  return name === 'age' ? AGE.test(word) : (lists[name]?.includes(word) ?? false);
}

/** Whether what was asked for is in this group: without a status, what is open or held. */
export function matches(group: LiveGroup, { status, severity, rule, source }: AskedFilter): boolean {
  if (!(status.length === 0 ? group.status !== 'waived' : status.includes(group.status))) return false;
  if (severity.length > 0 && !severity.includes(group.severity)) return false;
  if (rule.length > 0 && !rule.includes(group.rule)) return false;
  return source.length === 0 || source.includes(group.source);
}

/** Of an age that was asked for: the last moment at which a finding of that age was first seen. */
export function seenUntil({ age: [days] }: AskedFilter, now: Date): Instant | undefined {
  return days === undefined ? undefined : new Date(now.getTime() - Number(days) * DAY_MS).toISOString();
}

/** The same address again, from another place in the list. */
export function addressOf(filter: AskedFilter, after: string | undefined): string {
  const query = new URLSearchParams();
  for (const name of FILTER_NAMES) for (const word of filter[name]) query.append(name, word);
  if (after !== undefined) query.append('after', after);
  const text = query.toString();
  return `/${text === '' ? '' : `?${text}`}#findings`;
}
