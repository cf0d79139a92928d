import { hash } from 'node:crypto';
import { contentText, toRow } from '../../src/core/normalise.ts';
import type { RowPolicy } from '../../src/core/row.ts';
import { toLiveProfile } from '../../src/sandbox/namely-profile.ts';
import { Profile } from '../../src/sources/namely/schema.ts';
import { toAccount } from '../../src/sources/namely/to-account.ts';
import type { Bench } from './bench.ts';
import { type Figure, timesFloor } from './figure.ts';
import { interleave, mustEqual } from './repeat.ts';

const PROFILES = 20_000;
const POLICY: RowPolicy = { privilegedRoles: new Set(), serviceAccounts: new Set() };
const NO_DEPARTMENTS: ReadonlyMap<string, string> = new Map();

type Floor = { readonly id: string; readonly email: string; readonly fields: readonly (string | undefined)[] };

/**
 * What one profile costs between the vendor's JSON and the store, step by step, beside the least that anybody could write by hand: ids and
 * texts that are taken when they are texts, an address in small letters, and no look at anything else.
 */
export async function measureReading({ rounds, signal }: Bench): Promise<readonly Figure[]> {
  const texts = Array.from({ length: PROFILES }, (_unused, at) => JSON.stringify(profile(at + 1)));
  const parsed = texts.map((text): unknown => JSON.parse(text));
  const checked = parsed.map((each) => Profile.parse(each));
  const rows = checked.map((each) => rowOf(each));
  const spread = await interleave(
    rounds + 1,
    {
      json: timed(texts, (text): unknown => JSON.parse(text)),
      validate: timed(parsed, (each) => Profile.parse(each)),
      normalise: timed(checked, rowOf),
      hash: timed(rows, (row) => hash('sha256', contentText(row), 'hex')),
      byHand: timed(parsed, byHand),
    },
    { signal },
  );
  mustEqual(
    'addresses by hand',
    parsed.map((each) => byHand(each).email),
    rows.map(({ email }) => email),
  );
  const floor = { name: 'nine fields by hand', figure: spread('byHand') };
  const line = (work: string, name: 'json' | 'validate' | 'normalise' | 'hash'): Figure => ({
    work: `1,000 Namely profiles: ${work}`,
    unit: 'ms',
    figure: spread(name),
    floor,
    ratio: timesFloor(spread(name), floor.figure),
  });
  return [
    line('JSON', 'json'),
    line('validation', 'validate'),
    line('normalisation', 'normalise'),
    line('content hash', 'hash'),
  ];
}

/** Milliseconds for a thousand. */
function timed<T>(items: readonly T[], work: (item: T) => unknown): () => Promise<number> {
  return async () => {
    let results = 0;
    const start = performance.now();
    for (const item of items) if (work(item) !== undefined) results += 1;
    const ms = performance.now() - start;
    mustEqual('results', results, items.length);
    return ms / (items.length / 1_000);
  };
}

function rowOf(checked: Profile) {
  const row = toRow(toAccount(checked, NO_DEPARTMENTS).raw, POLICY);
  if (row === undefined) throw new Error('a profile without an id');
  return row;
}

function byHand(raw: unknown): Floor {
  if (typeof raw !== 'object' || raw === null) throw new TypeError('no profile');
  const text = (name: string): string | undefined => {
    const value: unknown = Reflect.get(raw, name);
    return typeof value === 'string' ? value : undefined;
  };
  const [id, email] = [text('id'), text('email')];
  if (id === undefined || email === undefined) throw new TypeError('no id or address');
  const names = [
    'first_name',
    'last_name',
    'preferred_name',
    'employee_id',
    'user_status',
    'start_date',
    'departure_date',
  ];
  return { id, email: email.trim().toLowerCase(), fields: names.map(text) };
}

function profile(number: number) {
  return toLiveProfile(
    {
      id: `P${number}`,
      givenName: 'Person',
      familyName: `No${number}`,
      email: `Person.${number}@example.com`,
      status: 'active',
      jobTitle: 'Engineer',
      startDate: '2020-03-02',
      updatedAt: '2026-01-15T09:00:00Z',
    },
    undefined,
  );
}
