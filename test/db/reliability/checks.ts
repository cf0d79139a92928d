import { expect } from 'vitest';
import { judgeListing } from '../../../src/core/verdict.ts';
import { aWorld, type World } from '../../../src/sandbox/world.ts';
import { aListingEnd, someCounts } from '../../support/builders.ts';
import { createAuthority } from '../../support/certificate.ts';
import { serveScript } from '../../support/http-server.ts';
import { load } from '../../unit/config/folder.ts';
import { openCompany, openNewCompany, type Company } from './company.ts';
import { onProfiles, onMembers, PROFILES } from './faults.ts';
import {
  BASELINE_AT,
  BEFORE,
  FAULT_AT,
  FULL_DAY,
  idsOf,
  isFalseOrphan,
  namelyProfile,
  RECOVERY_AT,
  truthOf,
} from './people.ts';
import { bothTruths, play, verdictsOf, type Report, type Seen, type Shown } from './scenario.ts';

/** A case that a scenario cannot tell: more steps than a day before, a day and a day after, or none of them. */
export type Check = {
  readonly number: number;
  readonly injected: string;
  readonly prove: (report: Report) => Promise<void>;
};

/** Contract §5, by hand: of n rows more than this at once are not believed, at 20 %. */
const LIMITS = [
  [3, 1],
  [5, 1],
  [10, 2],
  [50, 10],
  [100, 20],
  [1_000, 200],
] as const;

const BREAKER: Check = {
  number: 14,
  injected: '1, 2, 10 %, 50 % and 100 % of 3, 5, 10, 50, 100 and 1,000 rows gone (verdict alone)',
  prove: async (report) => {
    let tried = 0;
    for (const [n, limit] of LIMITS) {
      for (const lost of [1, 2, Math.ceil(n / 10), Math.ceil(n / 2), n]) {
        const counts = someCounts({ distinctIds: n - lost, knownPresent: n, baseline: n, lost });
        const verdict = judgeListing(aListingEnd(), counts, { mode: 'full', minRows: 0, ratio: 0.2 });
        expect(verdict.kind, `${lost} of ${n}`).toBe(lost <= limit ? 'complete' : 'suspicious');
        tried += 1;
      }
    }
    report({ declared: LIMITS.length * 5, fired: tried });
  },
};

function without(world: World, nimbleId: string): World {
  return {
    ...world,
    people: world.people.map((person) => ({ ...person, nimble: person.nimble?.filter(({ id }) => id !== nimbleId) })),
  };
}

const FLAPPING: Check = {
  number: 15,
  injected: "Nimble: a stranger's account is missing once, and back in the next listing",
  prove: async (report) => {
    await using company = await openCompany();
    const gone = without(BEFORE, 'N901');
    company.show({ ...gone, clockFixedAt: FAULT_AT });
    await company.run({ at: FAULT_AT, notify: true });
    expect(await company.findings()).toEqual(bothTruths(gone));
    company.told.length = 0;
    company.show({ ...BEFORE, clockFixedAt: RECOVERY_AT });
    await company.run({ at: RECOVERY_AT, notify: true });
    report({ declared: 1, fired: 1, ...(await countWrong(company, BEFORE)) });
    expect(await company.findings()).toEqual(bothTruths(BEFORE));
    const [finding] = await company.query(
      `select count(*)::int as rows from rollcall.drift_findings where account_id = 'N901'`,
    );
    expect(finding).toEqual({ rows: 1 });
    expect(company.told.join('\n')).not.toContain('No901');
  },
};

async function countWrong(company: Company, world: World): Promise<Pick<Shown, 'falseOrphans' | 'missed'>> {
  const found = await company.findings();
  const orphans = bothTruths(world).filter((finding) => finding.includes(' orphaned_account '));
  return {
    falseOrphans: found.filter((finding) => isFalseOrphan(finding, [world])).length,
    missed: orphans.filter((finding) => !found.includes(finding)).length,
  };
}

const STOPPED: Check = {
  number: 18,
  injected: 'the process is stopped in the middle of a listing (a signal; killed processes: test/e2e), then runs again',
  prove: async (report) => {
    await using company = await openCompany({ namely: { concurrency: 1 } });
    company.show(FULL_DAY);
    const stop = new AbortController();
    const progress = (source: string, step: { readonly kind: string; readonly page?: number }): void => {
      if (source === 'namely' && step.kind === 'page' && step.page === 2) stop.abort();
    };
    await expect(company.run({ at: FAULT_AT, signal: stop.signal, progress })).rejects.toThrow(/abort/i);
    expect(await company.present('namely')).toEqual(idsOf(BEFORE, 'namely'));
    company.show({ ...FULL_DAY, clockFixedAt: RECOVERY_AT });
    const result = await company.run({ at: RECOVERY_AT });
    report({ declared: 1, fired: stop.signal.aborted ? 1 : 0, ...(await countWrong(company, FULL_DAY)) });
    expect(verdictsOf(result)).toEqual({ directory: 'complete', nimble: 'complete', namely: 'complete' });
    const pages = company.sandbox.requests.filter(({ path }) => path === PROFILES).map(({ query }) => query['page']);
    expect(pages).toEqual(['1', '2', '3']);
    expect(await company.findings()).toEqual(bothTruths(FULL_DAY));
    expect(await company.present('namely')).toEqual(idsOf(FULL_DAY, 'namely'));
  },
};

const TICKS = ['10:10', '10:20', '10:30', '10:40'].map((time) => `2026-11-21T${time}:00Z`);

/** The company after so many ticks: each has given one more person a title. */
function afterTicks(count: number): World {
  const people = BEFORE.people.map((person, at) => {
    const changedAt = at < count ? TICKS[at] : undefined;
    return changedAt === undefined
      ? person
      : { ...person, namely: [namelyProfile(at + 1, { jobTitle: `Lead ${at}`, updatedAt: changedAt })] };
  });
  return { ...BEFORE, people };
}

const REPLAY: Check = {
  number: 27,
  injected: 'Namely: read again from each of 5 stored watermarks, twice',
  prove: async (report) => {
    await using company = await openCompany();
    const watermarkOf = async (): Promise<string> =>
      (await company.query<{ watermark: string }>(`select watermark from rollcall.source where name = 'namely'`))[0]
        ?.watermark ?? '';
    const tables = async (): Promise<unknown> => [
      await company.query('select t::text as row from rollcall.account_version t order by 1'),
      await company.query('select t::text as row from rollcall.account t order by 1'),
      await company.findings(),
    ];
    const watermarks = [await watermarkOf()];
    for (const [at, tick] of TICKS.entries()) {
      company.show({ ...afterTicks(at + 1), clockFixedAt: tick });
      await company.run({ at: tick, full: false });
      watermarks.push(await watermarkOf());
    }
    const titles = await company.query(
      `select title from rollcall.roster where source = 'namely' and title is not null order by 1`,
    );
    expect(titles).toEqual(TICKS.map((_tick, at) => ({ title: `Lead ${at}` })));
    const once = await tables();
    let replayed = 0;
    for (const watermark of [...watermarks, ...watermarks]) {
      await company.store.pool.query(`update rollcall.source set watermark = $1 where name = 'namely'`, [watermark]);
      const { outcomes } = await company.run({ at: FAULT_AT, full: false });
      expect(outcomes).toContainEqual(
        expect.objectContaining({ source: 'namely', mode: 'delta', verdict: 'complete', changed: 0 }),
      );
      expect(await tables()).toEqual(once);
      replayed += 1;
    }
    report({ declared: 10, fired: replayed, ...(await countWrong(company, BEFORE)) });
    expect(new Set(watermarks).size).toBe(5);
  },
};

const BACKFILL_ROWS = 1_000;
const INTERRUPTIONS = 10;
/** Of 20. */
const PAGES_EACH = 1;

const BACKFILL: Check = {
  number: 30,
  injected: 'Namely: a first load of 1,000 rows interrupted 10 times (scaled down from a million)',
  prove: async (report) => {
    const numbers = Array.from({ length: BACKFILL_ROWS }, (_unused, at) => at + 1_000);
    const people = numbers.map((number) => ({
      ...(number % 500 === 0
        ? {}
        : { identity: { id: `I${number}`, email: `person.${number}@example.com`, status: 'active' } }),
      namely: [namelyProfile(number)],
    }));
    // Somebody of them made the token.
    const owner = { ...BEFORE.owner, email: 'person.1001@example.com' };
    const world = aWorld({ people, owner, clockFixedAt: BASELINE_AT });
    await using company = await openNewCompany(world);
    let present = 0;
    let fired = 0;
    for (let round = 1; round <= INTERRUPTIONS; round += 1) {
      const from = round * PAGES_EACH + 1;
      const fault = onProfiles({ kind: 'status', status: 503 }, { attempts: { from } }, 'later');
      company.show({ ...world, faults: [fault] });
      expect(verdictsOf(await company.run({ at: BASELINE_AT, budgetMs: 1_000 }))).toMatchObject({
        namely: 'incomplete',
      });
      fired += (company.sandbox.firedCounts()['later'] ?? 0) > 0 ? 1 : 0;
      const now = (await company.present('namely')).length;
      expect(now, `rows after interruption ${round}`).toBeGreaterThan(present);
      present = now;
    }
    company.show({ ...world, clockFixedAt: FAULT_AT });
    expect(verdictsOf(await company.run({ at: FAULT_AT }))).toMatchObject({ namely: 'complete' });
    report({ declared: INTERRUPTIONS, fired, ...(await countWrong(company, world)) });
    expect(await company.present('namely')).toEqual(idsOf(world, 'namely'));
    expect(await company.findings()).toEqual(truthOf(world, 'namely'));
    // What one reading has stored the next one does not write again.
    const [runs] = await company.query(
      `select sum(rows_changed)::int as written from rollcall.sync_runs where source = 'namely'`,
    );
    expect(runs).toEqual({ written: BACKFILL_ROWS });
  },
};

function expectDistrust({ reason }: Seen): void {
  expect(reason('nimble')).toContain('the certificate of 127.0.0.1 is not trusted');
}

const CERTIFICATE: Check = {
  number: 36,
  injected: 'Nimble: a certificate of an authority that nobody knows',
  prove: async (report) => {
    await using server = await serveScript(() => ({ json: { resources: [] } }), createAuthority().issue('127.0.0.1'));
    const clients = { nimble: { baseUrl: server.origin } };
    await play({ number: 36, injected: '', clients, verdicts: { nimble: 'incomplete' }, also: expectDistrust }, report);
    expect(server.seen).toEqual([]);
  },
};

const REDIRECT: Check = {
  number: 39,
  injected: 'Nimble: 302 to another host, which would answer',
  prove: async (report) => {
    await using server = await serveScript(() => ({ json: { resources: [] } }));
    const faults = [onMembers({ kind: 'redirect', location: `${server.origin}/api/v1/team/members` })];
    await play({ number: 39, injected: '', faults, verdicts: { nimble: 'incomplete' } }, report);
    expect(server.seen).toEqual([]);
  },
};

const HOOKS = [
  'http://hooks.slack.com/services/T/B/canary',
  'https://hooks.slack.com.evil.example/services/T/B/canary',
  'https://user:canary@hooks.slack.com/services/T/B/x',
  'https://evil.example/canary',
];

const WEBHOOK: Check = {
  number: 97,
  injected: 'Slack: a webhook by `http:`, at another host, with user-info (configuration alone)',
  prove: async (report) => {
    let refused = 0;
    for (const url of HOOKS) {
      const { lines } = load({
        yaml: `sources:\n  - { name: d, type: file, authoritative: true, path: ./d.csv }\nslack: { webhookUrl: "${url}" }\n`,
      });
      expect(lines).toEqual([expect.stringContaining('slack.webhookUrl')]);
      expect(lines.join('\n')).not.toContain('canary');
      refused += 1;
    }
    report({ declared: HOOKS.length, fired: refused });
  },
};

export const CHECKS: readonly Check[] = [BREAKER, FLAPPING, STOPPED, REPLAY, BACKFILL, CERTIFICATE, REDIRECT, WEBHOOK];
