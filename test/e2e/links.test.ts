import { expect, test } from 'vitest';
import { aWorld, type World } from '../../src/sandbox/world.ts';
import { startCompany, type Company } from '../support/sandbox-company.ts';
import { identity, member, nimble } from './scenario-words.ts';

const JANE = identity('jane.doe', { givenName: 'Jane', familyName: 'Doe' });
const world = (...people: World['people']): World => aWorld({ people: [member('ann'), member('ben'), ...people] });
/** Her private address: no rule may link it, and a person can tell. */
const STRAY = { nimble: [nimble('stray', { email: 'j.doe@private.example', givenName: 'J', familyName: 'Doe' })] };

async function findings(company: Company): Promise<readonly string[]> {
  const rows = await company.rows<{ line: string }>(
    `select concat_ws(' ', rule, account_id, identity_id, status, resolution) as line
       from rollcall.drift_findings where rule <> 'credential_owner_at_risk' order by 1`,
  );
  return rows.map(({ line }) => line);
}

/** The account n-7, whoever has it. */
const seventh = (email: string, givenName: string) => ({ nimble: [nimble('seven', { id: 'n-7', email, givenName })] });

const AUTHOR = { ROLLCALL_AUTHOR: 'kim' };

test('an orphan is suggested, pinned, denied and left to the rules, each with the name and reason of the person', async () => {
  await using company = await startCompany({ world: world({ identity: JANE }, STRAY) });
  expect((await company.rollcall(['run'])).code).toBe(0);
  expect(await findings(company)).toEqual(['orphaned_account n-stray open']);

  const explained = await company.rollcall(['explain', '1']);
  expect(explained.stdout).toContain('WHO IT COULD BE');
  expect(explained.stdout).toContain('rollcall link add nimble n-stray directory/d-jane.doe --reason "how you know"');

  const added = await company.rollcall(
    ['link', 'add', 'nimble', 'n-stray', 'directory/d-jane.doe', '--reason', 'asked her'],
    AUTHOR,
  );
  expect(added).toMatchObject({
    code: 0,
    stderr: '',
    stdout:
      'J Doe (j.doe@private.example) in nimble is pinned to Jane Doe (jane.doe@example.com) in directory (kim). The next reconciliation goes by it: `rollcall run` does so now.\n',
  });
  expect((await company.rollcall(['run'])).code).toBe(0);
  expect(await findings(company)).toEqual(['orphaned_account n-stray resolved linked']);

  const again = await company.rollcall([
    'link',
    'add',
    'nimble',
    'j.doe@private.example',
    'jane.doe@example.com',
    '--reason',
    'x',
  ]);
  expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Nothing changed: /) });

  // She leaves: what was pinned is hers.
  await company.tell(world({ identity: { ...JANE, status: 'inactive' } }, STRAY));
  expect((await company.rollcall(['run'])).code).toBe(0);
  expect(await findings(company)).toContain('leaver_account n-stray d-jane.doe open');
  const id = (
    await company.rows<{ id: number }>(`select id from rollcall.drift_findings where rule = 'leaver_account'`)
  )[0]?.id;
  const leaver = await company.rollcall(['explain', String(id)]);
  expect(leaver.stdout).toMatch(/Linked by rule “pinned” since .*, by kim: asked her\./);

  const denied = await company.rollcall(
    ['link', 'deny', 'nimble', 'n-stray', 'd-jane.doe', '--reason', 'a namesake', '--json'],
    AUTHOR,
  );
  expect(JSON.parse(denied.stdout)).toMatchObject({ action: 'deny', changed: true, removed: 1, author: 'kim' });
  expect((await company.rollcall(['run'])).code).toBe(0);
  expect(await findings(company)).toEqual([
    'leaver_account n-stray d-jane.doe resolved decided by a person',
    'orphaned_account n-stray open',
  ]);
  const told = await company.rollcall(['explain', '1']);
  expect(told.stdout.replaceAll(/\s+/g, ' ')).toMatch(
    /Never linked to d-jane\.doe in directory, since .*by kim: a namesake/,
  );

  expect((await company.rollcall(['link', 'clear', 'nimble', 'n-stray', '--reason', 'anew'], AUTHOR)).code).toBe(0);
  const audit = await company.rows<{ line: string }>(
    `select concat_ws(' ', author, action, subject, reason) as line from rollcall.audit order by id`,
  );
  expect(audit.map(({ line }) => line)).toEqual([
    'kim link add nimble/n-stray asked her',
    'kim link deny nimble/n-stray a namesake',
    'kim link clear nimble/n-stray anew',
  ]);
});

test('an id that came to somebody else is asked about once, and a person decides', async () => {
  const MARK = identity('mark.lee', { givenName: 'Mark', familyName: 'Lee' });
  const before = world({ identity: JANE, ...seventh('jane.doe@example.com', 'Jane') }, { identity: MARK });
  await using company = await startCompany({ world: before });
  expect((await company.rollcall(['run'])).code).toBe(0);
  expect(await findings(company)).toEqual([]);

  await company.tell(world({ identity: JANE }, { identity: MARK, ...seventh('mark.lee@example.com', 'Mark') }));
  expect((await company.rollcall(['run'])).code).toBe(0);
  expect(await findings(company)).toEqual(['reused_account n-7 open']);
  expect((await company.rollcall(['explain', '1'])).stdout).toContain('which was of Jane');

  const state = await company.state();
  expect((await company.rollcall(['run'])).code).toBe(0);
  expect(await company.state()).toEqual(state);

  const added = await company.rollcall(
    ['link', 'add', 'nimble', 'n-7', 'mark.lee@example.com', '--reason', 'his'],
    AUTHOR,
  );
  expect(added.stdout).toContain('That settles reused_account.');
  expect((await company.rollcall(['run'])).code).toBe(0);
  expect(await findings(company)).toEqual(['reused_account n-7 resolved linked']);
});

test('what does not name one account and one identity is refused, with what to do, and writes nothing', async () => {
  await using company = await startCompany({ world: world({ identity: JANE }, STRAY) });
  expect((await company.rollcall(['run'])).code).toBe(0);
  const before = await company.state();
  for (const [args, code, says] of [
    [['add', 'nimbel', 'n-stray', 'd-ann', '--reason', 'x'], 64, 'no source is called "nimbel"'],
    [['add', 'nimble', 'n-none', 'd-ann', '--reason', 'x'], 1, 'rollcall roster nimble'],
    [['add', 'nimble', 'n-stray', 'd-none', '--reason', 'x'], 1, 'no authoritative source has a row'],
    [['add', 'directory', 'd-ann', 'd-ben', '--reason', 'x'], 64, 'linked to nobody'],
    [['add', 'nimble', 'n-stray', 'd-ann'], 64, '--reason'],
    [['deny', 'nimble', 'n-stray', 'd-ann', '--reason', ' '], 64, 'say why'],
  ] as const) {
    const refused = await company.rollcall(['link', ...args]);
    expect(refused).toMatchObject({ code, stdout: '' });
    expect(refused.stderr).toContain(says);
  }
  expect(await company.state()).toEqual(before);
  expect(await company.rows('select from rollcall.audit')).toEqual([]);
});
