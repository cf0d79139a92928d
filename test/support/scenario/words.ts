import type { RawRow } from '../../../src/core/row.ts';
import type { Chapter, Day, Decision, Expected, RuleName, SourceName, Story, Told } from './types.ts';

// The vocabulary of the stories: rows, chapters and what a person decides. An id is the source's letter and the key.

const LETTERS: Readonly<Record<SourceName, string>> = {
  directory: 'd',
  contractors: 'c',
  namely: 'p',
  nimble: 'n',
  nimbus: 'l',
  wiki: 'w',
};

export function idIn(source: SourceName, key: string): string {
  return `${LETTERS[source]}-${key}`;
}

/** Everybody is called Kim unless a story says otherwise: the family name is the key. */
function told(source: SourceName, key: string, overrides: Partial<RawRow> = {}): Told {
  const raw = {
    externalId: idIn(source, key),
    email: `${key}@example.com`,
    givenName: 'Kim',
    familyName: key,
    status: 'active',
    kind: 'human',
    ...overrides,
  } as const satisfies RawRow;
  return { source, raw };
}

type Row = (key: string, overrides?: Partial<RawRow>) => Told;
export const directory: Row = (key, overrides) => told('directory', key, overrides);
export const contractor: Row = (key, overrides) => told('contractors', key, overrides);
export const namely: Row = (key, overrides) => told('namely', key, overrides);
export const nimble: Row = (key, overrides) => told('nimble', key, overrides);
export const nimbus: Row = (key, overrides) => told('nimbus', key, overrides);
export const wiki: Row = (key, overrides) => told('wiki', key, overrides);

/** Somebody on the directory with an account in Nimble. */
export function member(key: string, identity: Partial<RawRow> = {}, account: Partial<RawRow> = {}): readonly Told[] {
  return [directory(key, identity), nimble(key, account)];
}

export const INACTIVE = { status: 'inactive' } as const;
export const PENDING = { status: 'pending' } as const;
export const ON_LEAVE = { status: 'on_leave' } as const;
/** A word that no vendor documents. */
export const UNKNOWN = { status: 'unknown', flags: ['status_unknown_word'] } as const satisfies Partial<RawRow>;

/** `2027-03-DD`, and on into April. */
export function dateOf(day: Day): string {
  return new Date(Date.UTC(2027, 2, day)).toISOString().slice(0, 10);
}

export function story(holds: string, ...chapters: readonly Chapter[]): Story {
  return { holds, chapters };
}

export function nearMiss(rule: RuleName, holds: string, ...chapters: readonly Chapter[]): Story {
  return { holds, spares: rule, chapters };
}

/** From this day on the sources say this. */
export function on(day: Day, rows: readonly Told[], ...findings: readonly Expected[]): Chapter {
  return { day, rows, findings };
}

/** The rows are as before: the calendar, the configuration or a later listing of the same makes the difference. */
export function later(day: Day, ...findings: readonly Expected[]): Chapter {
  return { day, findings };
}

/** The rows are as before, and a person has decided something before the reconciliation of this day. */
export function decided(day: Day, decisions: readonly Decision[], ...findings: readonly Expected[]): Chapter {
  return { day, decisions, findings };
}

export function waive(of: Expected, until: Day): Decision {
  return { kind: 'waive', of, until };
}

export function unwaive(of: Expected): Decision {
  return { kind: 'unwaive', of };
}

/** In Nimble. */
export function link(action: 'add' | 'deny' | 'clear', account: string, identity: string): Decision {
  return { kind: 'link', action, source: 'nimble', account: idIn('nimble', account), identity };
}
