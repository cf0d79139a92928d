import { aWorld, type Person, type World } from '../../../src/sandbox/world.ts';
import { aPerson, somePeople } from '../../support/sandbox.ts';

// Two moments of one company. Between them findings open, resolve and change, rows appear, change and go, one list is not to be
// believed, and Namely is read by changes.

const PEOPLE = 8;
/** Of the vendors' clocks, before any of this machine's, so that nothing that they stamp differs between two runs. */
const FIRST_AT = '2026-03-02T08:00:00Z';
const LATER_AT = '2026-03-02T08:30:00Z';
const CHANGED_AT = '2026-03-02T08:20:00Z';

/** Who is in both moments, but for the two of whom the later one has something to tell. */
const STEADY: readonly Person[] = somePeople(PEOPLE).slice(2);
const LEAVER = aPerson(1);
const RENAMED = aPerson(2);
const STRAY = { id: 'stray', email: 'stray@elsewhere.example', givenName: 'Sam', familyName: 'Stray' };
const CLOSED = { givenName: 'Clara', familyName: 'Closed', email: 'clara@elsewhere.example', department: 'Sales' };

export const FIRST: World = aWorld({
  clockFixedAt: FIRST_AT,
  people: [
    LEAVER,
    RENAMED,
    ...STEADY,
    { nimble: [STRAY] },
    { namely: [{ ...CLOSED, id: 'closed', status: 'active' }] },
  ],
});

/**
 * One has left and keeps both accounts, one has another name, the stranger of Nimble is gone and another has come, and the one of
 * Namely is switched off.
 */
export const LATER: World = aWorld({
  clockFixedAt: LATER_AT,
  people: [
    { ...LEAVER, ...(LEAVER.identity === undefined ? {} : { identity: { ...LEAVER.identity, status: 'inactive' } }) },
    {
      ...RENAMED,
      namely: (RENAMED.namely ?? []).map((row) => ({ ...row, familyName: 'Renamed', updatedAt: CHANGED_AT })),
    },
    ...STEADY,
    { nimble: [{ ...STRAY, id: 'stray-2', email: 'stray.2@elsewhere.example', role: 'admin' }] },
    { namely: [{ ...CLOSED, id: 'closed', status: 'inactive', updatedAt: CHANGED_AT }] },
  ],
});

/** A fourth source, after the three of every company. */
export const PARTNERS_YAML = '  - { name: partners, type: file, path: ./partners.csv }';

/** Six people of ours; later half of them, which is not believed. */
export function partnersCsv(moment: 'first' | 'later'): string {
  const rows = somePeople(PEOPLE)
    .slice(2)
    .flatMap(({ identity }) => (identity === undefined ? [] : [identity]));
  const shown = moment === 'first' ? rows : rows.slice(0, 3);
  return ['id,email,name', ...shown.map(({ id, email }) => `partner-${id},${email},Partner`), ''].join('\n');
}

const OPEN = { status: 'open', resolution: null };
const ORPHAN = { rule: 'orphaned_account', identity_id: null };
const LEFT = { rule: 'leaver_account', severity: 'high', identity_id: 'I1', ...OPEN };

/** What there is to find, from who is who. */
export const FINDINGS = {
  first: [
    { ...ORPHAN, ...OPEN, source: 'namely', severity: 'high', account_id: 'closed' },
    { ...ORPHAN, ...OPEN, source: 'nimble', severity: 'high', account_id: 'stray' },
  ],
  later: [
    { ...LEFT, source: 'namely', account_id: 'P1' },
    { ...LEFT, source: 'nimble', account_id: 'N1' },
    {
      ...ORPHAN,
      source: 'namely',
      severity: 'high',
      account_id: 'closed',
      status: 'resolved',
      resolution: 'access removed',
    },
    {
      ...ORPHAN,
      source: 'nimble',
      severity: 'high',
      account_id: 'stray',
      status: 'resolved',
      resolution: 'account gone',
    },
    { ...ORPHAN, ...OPEN, source: 'nimble', severity: 'critical', account_id: 'stray-2' },
  ],
} as const;
