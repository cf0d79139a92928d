import type { RuleCount } from '../../core/headline.ts';
import type { Severity } from '../../core/rule.ts';
import type { SeatCost } from '../../core/seats.ts';
import { countRules, countSeverities, countSources } from './counts.ts';
import { compareFindings } from './order.ts';
import type { ShownLeaver } from '../../html/clock.ts';
import type { LiveFinding, PageReader, TrendDay } from '../../ports/page.ts';
import type { Clock } from '../../ports/surroundings.ts';

/** What follows from the ledger as it stands. */
export type Ledger = {
  /** In the order of the list. */
  readonly live: readonly LiveFinding[];
  /** More live than `LIVE_MAX`: the least severe are left out. */
  readonly isCut: boolean;
  /** Of what is open: by rule, in the order of the list; by severity; by source. */
  readonly rules: readonly RuleCount[];
  readonly severities: Readonly<Record<Severity, number>>;
  readonly openOf: ReadonlyMap<string, number>;
  readonly seats: readonly SeatCost[];
  readonly trend: readonly TrendDay[];
  readonly leavers: { readonly shown: readonly ShownLeaver[]; readonly total: number };
};
type Reading = Pick<PageReader, 'stamp' | 'live' | 'findings' | 'seats' | 'trend' | 'clock'>;

/** Some 20 MB while somebody looks at them. */
const LIVE_MAX = 100_000;
const TREND_DAYS = 30;
const LEAVERS_SHOWN = 10;
/** Hours of the clock and names of sources change without an event of a finding. */
const LIFE_MS = 30_000;

type Kept = { readonly stamp: string; readonly ledger: Promise<Ledger>; readonly untilMs: number };

/**
 * The ledger in little, read once for each change of it, however many people look (decision 33): to count and to put in order five thousand
 * findings, Postgres has to read five thousand, and a page shows fifty. Nothing is kept when nobody looks.
 */
export function keepLedger(reader: Reading, clock: Clock): () => Promise<Ledger> {
  let kept: Kept | undefined;
  return async () => {
    const stamp = await reader.stamp();
    const nowMs = clock().getTime();
    if (kept !== undefined && kept.stamp === stamp && nowMs < kept.untilMs) return kept.ledger;
    const made: Kept = { stamp, ledger: readLedger(reader), untilMs: nowMs + LIFE_MS };
    kept = made;
    const forget = (): void => {
      if (kept === made) kept = undefined;
    };
    setTimeout(forget, LIFE_MS).unref();
    // A failure is the answer to those who asked, and not to who asks next.
    made.ledger.catch(forget);
    return made.ledger;
  };
}

async function readLedger(reader: Reading): Promise<Ledger> {
  const [rows, seats, trend] = await Promise.all([reader.live(LIVE_MAX + 1), reader.seats(), reader.trend(TREND_DAYS)]);
  const live = shareWords(rows.slice(0, LIVE_MAX)).toSorted(compareFindings);
  const open = live.filter(({ status }) => status === 'open');
  return {
    live,
    isCut: rows.length > LIVE_MAX,
    rules: countRules(open),
    severities: countSeverities(open),
    openOf: countSources(open),
    seats,
    trend,
    leavers: await readLeavers(reader, live),
  };
}

/** The driver makes each text anew; there are a few dozen different ones. */
function shareWords(rows: readonly LiveFinding[]): readonly LiveFinding[] {
  const sources = new Map<string, string>();
  const shared = (source: string): string => sources.get(source) ?? (sources.set(source, source), source);
  return rows.map((row) => ({ ...row, source: shared(row.source) }));
}

/** Those who left first have had access for the longest; what the clock says exactly is asked for these alone. */
async function readLeavers(reader: Reading, live: readonly LiveFinding[]): Promise<Ledger['leavers']> {
  const leavers = live.filter(({ rule, status }) => rule === 'leaver_account' && status !== 'waived');
  const longest = leavers.toSorted((a, b) => (leftOn(a) < leftOn(b) ? -1 : Number(leftOn(a) > leftOn(b))));
  const ids = longest.slice(0, LEAVERS_SHOWN).map(({ id }) => id);
  const findings = await reader.findings(ids);
  const accounts = findings.flatMap(({ source, account_id: accountId }) =>
    accountId === null ? [] : [{ source, accountId }],
  );
  const clock = await reader.clock(accounts);
  const shown = clock.flatMap((row) => {
    const finding = findings.find((each) => each.source === row.source && each.account_id === row.account_id);
    return finding === undefined || row.access_removed_at !== null ? [] : [{ finding, clock: row }];
  });
  return { shown, total: leavers.length };
}

function leftOn({ left_on: day }: LiveFinding): string {
  return day ?? '9999';
}
