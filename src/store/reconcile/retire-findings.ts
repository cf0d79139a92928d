import { isOfCredential, RULE_POLICY, type Rule, RULES } from '../../core/rule.ts';
import { DEFAULT_OPTIONS, type RuleOptions } from '../../core/rule-options.ts';
import { OWNED_TYPES } from '../../core/token-owner.ts';
import type { ReconcileContext } from './context.ts';

const OF_IDENTITIES = RULES.filter((rule) => RULE_POLICY[rule].judgesIdentities);

const OF_CREDENTIALS = RULES.filter(isOfCredential);

const RETIRE = `
  with changed as (
    update rollcall.finding f
       set status = 'resolved', resolved_at = $2::timestamptz, report_id = $3::bigint,
           resolution = case when f.rule = any ($1::text[]) then 'rule disabled'
                             when f.rule = 'missing_account' and s.retired_at is null and not s.authoritative then 'rule disabled'
                             else 'source removed' end
      from rollcall.source s
     where s.id = f.source_id and f.status <> 'resolved'
       and (f.rule = any ($1::text[]) or s.retired_at is not null
            or (f.rule = 'missing_account' and s.name <> all ($7::text[]))
            or (f.rule = any ($5::text[]) and s.type <> all ($6::text[]))
            or (s.authoritative and not s.audited and not f.rule = any ($4::text[])))
    returning f.id, f.resolution)
  insert into rollcall.finding_event (finding_id, at, event, report_id, detail)
  select id, $2::timestamptz, 'resolved', $3::bigint, jsonb_build_object('resolution', resolution) from changed`;

/**
 * Ends the findings that nobody judges any more: of rules switched off, of an application in which nobody is expected any more, of sources taken out of the configuration or read without a token now, and what was found
 * in an application that is an authoritative source now.
 */
export async function retireFindings(
  { client, reportId }: ReconcileContext,
  disabled: ReadonlySet<Rule>,
  now: Date,
  options: RuleOptions = DEFAULT_OPTIONS,
): Promise<number> {
  const { rowCount } = await client.query(RETIRE, [
    [...disabled],
    now,
    reportId,
    OF_IDENTITIES,
    OF_CREDENTIALS,
    OWNED_TYPES,
    [...options.missingAccount.keys()],
  ]);
  return rowCount ?? 0;
}
