import { expect } from 'vitest';
import type { Fault, FaultEffect } from '../../../src/sandbox/fault.ts';
import type { NamelyProfile } from '../../../src/sandbox/world.ts';
import { exitCodeOf } from '../../../src/worker/outcome.ts';
import { nimbleBody, onMembers, onProfiles, PROFILES } from './faults.ts';
import { FAULT_AT, FULL_DAY } from './people.ts';
import type { Scenario, Seen } from './scenario.ts';

// Group C: the road to the vendor, seen from the roster. What the client itself does is in test/e2e/wire/http*.test.ts.

const ONCE = { attempts: { from: 1, to: 1 } } as const;
const NAMELY_INCOMPLETE = { namely: 'incomplete' } as const;
const NIMBLE_INCOMPLETE = { nimble: 'incomplete' } as const;
const MINUTE = 60_000;
/** Real time: long enough for an honest page on a busy machine. */
const IMPATIENT = { attemptTimeoutMs: 400 };

const status = (code: number, headers: Readonly<Record<string, string>> = {}): FaultEffect => ({
  kind: 'status',
  status: code,
  headers,
});
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** With the middle of its range for jitter, each of the first waits is half of 1, 2, 4, 8, 16, 32 s, then of a minute. */
function waitedAtLeast(ms: number): (seen: Seen) => void {
  return ({ company }) => {
    expect(sum(company.slept)).toBeGreaterThanOrEqual(ms);
  };
}
function waitedOnce(ms: number): (seen: Seen) => void {
  return ({ company }) => {
    expect(company.slept).toContain(ms);
  };
}

const ofNamely = (findings: readonly string[]): readonly string[] =>
  findings.filter((each) => each.startsWith('namely'));

async function expectDeferred({ company, requests }: Seen): Promise<void> {
  // A new process asks nothing until then, and nothing is concluded meanwhile.
  expect(requests.filter(({ path }) => path === PROFILES)).toHaveLength(1);
  company.restart();
  company.sandbox.forget();
  const before = await company.findings();
  const { outcomes } = await company.run({ at: '2026-11-21T11:45:00Z' });
  expect(outcomes).toContainEqual(expect.objectContaining({ source: 'namely', kind: 'waiting' }));
  expect(company.sandbox.requests.filter(({ vendor }) => vendor === 'namely')).toEqual([]);
  expect(ofNamely(await company.findings())).toEqual(ofNamely(before));
}

const THROTTLING: readonly Scenario[] = [
  // 0.5 + 1 + 2 + 4 + 8 + 16 + 5 × 30 s.
  {
    number: 31,
    injected: 'Namely and Nimble: 429 without a header for three minutes',
    faults: [
      onProfiles(status(429), { attempts: { from: 1, to: 11 } }),
      onMembers(status(429), { attempts: { from: 1, to: 11 } }),
    ],
    also: waitedAtLeast(3 * MINUTE),
  },
  {
    number: 31,
    injected: 'Namely: 406 without a header for three minutes',
    faults: [onProfiles(status(406), { attempts: { from: 1, to: 11 } })],
    also: waitedAtLeast(3 * MINUTE),
  },
  {
    number: 31,
    injected: 'Namely: 429 without a header for ever',
    faults: [onProfiles(status(429))],
    verdicts: NAMELY_INCOMPLETE,
  },
  {
    number: 32,
    injected: 'Namely: 429 with only `RateLimit-Reset`, seconds',
    faults: [onProfiles(status(429, { 'ratelimit-reset': '47' }), ONCE)],
    also: waitedOnce(47_000),
  },
  {
    number: 32,
    injected: 'Nimble: 429 with only `X-RateLimit-Reset`, a moment',
    faults: [onMembers(status(429, { 'x-ratelimit-reset': String(Date.parse(FAULT_AT) / 1_000 + 53) }), ONCE)],
    also: waitedOnce(53_000),
  },
  {
    number: 33,
    injected: 'Namely: `Retry-After: 3600`, then a new process',
    faults: [onProfiles(status(429, { 'retry-after': '3600' }))],
    verdicts: { namely: 'deferred' },
    also: expectDeferred,
  },
  {
    number: 33,
    injected: 'Namely: `Retry-After` in an hour as a date, then a new process',
    faults: [onProfiles(status(503, { 'retry-after': 'Sat, 21 Nov 2026 12:00:00 GMT' }))],
    verdicts: { namely: 'deferred' },
    also: expectDeferred,
  },
  {
    number: 33,
    injected: 'Namely: `Retry-After` in 40 s as a date',
    faults: [onProfiles(status(429, { 'retry-after': 'Sat, 21 Nov 2026 11:00:40 GMT' }), ONCE)],
    also: waitedOnce(40_000),
  },
  {
    number: 33,
    injected: 'Namely: `Retry-After: -5`',
    faults: [onProfiles(status(429, { 'retry-after': '-5' }), ONCE)],
    also: waitedOnce(500),
  },
  {
    number: 33,
    injected: 'Namely: `Retry-After: soon`',
    faults: [onProfiles(status(429, { 'retry-after': 'soon' }), ONCE)],
    also: waitedOnce(500),
  },
];

const STORM = [500, 502, 503, 504];
const GARBLED = `,"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}`;
const KEYS = Array.from({ length: 100_000 }, (_unused, at) => `"k${at}":0`).join(',');
const DEEP = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
const MEMBERS_TEXT = nimbleBody(FULL_DAY, {});

function withMembers(edit: (text: string) => string): readonly Fault[] {
  return [onMembers({ kind: 'body', body: edit(MEMBERS_TEXT) })];
}
function expectCleanPrototype(): void {
  expect('polluted' in {}).toBe(false);
}

const ROADS: readonly Scenario[] = [
  {
    number: 34,
    injected: 'Namely and Nimble: a storm of 500, 502, 503, 504, then recovery',
    faults: STORM.flatMap((code, at) => {
      const match = { attempts: { from: 2 * at + 1, to: 2 * at + 2 } };
      return [onProfiles(status(code), match, `Namely ${code}`), onMembers(status(code), match, `Nimble ${code}`)];
    }),
  },
  { number: 34, injected: 'Namely: 503 for ever', faults: [onProfiles(status(503))], verdicts: NAMELY_INCOMPLETE },
  {
    number: 35,
    injected: 'Namely: a reset on the connection that page 1 came by',
    faults: [onProfiles({ kind: 'reset' }, { page: 2, ...ONCE })],
  },
  {
    number: 35,
    injected: 'Namely: page 3 is reset each time',
    faults: [onProfiles({ kind: 'reset' }, { page: 3 })],
    verdicts: NAMELY_INCOMPLETE,
  },
  {
    number: 35,
    injected: 'Nimble: connections are refused',
    clients: { nimble: { baseUrl: 'http://127.0.0.1:1' } },
    verdicts: NIMBLE_INCOMPLETE,
  },
  {
    number: 37,
    injected: 'Namely: the headers of page 1 come one byte at a time and never end',
    faults: [onProfiles({ kind: 'drip', part: 'headers', bytes: 1, everyMs: 50 }, { page: 1 })],
    clients: { namely: IMPATIENT },
    budgetMs: 4_000,
    verdicts: NAMELY_INCOMPLETE,
  },
  {
    number: 37,
    injected: 'Namely: the body of page 1 comes one byte at a time',
    faults: [onProfiles({ kind: 'drip', part: 'body', bytes: 1, everyMs: 50 }, { page: 1 })],
    clients: { namely: IMPATIENT },
    budgetMs: 4_000,
    verdicts: NAMELY_INCOMPLETE,
  },
  ...(['identity', 'gzip', 'br', 'gzip, gzip'] as const).map((encoding) => ({
    number: 38,
    injected: `Nimble: a body of 24 MiB, ${encoding === 'identity' ? 'plain' : encoding}`,
    faults: [onMembers({ kind: 'bomb', encoding, decodedBytes: 24 * 1_048_576 })],
    verdicts: NIMBLE_INCOMPLETE,
    also: ({ reason }: Seen) => {
      expect(reason('nimble')).toContain('8 MiB');
    },
  })),
  {
    number: 39,
    injected: 'Namely: 302 to a link-local address',
    faults: [onProfiles({ kind: 'redirect', location: 'http://169.254.169.254/latest' })],
    verdicts: NAMELY_INCOMPLETE,
  },
  {
    number: 39,
    injected: 'Nimble: 307 to another path of its own',
    faults: [onMembers({ kind: 'redirect', location: '/nimble/api/v1/company/users', status: 307 })],
    verdicts: NIMBLE_INCOMPLETE,
    also: ({ requests }) => {
      expect(requests.map(({ path }) => path)).not.toContain('/api/v1/company/users');
    },
  },
  {
    number: 40,
    injected: 'Nimble: `__proto__` and `constructor` in every row',
    faults: withMembers((text) => text.replaceAll('"}}', `"}${GARBLED}}`)),
    also: expectCleanPrototype,
  },
  {
    number: 40,
    injected: 'Nimble: a row with 100,000 keys',
    faults: withMembers((text) => text.replace('"id":"N7"', `"id":"N7",${KEYS}`)),
  },
  {
    number: 40,
    injected: 'Nimble: a row 10,000 levels deep',
    faults: withMembers((text) => text.replace('"id":"N7"', `"id":"N7","deep":${DEEP}`)),
  },
  {
    number: 40,
    injected: 'Nimble: duplicate keys',
    faults: withMembers((text) => text.replace('"id":"N7"', '"id":"N8","id":"N7"')),
  },
  {
    number: 40,
    injected: 'Nimble: an id that is a number above 2^53',
    faults: withMembers((text) =>
      text.replace('[', '[{"id":9007199254740993,"email":"person.905@example.com","name":"Person No905"},'),
    ),
    presentToo: { nimble: ['9007199254740993'] },
  },
];

const NAMES: Readonly<Record<string, Partial<NamelyProfile>>> = {
  P1: { givenName: 'Per\u0000son' },
  P2: { givenName: 'Per\uD800son' },
  P3: { givenName: 'x'.repeat(10_000) },
  P4: { givenName: '\u202Enosrep' },
  P5: { givenName: 'a\u0301'.repeat(40) },
  P6: { givenName: '  Person \t' },
};

const REST: readonly Scenario[] = [
  {
    number: 41,
    injected: 'Namely: names with NUL, lone surrogate, 10 kB, RTL override, combining marks, spaces',
    bend: (world) => ({
      ...world,
      people: world.people.map((person) => ({
        ...person,
        namely: person.namely?.map((profile) => ({ ...profile, ...NAMES[profile.id] })),
      })),
    }),
    also: async ({ company }) => {
      const rows = await company.query<{ id: string; name: string; size: number }>(
        `select external_id as id, given_name as name, length(given_name) as size from rollcall.roster
          where source = 'namely' and external_id in ('P1', 'P2', 'P3', 'P6') order by external_id`,
      );
      expect(rows.map(({ id, name }) => (id === 'P3' ? '' : name))).toEqual(['Person', 'Person', '', 'Person']);
      expect(rows[2]?.size).toBeLessThan(10_000);
    },
  },
  {
    number: 42,
    injected: 'Namely: the peer vanishes on page 2, once',
    faults: [onProfiles({ kind: 'slow', delayMs: 30_000 }, { page: 2, ...ONCE })],
    clients: { namely: IMPATIENT },
  },
  {
    number: 42,
    injected: 'Nimble: the peer vanishes each time',
    faults: [onMembers({ kind: 'slow', delayMs: 30_000 })],
    clients: { nimble: IMPATIENT },
    budgetMs: 4_000,
    verdicts: NIMBLE_INCOMPLETE,
  },
  ...[-1, 1].map((hours) => ({
    number: 43,
    injected: `our clock jumps by ${hours > 0 ? '+' : '−'}1 h while a page is waited for`,
    faults: [onProfiles(status(429), { attempts: { from: 1, to: 3 } })],
    clients: { timing: { wallMs: aJumpingClock(hours) } },
    also: ({ company }: Seen) => {
      expect(company.slept.filter((ms) => ms >= 500)).toEqual([500, 1_000, 2_000]);
    },
  })),
  {
    number: 44,
    injected: 'Nimble is dead, Namely and the directory are not',
    faults: [onMembers({ kind: 'reset' })],
    verdicts: NIMBLE_INCOMPLETE,
    also: ({ result: { outcomes, reconciled } }) => {
      const withheld = reconciled.plan.withheld.length > 0;
      expect(exitCodeOf({ outcomes, withheld, openFindings: 8, detailed: false })).toBe(3);
    },
  },
];

/** Right at its first look, wrong from then on. */
function aJumpingClock(hours: number): () => number {
  let looks = 0;
  return () => {
    looks += 1;
    return Date.parse(FAULT_AT) + (looks > 1 ? hours * 60 * MINUTE : 0);
  };
}

export const HTTP_CASES: readonly Scenario[] = [...THROTTLING, ...ROADS, ...REST];
