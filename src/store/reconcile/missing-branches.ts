import type { RulePlan } from '../../core/policy.ts';
import type { PlainDate } from '../../core/row.ts';
import { type ExpectedField, type Expectation, isFolded, type RuleOptions } from '../../core/rule-options.ts';
import { type Bind, idsRunning } from './account-branches.ts';
import type { ReconcileContext } from './context.ts';

type Asked = {
  readonly context: ReconcileContext;
  readonly plan: RulePlan;
  readonly today: PlainDate;
  readonly options: RuleOptions;
};

// The converse of `missing_account`: an identity with a present account in the application, or that is neither current and started nor of
// unknown status, cannot be charged with missing one and leaves nothing undecided. One branch an application, because each expects other
// people. Rows are named by the row that comes first in the config before the two sides are compared, so a person whose account is linked
// to a row of another list is not looked at. `$2` authorities; `canonical` as in identity-cases.ts.
export function missingBranches(asked: Asked, bind: Bind): readonly string[] {
  const applications = idsRunning(asked, 'missing_account');
  return asked.context.sources.flatMap(({ id, name }) => {
    const expectation = asked.options.missingAccount.get(name);
    return expectation === undefined || !applications.includes(id)
      ? []
      : [branch({ id: bind(id), today: bind(asked.today), isMerging: isMerging(asked.context) }, expectation, bind)];
  });
}

/** Where there is one list no row is the same person as another, and each condition must hold of the row itself. */
export function isMerging({ sources }: Pick<ReconcileContext, 'sources'>): boolean {
  return sources.filter((source) => source.authoritative).length > 1;
}

type Place = { readonly id: string; readonly today: string; readonly isMerging: boolean };

function branch({ id, today, isMerging: merging }: Place, expectation: Expectation, bind: Bind): string {
  const conditions = [...expectation].map(([field, accepted]) => conditionOf(field, accepted, bind));
  const expected = conditions.length === 0 ? 'true' : conditions.join(merging ? ' or ' : ' and ');
  const named = (row: string, ref: string): string =>
    merging
      ? `coalesce(c.first_source_id, ${row}.${ref}source_id) as identity_source_id,
             coalesce(c.first_external_id, ${row}.${ref}external_id) as identity_external_id`
      : `${row}.${ref}source_id as identity_source_id, ${row}.${ref}external_id as identity_external_id`;
  const canonical = (row: string, ref: string): string =>
    merging
      ? `left join canonical c on c.source_id = ${row}.${ref}source_id and c.external_id = ${row}.${ref}external_id`
      : '';
  return `
    select ${id}::int, p.identity_source_id, p.identity_external_id
      from (select ${named('a', '')}
              from rollcall.account a
              join rollcall.account_version v
                on v.source_id = a.source_id and v.external_id = a.external_id and v.from_run = a.version_run
              ${canonical('a', '')}
             where a.source_id = any ($2::int[]) and a.gone_at is null
               and (a.status = 'unknown'
                    or (a.status in ('active', 'on_leave', 'pending') and coalesce(a.start_date <= ${today}::date, true)))
               and coalesce(a.end_date >= ${today}::date, true) and (${expected})) p
     where not exists (
           select from (select ${named('l', 'identity_')}
                          from rollcall.link l
                          join rollcall.account o
                            on o.source_id = l.source_id and o.external_id = l.external_id and o.gone_at is null
                          ${canonical('l', 'identity_')}
                         where l.source_id = ${id}::int and l.rule <> 'denied') q
            where q.identity_source_id = p.identity_source_id and q.identity_external_id = p.identity_external_id)`;
}

/**
 * Never false where `classify` finds the value accepted. Only the program folds words: what is written in ASCII alone is folded the same
 * way here, and any other value is left to it.
 */
function conditionOf(field: ExpectedField, accepted: ReadonlySet<string>, bind: Bind): string {
  const values = `${bind([...accepted])}::text[]`;
  if (field === 'aliases') return `coalesce(v.aliases && ${values}, false)`;
  const value = `v.${field}::text`;
  if (!isFolded(field)) return `coalesce(${value} = any (${values}), false)`;
  const folded = `btrim(regexp_replace(lower(${value} collate "C"), '\\s+', ' ', 'g'))`;
  return `coalesce(${value} ~ '[^\\x01-\\x7f]' or ${folded} = any (${values}), false)`;
}
