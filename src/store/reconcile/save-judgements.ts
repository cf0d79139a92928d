import type { AccountCase, Case, Judgement, LinkDecision, RowRef } from '../../core/case.ts';
import type { ReconcileContext } from './context.ts';
import { toArrays } from './roster-row.ts';

type Judged = { readonly of: Case; readonly judgement: Judgement };
type JudgedAccount = { readonly of: AccountCase; readonly judgement: Judgement };
type NewLink = { readonly ref: RowRef; readonly link: Extract<LinkDecision, { readonly kind: 'link' }> };

// `pinned` and `denied` are a person's word: no decision of a rule touches them.
const UNLINK = `
  delete from rollcall.link l
   using unnest($1::int[], $2::text[]) as r (source_id, external_id)
   where l.source_id = r.source_id and l.external_id = r.external_id and l.rule not in ('pinned', 'denied')`;

const LINK = `
  insert into rollcall.link
         (source_id, external_id, identity_source_id, identity_external_id, rule, evidence, created_at)
  select r.source_id, r.external_id, r.identity_source_id, r.identity_external_id, r.rule, r.evidence::jsonb, now()
    from unnest($1::int[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[])
         as r (source_id, external_id, identity_source_id, identity_external_id, rule, evidence)
   where not exists (
         select from rollcall.link p
          where p.source_id = r.source_id and p.external_id = r.external_id
            and (p.rule = 'pinned'
                 or (p.identity_source_id = r.identity_source_id and p.identity_external_id = r.identity_external_id)))`;

// Only of rows that change, as their cases tell: an account that is judged the same again costs nothing.
const REMEMBER = `
  update rollcall.account a
     set disputed = r.disputed, undecided = r.undecided, recheck_on = r.recheck_on
    from unnest($1::int[], $2::text[], $3::boolean[], $4::boolean[], $5::date[])
         as r (source_id, external_id, disputed, undecided, recheck_on)
   where a.source_id = r.source_id and a.external_id = r.external_id`;

/**
 * Stores what correlation decided about accounts, whether they are disputed, and when to look again. A link replaces the one
 * before it. A link to an identity of a source that is configured no longer stays until another takes its place: the source
 * may come back.
 */
export async function saveJudgements({ client }: ReconcileContext, items: readonly Judged[]): Promise<void> {
  const accounts = items.flatMap(({ of, judgement }) => (of.kind === 'account' ? [{ of, judgement }] : []));
  if (accounts.length === 0) return;
  const links: NewLink[] = accounts.flatMap(({ of, judgement: { link } }) =>
    link.kind === 'link' ? [{ ref: of.ref, link }] : [],
  );
  const unlinked = [...links.map((each) => each.ref), ...accounts.filter(losesLink).map(({ of }) => of.ref)];
  if (unlinked.length > 0) await client.query(UNLINK, [...toArrays(unlinked)]);
  if (links.length > 0) await client.query(LINK, linkValues(links));
  const others = accounts.filter(isRememberedOtherwise);
  if (others.length === 0) return;
  await client.query(REMEMBER, [
    ...toArrays(others.map(({ of }) => of.ref)),
    others.map(isDisputed),
    others.map(isUndecided),
    others.map(({ judgement }) => judgement.recheckOn ?? null),
  ]);
}

function isRememberedOtherwise(each: JudgedAccount): boolean {
  const { of, judgement } = each;
  return (
    isDisputed(each) !== of.wasDisputed ||
    isUndecided(each) !== of.wasUndecided ||
    judgement.recheckOn !== of.wasRecheckOn
  );
}

function isUndecided({ judgement }: JudgedAccount): boolean {
  return judgement.undecided.length > 0;
}

function linkValues(links: readonly NewLink[]): unknown[] {
  return [
    ...toArrays(links.map((each) => each.ref)),
    ...toArrays(links.map((each) => each.link.identity)),
    links.map((each) => each.link.rule),
    links.map((each) => JSON.stringify(each.link.evidence)),
  ];
}

function losesLink({ of, judgement }: JudgedAccount): boolean {
  const { kind } = judgement.link;
  // Also into a source that is configured no longer: whoever the id was of, it may be somebody else's now.
  if (kind === 'forget') return of.link !== undefined && of.link.rule !== 'pinned';
  return (kind === 'disputed' || kind === 'unmatched') && of.linked.length > 0;
}

function isDisputed({ of, judgement }: JudgedAccount): boolean {
  if (judgement.link.kind === 'disputed') return true;
  // What was not correlated (the account is gone, the rules did not run) stays as it was.
  return judgement.link.kind === 'keep' && of.link === undefined && of.wasDisputed;
}
