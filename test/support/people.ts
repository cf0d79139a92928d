import type { RosterRow } from '../../src/core/row.ts';
import { aRow } from './builders.ts';

// The people of hand-written worlds: identity d1 and account a1 belong together, account x1 belongs to nobody.

export const person = (number: number, overrides: Partial<RosterRow> = {}): RosterRow =>
  aRow({
    externalId: `d${number}`,
    email: `p${number}@example.com`,
    givenName: `P${number}`,
    status: 'active',
    ...overrides,
  });

export const account = (number: number, overrides: Partial<RosterRow> = {}): RosterRow =>
  person(number, { externalId: `a${number}`, ...overrides });

export const stranger = (number: number): RosterRow =>
  aRow({ externalId: `x${number}`, email: `x${number}@elsewhere.example`, status: 'active' });

export const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at + 1);

/** On a list without ids. */
export const byMail = (number: number): RosterRow => person(number, { externalId: `p${number}@example.com` });
