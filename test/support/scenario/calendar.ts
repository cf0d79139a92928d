import type { ListingEnd } from '../../../src/core/listing.ts';
import type { TokenOwner } from '../../../src/core/case.ts';
import { isRule } from '../../../src/core/rule.ts';
import type { Day, RuleName, SourceName, Told } from './types.ts';
import { dateOf, idIn } from './words.ts';

// What the days themselves bring: the moment of the reconciliation, the configuration, and listings that prove nothing.

export const ZONE = 'America/New_York';
/** The clocks go forward on the 14th at 02:00. */
const DST_DAY = 14;
/** Runs late in the evening, when UTC has tomorrow already; for some days after midnight, when the winter offset has yesterday still. */
const EARLY_DAYS = { from: 15, to: 22 } as const;

/** When the reconciliation of a day is made; each one lies on that day in New York. */
export function momentOf(day: Day): Date {
  if (day < DST_DAY) return new Date(`${dateOf(day + 1)}T04:30:00Z`);
  if (day === DST_DAY) return new Date(`${dateOf(day)}T16:00:00Z`);
  if (day <= EARLY_DAYS.to) return new Date(`${dateOf(day)}T04:30:00Z`);
  return new Date(`${dateOf(day + 1)}T03:30:00Z`);
}

export type Trouble = {
  readonly source: SourceName;
  readonly days: readonly Day[];
  readonly verdict: 'complete' | 'incomplete' | 'suspicious';
  /** Whose rules are withheld: those of the source alone, or all that read identities. */
  readonly withholds: 'source' | 'identities';
  readonly rows: (rows: readonly Told[]) => readonly Told[];
  readonly end?: ((now: Date) => Partial<ListingEnd>) | undefined;
};

const HOUR_MS = 3_600_000;
/** `minRows` of the directory. */
const MIN_ROWS = 50;
const all = (rows: readonly Told[]): readonly Told[] => rows;
const withoutCrowd = (rows: readonly Told[]): readonly Told[] =>
  rows.filter(({ raw }) => !String(raw.externalId).includes('-crowd-'));

export const TROUBLES: readonly Trouble[] = [
  {
    source: 'nimble',
    days: [4],
    verdict: 'incomplete',
    withholds: 'source',
    rows: withoutCrowd,
    end: () => ({ outcome: { kind: 'broken', code: 'source-unavailable', detail: 'page 2 was cut' } }),
  },
  { source: 'directory', days: [6], verdict: 'suspicious', withholds: 'identities', rows: () => [] },
  {
    source: 'directory',
    days: [9],
    verdict: 'complete',
    withholds: 'identities',
    rows: all,
    end: (now) => ({ modifiedAt: new Date(now.getTime() - 30 * HOUR_MS).toISOString() }),
  },
  // The stories make this one: twelve colleagues lose their accounts.
  { source: 'nimbus', days: [11, 12], verdict: 'suspicious', withholds: 'source', rows: all },
  {
    source: 'contractors',
    days: [16],
    verdict: 'incomplete',
    withholds: 'identities',
    rows: all,
    end: () => ({ rowsWithoutId: 1 }),
  },
  { source: 'nimble', days: [23], verdict: 'suspicious', withholds: 'source', rows: withoutCrowd },
  {
    source: 'namely',
    days: [25],
    verdict: 'incomplete',
    withholds: 'identities',
    rows: all,
    end: () => ({ declaredTotal: 400 }),
  },
  {
    source: 'directory',
    days: [28],
    verdict: 'incomplete',
    withholds: 'identities',
    rows: (rows) => rows.slice(0, MIN_ROWS - 1),
  },
];

/** Breakers that are open after the reconciliation of a day, by the source that they guard. */
export const OPEN_BREAKERS: Readonly<Record<Day, string>> = {
  6: 'directory source',
  11: 'nimbus source',
  12: 'nimbus source',
  18: 'nimbus conclusion',
  19: 'nimbus conclusion',
  23: 'nimble source',
};
/** The last day: nothing happens, and the calendar changes nothing. */
export const QUIET_DAY = 30;

export function troubleOf(day: Day, source: SourceName): Trouble | undefined {
  return TROUBLES.find((each) => each.source === source && each.days.includes(day));
}

/** Whether findings of this source by rules that read identities, or of no rule at all, may change on this day. */
export function isWithheld(day: Day, source: SourceName, readsIdentities: boolean): boolean {
  return TROUBLES.some(
    (each) =>
      each.days.includes(day) && (each.source === source || (readsIdentities && each.withholds === 'identities')),
  );
}

/** Whose the tokens are, as the vendors say. */
export function tokenOwnerOf(day: Day, source: SourceName): TokenOwner | undefined {
  const owner = (key: string): TokenOwner => ({ externalId: idIn(source, key), email: `${key}@example.com` });
  if (source === 'nimble') return day < 22 ? owner('keyholder') : owner('token-bot');
  if (source === 'namely') return { email: 'hr-admin@example.com' };
  return source === 'wiki' ? owner('wiki-admin') : undefined;
}

const WIKI_AWAY = { from: 26, to: 28 } as const;
export function isConfigured(day: Day, source: SourceName): boolean {
  return source !== 'wiki' || day < WIKI_AWAY.from || day > WIKI_AWAY.to;
}

/** `rollcall.yaml` of a day. */
export function configOf(day: Day, databaseUrl: string): string {
  return `timezone: ${ZONE}
database: { url: "${databaseUrl}" }
sources:
  - { name: directory, type: file, authoritative: true, path: ./identities.csv, minRows: ${MIN_ROWS} }
  - { name: contractors, type: sql, authoritative: true, url: "${databaseUrl}", query: "select 1 as id" }
  - { name: namely, type: namely, authoritative: true, audited: true, company: acme, token: token-of-namely }
  - { name: nimble, type: nimble, token: token-of-nimble }
  - { name: nimbus, type: nimbus, path: ./nimbus.csv, correlate: [employee_id, email] }
${isConfigured(day, 'wiki') ? '  - { name: wiki, type: scim, baseUrl: "https://wiki.example.com/scim/v2", token: token-of-wiki }' : ''}
rules:
${rulesOf(day)
  .map((rule) => `  ${rule}`)
  .join('\n')}
serviceAccounts:
${entriesOf(day)
  .map((entry) => `  - ${JSON.stringify(entry)}`)
  .join('\n')}
`;
}

/** A program that does not have a rule yet takes no option of it. */
function rulesOf(day: Day): readonly string[] {
  const options = {
    leaver_account: `{ graceDays: ${day < 22 ? 0 : 1} }`,
    early_account: '{ preHireDays: 14 }',
    attribute_mismatch: '{ fields: [given_name, family_name, title, department, manager] }',
    missing_account: '{ nimbus: { department: [Finance, Treasury] } }',
    dormant_account: '{ days: 45 }',
    disputed_account: String(day !== 20),
  } as const satisfies Partial<Record<RuleName, string>>;
  return Object.entries(options).flatMap(([rule, option]) => (isRule(rule) ? [`${rule}: ${option}`] : []));
}

type Entry = Readonly<Record<string, string>>;

function entry(account: string, owner: string, more: Entry = {}): Entry {
  return { source: 'nimble', account: idIn('nimble', account), owner: `${owner}@example.com`, ...more };
}

function entriesOf(day: Day): readonly Entry[] {
  const sync = { source: 'nimbus', account: 'l-sync', review: day < 20 ? dateOf(14) : '2027-06-30' };
  return [
    ...(day < 5 ? [] : [entry('sync', 'sync-owner', sync), entry('late-robot', 'late-owner')]),
    entry('relic', 'relic-owner'),
    entry('by-id', 'robot-owner', { owner: 'd-robot-owner', review: dateOf(30) }),
    entry('by-address', 'robot-owner', { account: 'by-address@example.com' }),
    entry('of-nobody', 'of-nobody-owner'),
    entry('quiet-bot', 'robot-owner'),
    entry('mailer', day < 21 ? 'keeper' : 'next-keeper'),
    entry('owned-leave', 'owner-leave'),
    entry('owned-unknown', 'owner-unknown'),
    entry('owned-last', 'owner-last'),
    entry('token-bot', 'bot-keeper'),
  ];
}
