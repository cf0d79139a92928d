import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/fault.ts';
import { aWorld, type World } from '../../src/sandbox/world.ts';
import { aPerson, somePeople } from '../support/sandbox.ts';
import { startCompany, type Company } from '../support/sandbox-company.ts';

const MEMBERS = '/api/v1/team/members';
const STRAY = { nimble: [{ id: 'stray', email: 'stray@elsewhere.example' }] };
const EMPTY_NIMBLE: Fault = {
  id: 'nimble-empty',
  match: { vendor: 'nimble', path: MEMBERS },
  effect: { kind: 'empty' },
};

/** Ten people in order and one orphan in Nimble, listed last. */
function anyWorld(overrides: Partial<World> = {}): World {
  return aWorld({ people: [...somePeople(10), STRAY], ...overrides });
}

function refusal(vendor: 'nimble' | 'namely', status: number): Fault {
  return { id: `${vendor}-${status}`, match: { vendor }, effect: { kind: 'status', status } };
}

async function presentIn(company: Company, source: string): Promise<number | undefined> {
  const rows = await company.rows<{ count: number }>(
    `select count(*)::int as count from rollcall.roster where source = $1 and gone_at is null`,
    [source],
  );
  return rows[0]?.count;
}

async function findingsOf(company: Company): Promise<readonly object[]> {
  return await company.rows<{ source: string; rule: string; account_id: string; status: string }>(
    `select source, rule, account_id, status from rollcall.drift_findings order by source, account_id, rule`,
  );
}

describe('an empty Nimble listing after a full one', () => {
  test('is not believed, is told once, and counts only when a person releases it', async () => {
    await using company = await startCompany({ world: anyWorld() });
    expect((await company.rollcall(['run'])).code).toBe(0);
    const before = await company.state();

    await company.tell(anyWorld({ faults: [EMPTY_NIMBLE] }));
    const suspicious = await company.rollcall(['run']);
    expect(suspicious.code).toBe(3);
    expect(`${suspicious.stdout}${suspicious.stderr}`).toContain('nimble');
    expect(company.sandbox.firedCounts()).toEqual({ 'nimble-empty': 1 });
    expect(await company.state()).toEqual(before);
    expect(await presentIn(company, 'nimble')).toBe(11);
    expect(await verdictsOf(company, 'nimble')).toEqual(['complete', 'suspicious']);
    // One message about the breaker, and none that counts what it withholds a second time.
    expect(company.sandbox.messages).toMatchObject([{ accepted: true }]);

    company.sandbox.forget();
    expect((await company.rollcall(['run'])).code).toBe(3);
    expect(company.sandbox.messages).toEqual([]);

    const list = await company.rollcall(['breaker', 'list', '--json']);
    expect(list.code).toBe(0);
    const [breaker] = await company.rows<{ id: string }>(
      `select id::text from rollcall.breaker where closed_at is null`,
    );
    const id = breaker?.id ?? '';
    expect(list.stdout).toContain(id);
    const show = await company.rollcall(['breaker', 'show', id]);
    expect(show.code).toBe(0);
    expect(show.stdout).toContain('N1');
    expect((await company.rollcall(['breaker', 'release', id])).code).toBe(64);
    expect((await company.rollcall(['breaker', 'release', id, '--reason', 'team moved to another CRM'])).code).toBe(0);
    expect(await company.rows(`select action, reason from rollcall.audit`)).toMatchObject([
      { reason: 'team moved to another CRM' },
    ]);

    expect((await company.rollcall(['run'])).code).toBe(0);
    expect(await presentIn(company, 'nimble')).toBe(0);
    expect(await company.rows(`select status, resolution from rollcall.drift_findings`)).toEqual([
      { status: 'resolved', resolution: 'account gone' },
    ]);
  });

  test('is forgotten when the next listing is a full one', async () => {
    await using company = await startCompany({ world: anyWorld() });
    await company.rollcall(['run']);
    await company.tell(anyWorld({ faults: [EMPTY_NIMBLE] }));
    expect((await company.rollcall(['run'])).code).toBe(3);
    await company.tell(anyWorld());
    expect((await company.rollcall(['run'])).code).toBe(0);
    expect(await findingsOf(company)).toEqual([
      { source: 'nimble', rule: 'orphaned_account', account_id: 'stray', status: 'open' },
    ]);
  });

  test('in the very first run it is a roster with nobody in it', async () => {
    await using company = await startCompany({ world: anyWorld({ faults: [EMPTY_NIMBLE] }) });
    expect((await company.rollcall(['run'])).code).toBe(0);
    expect(await findingsOf(company)).toEqual([]);
  });
});

async function verdictsOf(company: Company, source: string): Promise<readonly string[]> {
  const rows = await company.rows<{ verdict: string }>(
    `select verdict from rollcall.sync_runs where source = $1 order by id`,
    [source],
  );
  return rows.map(({ verdict }) => verdict);
}

describe('a source that fails', () => {
  test('withholds its own rules and leaves the others to go on (Namely answers 401)', async () => {
    await using company = await startCompany({ world: anyWorld() });
    await company.rollcall(['run']);
    const second = { nimble: [{ id: 'stray-2', email: 'stray.2@elsewhere.example' }] };
    const people = [...somePeople(10), STRAY, second, { namely: aPerson(99).namely }];
    await company.tell(anyWorld({ people, faults: [refusal('namely', 401)] }));
    const run = await company.rollcall(['run']);
    expect(run.code).toBe(3);
    expect(await findingsOf(company)).toEqual([
      { source: 'nimble', rule: 'orphaned_account', account_id: 'stray', status: 'open' },
      { source: 'nimble', rule: 'orphaned_account', account_id: 'stray-2', status: 'open' },
    ]);
    expect(await presentIn(company, 'namely')).toBe(10);
    expect(await withheldSources(company)).toContain('namely');
    expect(company.sandbox.firedCounts()['namely-401']).toBeGreaterThan(0);
  });

  test('is the identity list: nothing is concluded about anybody', async () => {
    await using company = await startCompany({ world: anyWorld() });
    await company.rollcall(['run']);
    const before = await company.state();
    await company.write('identities.csv', '');
    expect((await company.rollcall(['run'])).code).toBe(3);
    expect(await company.state()).toEqual(before);
    expect(await withheldSources(company)).toEqual(expect.arrayContaining(['nimble', 'namely']));
  });

  test('every source that has a credential refuses it: 77', async () => {
    await using company = await startCompany({
      world: anyWorld({ faults: [refusal('nimble', 403), refusal('namely', 401)] }),
    });
    const run = await company.rollcall(['run']);
    expect(run.code).toBe(77);
    expect(await findingsOf(company)).toEqual([]);
  });

  test('a connection that is cut inside the body is tried again and found whole', async () => {
    const cut: Fault = {
      id: 'cut',
      match: { vendor: 'nimble', path: MEMBERS, attempts: { from: 1, to: 1 } },
      effect: { kind: 'cut', afterBytes: 100 },
    };
    await using company = await startCompany({ world: anyWorld({ faults: [cut] }) });
    expect((await company.rollcall(['run'])).code).toBe(0);
    expect(await presentIn(company, 'nimble')).toBe(11);
    expect(company.sandbox.firedCounts()).toEqual({ cut: 1 });
  });

  test('a total that is not the number of rows makes the listing incomplete, and nobody gone', async () => {
    await using company = await startCompany({ world: anyWorld() });
    await company.rollcall(['run']);
    const wrong: Fault = {
      id: 'total',
      match: { vendor: 'nimble', path: MEMBERS },
      effect: { kind: 'total', total: 12 },
    };
    await company.tell(anyWorld({ people: somePeople(10), faults: [wrong] }));
    expect((await company.rollcall(['run'])).code).toBe(3);
    expect(await verdictsOf(company, 'nimble')).toEqual(['complete', 'incomplete']);
    expect(await findingsOf(company)).toMatchObject([{ account_id: 'stray', status: 'open' }]);
  });
});

async function withheldSources(company: Company): Promise<readonly string[]> {
  const rows = await company.rows<{ withheld: readonly { source: string }[] }>(
    `select withheld from rollcall.drift_reports order by id desc limit 1`,
  );
  return (rows[0]?.withheld ?? []).map(({ source }) => source);
}

describe('Slack', () => {
  test('that throttles delays a message and loses none', async () => {
    const throttled: Fault = {
      id: 'slack-429',
      match: { vendor: 'slack', attempts: { from: 1, to: 1 } },
      effect: { kind: 'status', status: 429, headers: { 'retry-after': '1' } },
    };
    await using company = await startCompany({ world: anyWorld({ faults: [throttled] }) });
    expect((await company.rollcall(['run'])).code).toBe(0);
    expect(company.sandbox.firedCounts()).toEqual({ 'slack-429': 1 });
    if (company.sandbox.messages.length === 0) await company.rollcall(['run']);
    expect(company.sandbox.messages).toMatchObject([{ accepted: true }]);
  });

  test('that is not reached changes no exit code; what waits is said and is sent by the next run', async () => {
    const down: Fault = { id: 'slack-500', match: { vendor: 'slack' }, effect: { kind: 'status', status: 500 } };
    await using company = await startCompany({ world: anyWorld({ faults: [down] }) });
    const run = await company.rollcall(['run']);
    expect(run.code).toBe(0);
    expect(run.stderr).toMatch(/alert|message|slack/i);
    await company.tell(anyWorld());
    expect((await company.rollcall(['run'])).code).toBe(0);
    expect(company.sandbox.messages).toMatchObject([{ accepted: true }]);
  });
});

describe('the surroundings', () => {
  test('a database that does not answer: 1, with its code and without its password', async () => {
    await using company = await startCompany({ world: anyWorld() });
    const run = await company.rollcall(['run'], { DATABASE_URL: 'postgresql://me:hunter2@127.0.0.1:9/nowhere' });
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('database-unavailable');
    expect(run.stderr).not.toContain('hunter2');
    expect(company.sandbox.requests).toEqual([]);
  });

  test('a dry digest: --no-notify tells nobody', async () => {
    await using company = await startCompany({ world: anyWorld() });
    expect((await company.rollcall(['run', '--no-notify'])).code).toBe(0);
    expect(company.sandbox.messages).toEqual([]);
  });
});
