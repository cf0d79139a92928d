import { withClient } from './client.ts';

// What must be the same however often the way there was broken off. Numbers of runs, reports, findings, sources and jobs are left out, with
// what is made of them (`charge_digest`), and so are moments and the day: they depend on how often somebody had to begin again.

const NAMED = `(select name from rollcall.source s where s.id = t.source_id)`;

/** Each a list of rows as text. `broken` and `left behind` must be empty also in the uninterrupted run. */
const QUESTIONS = {
  sources: `select name, type, watermark, not_before, claimed_by, claim_expires_at, retired_at is null, owner_external_id, owner_email
              from rollcall.source t`,
  accounts: `select ${NAMED}, external_id, encode(content_hash, 'hex'), status, kind, privileged, start_date, end_date, manager_id,
                    source_created_at, source_updated_at, gone_at is null, left_on, left_by, disputed, recheck_on, undecided, moved_from
               from rollcall.account t`,
  keys: `select ${NAMED}, external_id, kind, key from rollcall.account_key t`,
  'former keys': `select ${NAMED}, external_id, kind, key from rollcall.former_key t`,
  versions: `select ${NAMED}, external_id, row_number() over (partition by source_id, external_id order by from_run),
                    encode(content_hash, 'hex'), email, given_name, family_name, status, flags, valid_to is null, to_run is null
               from rollcall.account_version t`,
  links: `select ${NAMED}, external_id, (select name from rollcall.source s where s.id = identity_source_id), identity_external_id, rule,
                 evidence, author from rollcall.link t`,
  findings: `select ${NAMED}, rule, subject, severity, status, account_id, account_email, account_name, identity_id, identity_email,
                    summary, evidence, resolution from rollcall.finding t`,
  events: `select ${NAMED}, rule, subject, e.event, e.detail, row_number() over (partition by t.id order by e.id)
             from rollcall.finding_event e join rollcall.finding t on t.id = e.finding_id`,
  breakers: `select ${NAMED}, kind, closed_at is null, released, evidence - 'baseline_run',
                    (select array_agg(external_id order by external_id) from rollcall.breaker_loss l where l.breaker_id = t.id)
               from rollcall.breaker t`,
  'changes counted': `select ${NAMED}, sum(rows_changed), sum(rows_gone) from rollcall.sync_run t group by source_id`,
  rules: `select ${NAMED}, rule from rollcall.rule_state t`,
  'first looks': `select unnest(baseline) as pair from rollcall.drift_report`,
  'changes reported': `select sum(opened), sum(reopened), sum(resolved) from rollcall.drift_report`,
  'last report': `select open, held, waived, undecided, (select array_agg(w ->> 'source' || ': ' || (w ->> 'reason')) from jsonb_array_elements(withheld) w),
                         (select jsonb_object_agg(key, value - 'run' - 'as_of' - 'delta') from jsonb_each(verdicts))
                    from rollcall.drift_report order by id desc limit 1`,
  setting: `select timezone, leaver_sla_hours, rule_set_digest is null, plan_digest is null, judged_on from rollcall.setting`,
  'alerts sent': `select data - 'reportId' - 'breakerId' from rollcall_jobs.job where name = 'alert' and state = 'completed'`,
  broken: `select id from (select id, previous_digest, lag(digest) over (partition by source_id order by id) as before from rollcall.sync_run) r
            where previous_digest is distinct from before`,
  'left behind': `select 'stage' from rollcall.stage union all select 'stage_row' from rollcall.stage_row
                  union all select 'dirty' from rollcall.dirty
                  union all select name || ' ' || state::text from rollcall_jobs.job where state <> 'completed' and name <> 'dead'
                  union all select 'dead' from rollcall_jobs.job where name = 'dead'`,
} as const satisfies Record<string, string>;

export type Conclusions = Readonly<Record<string, readonly string[]>>;

export async function conclusionsOf(url: string): Promise<Conclusions> {
  return await withClient(url, async (client) => {
    const found: Record<string, readonly string[]> = {};
    for (const [about, sql] of Object.entries(QUESTIONS)) {
      const { rows } = await client.query<{ row: string }>(`select q::text as row from (${sql}) q order by 1`);
      found[about] = rows.map(({ row }) => withoutToday(row));
    }
    return found;
  });
}

/** The findings in the words of a scenario. */
export async function findingsOf(url: string): Promise<readonly object[]> {
  return await withClient(url, async (client) => {
    const { rows } = await client.query<{ source: string }>(
      `select source, rule, severity, status, account_id, identity_id, resolution from rollcall.drift_findings
        order by rule, source, account_id`,
    );
    return rows;
  });
}

const DAY_MS = 86_400_000;

/** This day and the one before it, in which a test that midnight meets has begun. */
export function withoutToday(text: string): string {
  const days = [0, DAY_MS].map((ago) => new Date(Date.now() - ago).toISOString().slice(0, 'YYYY-MM-DD'.length));
  return days.reduce((left, day) => left.replaceAll(day, 'TODAY'), text);
}

/** How many alerts the database takes for sent. */
export async function alertsSettled(url: string): Promise<number> {
  return await withClient(url, async (client) => {
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::int as count from rollcall_jobs.job where name = 'alert' and state = 'completed'`,
    );
    return rows[0]?.count ?? 0;
  });
}

/** Rows that only one of the two has, in words; nothing when both are equal but for what is left `out`. */
export function differences(
  expected: Conclusions,
  actual: Conclusions,
  out: readonly (keyof typeof QUESTIONS)[],
): readonly string[] {
  const asked = Object.keys(QUESTIONS).filter((about) => !out.some((each) => each === about));
  return asked.flatMap((about) => [
    ...without(expected[about] ?? [], actual[about] ?? []).map((row) => `${about}: lost ${row}`),
    ...without(actual[about] ?? [], expected[about] ?? []).map((row) => `${about}: not expected ${row}`),
  ]);
}

/** Counts: a row that is there twice and was expected once is left over once. */
function without(rows: readonly string[], taken: readonly string[]): readonly string[] {
  const left = [...taken];
  return rows.filter((row) => {
    const at = left.indexOf(row);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
