import { expect, test } from 'vitest';
import { describeSchedules } from '../../../src/doctor/schedules.ts';
import { loadWell } from '../config/folder.ts';

const NOW = new Date('2027-03-12T12:00:00Z');

function described(timezone: string, source: string, now = NOW) {
  const yaml = `timezone: ${timezone}
database: { url: postgres://rollcall@127.0.0.1/rollcall }
sources:
  - { name: crm, ${source} }
`;
  return describeSchedules(loadWell({ yaml }).config, now);
}

test('case 75: the next five fires of each schedule, where the company is', () => {
  expect(described('America/New_York', 'type: namely, company: acme, token: t, fullSchedule: "15 3 * * 1-5"')).toEqual([
    {
      name: 'schedule of crm',
      status: 'ok',
      detail: '"*/5 * * * *" fires next at 2027-03-12 07:05-05:00, 07:10, 07:15, 07:20, 07:25 (America/New_York)',
    },
    {
      name: 'fullSchedule of crm',
      status: 'ok',
      detail:
        '"15 3 * * 1-5" fires next at 2027-03-15 03:15-04:00, 2027-03-16 03:15, 2027-03-17 03:15, 2027-03-18 03:15, 2027-03-19 03:15 (America/New_York)',
    },
  ]);
});

test('case 74: a time that the clocks leave out is said, with when it fires instead', () => {
  const [result] = described('America/New_York', 'type: file, path: a.csv, schedule: "45 2 * * *"');
  expect(result).toMatchObject({ status: 'ok' });
  expect(result?.detail).toContain('2027-03-13 02:45-05:00, 2027-03-14 03:00-04:00, 2027-03-15 02:45,');
  expect(result?.detail).toContain(
    'where the clocks leave its time out it fires when they go on: 2027-03-14 03:00-04:00',
  );
});

test('UTC leaves nothing out', () => {
  const [result] = described('UTC', 'type: file, path: a.csv, schedule: "45 2 * * *"');
  expect(result?.detail).toContain('2027-03-13 02:45, 2027-03-14 02:45,');
  expect(result?.detail).not.toContain('leave');
});

test.each([
  ['0 6 * * 1', 'warn'],
  ['0 6 * * *', 'ok'],
  ['0 6 29 2 *', 'warn'],
])('%s with maxAge 26h: %s', (schedule, status) => {
  const [result] = described('UTC', `type: nimble, token: t, schedule: "${schedule}"`);
  expect(result).toMatchObject({ status });
  expect(result?.fix !== undefined).toBe(status === 'warn');
});
