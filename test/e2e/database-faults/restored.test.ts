import { expect, test } from 'vitest';
import { aWorld, type Person, type World } from '../../../src/sandbox/world.ts';
import { adminUrl, createDatabase } from '../../support/postgres.ts';
import { ask } from '../../support/own-postgres.ts';
import { somePeople } from '../../support/sandbox.ts';
import { startCompany } from '../../support/sandbox-company.ts';

// Fault case 67: the database is that of yesterday's backup. What was told since is told once more, in one message that says so.

const stray = (number: number): Person => ({ nimble: [{ id: `s${number}`, email: `s${number}@elsewhere.example` }] });
const worldOf = (strays: readonly number[]): World => aWorld({ people: [...somePeople(30), ...strays.map(stray)] });

const SHIFTS = [
  `update rollcall.drift_report set started_at = started_at - $1::interval, finished_at = finished_at - $1::interval`,
  `update rollcall.sync_run set started_at = started_at - $1::interval, finished_at = finished_at - $1::interval,
          as_of = as_of - $1::interval`,
];

const ALERTS_WAITING = `select count(*)::int as count from rollcall_jobs.job where name = 'alert' and state < 'completed'`;

test('what was told since the backup is told once more, in one digest that explains itself; then it is quiet', async () => {
  await using company = await startCompany({ world: worldOf([1]) });
  await using live = await createDatabase();
  await using backup = await createDatabase();
  const onLive = { DATABASE_URL: live.url };
  const onBackup = { DATABASE_URL: backup.url };
  // Reports an hour apart, so that there is a usual distance.
  for (let hour = 0; hour < 2; hour += 1) {
    for (const shift of hour === 0 ? [] : SHIFTS) await ask(live.url, shift, ['1 hour']);
    expect((await company.rollcall(['run'], onLive)).code).toBe(0);
  }
  expect(company.sandbox.messages).toHaveLength(1);
  // One more that nobody has sent when the backup is made.
  await company.tell(worldOf([1, 2]));
  expect((await company.rollcall(['run', '--no-notify'], onLive)).code).toBe(0);
  await ask(adminUrl(), `drop database ${backup.name}`);
  await ask(adminUrl(), `create database ${backup.name} template ${live.name}`);
  for (const shift of SHIFTS) await ask(backup.url, shift, ['24 hours']);

  // The day since then: told, and acted upon.
  await company.tell(worldOf([1, 2, 3, 4]));
  expect((await company.rollcall(['run'], onLive)).code).toBe(0);
  const toldBefore = company.sandbox.messages.map(({ text }) => text);

  company.sandbox.forget();
  expect((await company.rollcall(['run'], onBackup)).code).toBe(0);
  const toldAgain = company.sandbox.messages.map(({ raw }) => raw);
  // What waited in the backup, and one digest of what was found since: never one message a finding, and nothing that was known.
  expect(toldAgain.length).toBeLessThanOrEqual(toldBefore.length + 1);
  const digests = toldAgain.filter((raw) => raw.includes('Recovery: the report before this one is of'));
  expect(digests).toHaveLength(1);
  expect(digests[0]).toContain('s3@elsewhere.example');
  expect(digests[0]).toContain('s4@elsewhere.example');
  expect(toldAgain.join('\n')).not.toContain('s1@elsewhere.example');
  const findings = `select account_id, status from rollcall.drift_findings order by 1`;
  expect(await ask(backup.url, findings)).toEqual(await ask(live.url, findings));

  company.sandbox.forget();
  expect((await company.rollcall(['run'], onBackup)).code).toBe(0);
  expect(company.sandbox.messages).toEqual([]);
  expect(await ask(backup.url, ALERTS_WAITING)).toEqual([{ count: 0 }]);
});

test('more than a conclusion may open is held, as on any day: a restored database is no way around the breaker', async () => {
  await using company = await startCompany({ world: worldOf([]) });
  await using backup = await createDatabase();
  const onBackup = { DATABASE_URL: backup.url };
  expect((await company.rollcall(['run'], onBackup)).code).toBe(0);
  for (const shift of SHIFTS) await ask(backup.url, shift, ['48 hours']);
  await company.tell(worldOf(Array.from({ length: 20 }, (_, at) => at)));
  expect((await company.rollcall(['run'], onBackup)).code).toBe(3);
  expect(company.sandbox.messages).toHaveLength(1);
  expect(company.sandbox.messages[0]?.raw).toContain('are held');
});
