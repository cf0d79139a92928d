import { expect, test } from 'vitest';
import { RULES } from '../../src/core/rule.ts';
import { SEAT_RULES, seatPhrase } from '../../src/core/seats.ts';
import type { SeatPrice, SourceSpec } from '../../src/ports/sources.ts';
import { loadSeats } from '../../src/store/reader/page/sources.ts';
import { createReader } from '../../src/store/reader/reader.ts';
import { aRow } from '../support/builders.ts';
import { aSpec, openTestStore, read, type TestStore } from '../support/store.ts';

const NOW = new Date();
const usd = (amount: number, per: SeatPrice['per'] = 'month'): SeatPrice => ({ amount, currency: 'USD', per });

/** A source with accounts a to e (c is a service account, d inactive), each with an open finding of this rule. */
async function openFindings(store: TestStore, spec: Partial<SourceSpec>, rules: readonly string[]): Promise<void> {
  const [source] = await store.sources.syncSources([aSpec(spec)], NOW);
  if (source === undefined) throw new Error('no source');
  const rows = ['a', 'b', 'c', 'd'].map((externalId) =>
    aRow({
      externalId,
      email: `${externalId}@example.com`,
      kind: externalId === 'c' ? 'service' : 'human',
      status: externalId === 'd' ? 'inactive' : 'active',
    }),
  );
  await read(store, source, { batches: [rows], at: NOW });
  for (const rule of rules) {
    await store.pool.query(
      `insert into rollcall.finding (fingerprint, source_id, rule, subject, severity, status, account_id, summary, evidence, charge_digest,
                                     first_detected_at, opened_at, report_id)
       select concat($1::int, $2::text, id), $1::int, $2::text, id, 'high', 'open', id, '', '{}', '', now(), now(), 1 from unnest(array['a', 'b', 'c', 'd']) id`,
      [source.id, rule],
    );
  }
}

/** As the reader of reports has it, and the same for the page. */
async function costOf(store: TestStore): Promise<readonly unknown[]> {
  const [row] = await createReader(store).sources();
  const { source, seats_at_risk, seat_cost_at_risk, seat_currency } = row ?? {};
  const priced = seat_currency === null ? [] : [{ source, seats_at_risk, seat_cost_at_risk, seat_currency }];
  expect(await loadSeats(store.pool)).toEqual(priced);
  return [row?.seats_at_risk, row?.seat_cost_at_risk, row?.seat_currency];
}

test.each(RULES)('%s costs its usable accounts’ seats, or nothing', async (rule) => {
  await using store = await openTestStore();
  await openFindings(store, { seatPrice: usd(24.9) }, [rule]);

  const seats = SEAT_RULES.includes(rule) ? [3, '74.7', 'USD'] : [0, '0.0', 'USD'];
  expect(await costOf(store)).toEqual(seats);
});

test('an account with two findings has one seat, and an API user of Nimbus has none', async () => {
  await using store = await openTestStore();
  await openFindings(store, { type: 'nimbus', seatPrice: usd(0.1) }, ['orphaned_account', 'dormant_account']);

  expect(await costOf(store)).toEqual([2, '0.2', 'USD']);
});

test('of a year a twelfth, and of what floats cannot say exactly no digit too many', async () => {
  await using store = await openTestStore();
  await openFindings(store, { seatPrice: usd(100, 'year') }, ['leaver_account']);
  expect(await costOf(store)).toEqual([3, '25.00', 'USD']);

  await store.sources.syncSources([aSpec({ seatPrice: usd(0.07) })], NOW);
  expect(await costOf(store)).toEqual([3, '0.21', 'USD']);
});

test('without a price there is no cost, and what is held, waived or gone costs nothing', async () => {
  await using store = await openTestStore();
  await openFindings(store, {}, ['orphaned_account']);
  expect(await costOf(store)).toEqual([3, null, null]);

  await store.pool.query(`update rollcall.finding set status = 'held' where account_id = 'a'`);
  await store.pool.query(`update rollcall.finding set status = 'waived' where account_id = 'b'`);
  await store.pool.query(`update rollcall.account set gone_at = now() where external_id = 'c'`);
  expect(await costOf(store)).toEqual([0, null, null]);
});

test('the digest says it a source at a time, and adds no currency to another', () => {
  const row = { type: 'nimble', authoritative: false, last_complete_at: null, last_verdict: null, stale: false };
  const health = { ...row, breaker: null, accounts: 1, open_findings: 1 };
  const cost = (source: string, seats: number, amount: string | null, currency: string | null) => ({
    ...health,
    source,
    seats_at_risk: seats,
    seat_cost_at_risk: amount,
    seat_currency: currency,
  });
  expect(seatPhrase([cost('nimble', 3, '74.7', 'USD'), cost('wiki', 1, '9.00', 'EUR')])).toBe(
    'Paid for accounts that should not be: nimble 74.70 USD a month (3 seats), wiki 9.00 EUR a month (1 seat)',
  );
  expect(seatPhrase([cost('nimble', 1500, '1234567.5', 'USD'), cost('wiki', 1000, '37350', 'JPY')])).toBe(
    'Paid for accounts that should not be: nimble 1,234,567.50 USD a month (1,500 seats), wiki 37,350 JPY a month (1,000 seats)',
  );
  expect(seatPhrase([cost('nimble', 0, '0', 'USD'), cost('wiki', 3, null, null)])).toBeUndefined();
});
