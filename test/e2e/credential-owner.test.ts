import { expect, test } from 'vitest';
import { toShiftedDate } from '../../src/sandbox/calendar.ts';
import { aWorld, type IdentityRecord, type World } from '../../src/sandbox/world.ts';
import { somePeople } from '../support/sandbox.ts';
import { startCompany, type Company } from '../support/sandbox-company.ts';

const WORLD = aWorld({ people: somePeople(3) });
const TODAY = new Date().toISOString().slice(0, 10);

/** The same company with whoever made the tokens on the identity list. */
function withOwner(record: Partial<IdentityRecord> = {}): World {
  const { email, givenName, familyName } = WORLD.owner;
  const identity = { id: 'd-ida', email, givenName, familyName, status: 'active', ...record };
  return { ...WORLD, people: [...WORLD.people, { identity }] };
}

async function readFindings(company: Company): Promise<readonly string[]> {
  const rows = await company.rows<{ line: string }>(
    `select concat_ws(' ', source, rule, severity, status, account_id, identity_id, resolution) as line
       from rollcall.drift_findings order by 1`,
  );
  return rows.map(({ line }) => line);
}

function questions(company: Company): readonly string[] {
  return company.sandbox.requests
    .map(({ path }) => path)
    .filter((path) => /myself|profiles\/me/u.test(path))
    .toSorted();
}

test('whose the tokens are is asked once a full listing, and told when they are at risk', async () => {
  await using company = await startCompany({ world: WORLD, ownerKnown: false });
  expect((await company.rollcall(['run'])).code).toBe(0);
  expect(questions(company)).toEqual(['/api/v1/myself', '/api/v1/profiles/me']);
  expect(await readFindings(company)).toEqual([
    'namely credential_owner_at_risk high open',
    'nimble credential_owner_at_risk high open',
  ]);
  const explained = await company.rollcall(['explain', '1']);
  expect(explained.stdout).toContain('is read with the token of it-operations@example.com, who is nobody we know');

  // Ten days before her last one. Namely is read for changes alone now, and not asked.
  await company.tell(withOwner({ endDate: toShiftedDate(TODAY, 10) }));
  expect((await company.rollcall(['run'])).code).toBe(0);
  expect(questions(company)).toEqual(['/api/v1/myself']);
  expect(await readFindings(company)).toEqual([
    'namely credential_owner_at_risk critical open d-ida',
    'nimble credential_owner_at_risk critical open d-ida',
  ]);

  await company.tell(withOwner());
  expect((await company.rollcall(['run', '--full'])).code).toBe(0);
  expect(questions(company)).toEqual(['/api/v1/myself', '/api/v1/profiles/me']);
  expect(await readFindings(company)).toEqual([
    'namely credential_owner_at_risk critical resolved d-ida identity current',
    'nimble credential_owner_at_risk critical resolved d-ida identity current',
  ]);
});
