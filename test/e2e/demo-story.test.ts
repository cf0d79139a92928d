import { expect, test } from 'vitest';
import { tellDemo } from '../../src/sandbox/demo-world.ts';
import { startCompany, type Company } from '../support/sandbox-company.ts';

const AGENCY = '5ce69c1fceee183600000091';
const GROWTH_PARTNER = '5ce69c1fceee183600000092';
const MARCUS = '5ce69c1fceee183600000006';
const TOM = '6f1b2c3d-0000-4000-8000-000000000014';

async function readFindings(company: Company): Promise<readonly string[]> {
  const rows = await company.rows<{ line: string }>(
    `select concat_ws(' ', source, rule, severity, status, account_id) as line from rollcall.drift_findings order by 1`,
  );
  return rows.map(({ line }) => line);
}

test('the demo finds what its story tells, chapter by chapter', async () => {
  const [baseline, later, empty] = tellDemo(new Date().toISOString().slice(0, 10));
  if (baseline === undefined || later === undefined || empty === undefined)
    throw new Error('the demo has three chapters');
  await using company = await startCompany({ world: baseline.world });

  expect((await company.rollcall(['run'])).code).toBe(0);
  expect(await readFindings(company)).toEqual([`nimble orphaned_account high open ${AGENCY}`]);
  expect(company.sandbox.messages).toHaveLength(1);

  await company.tell(later.world);
  expect((await company.rollcall(['run'])).code).toBe(0);
  const afterwards = [
    `namely lifecycle_conflict medium open ${TOM}`,
    `nimble leaver_account high open ${MARCUS}`,
    `nimble orphaned_account critical open ${GROWTH_PARTNER}`,
    `nimble orphaned_account high resolved ${AGENCY}`,
  ];
  expect(await readFindings(company)).toEqual(afterwards);
  expect(company.sandbox.messages).toHaveLength(1);

  await company.tell(empty.world);
  expect((await company.rollcall(['run'])).code).toBe(3);
  expect(await readFindings(company)).toEqual(afterwards);
  expect(company.sandbox.messages).toHaveLength(1);
});
