import { ERASED } from '../../core/forget.ts';

// What is removed of a person. `$1`, `$2` the rows; each statement says how many rows it removed or blanked.

const PERSON = `person as (select * from unnest($1::int[], $2::text[]) as r (source_id, external_id))`;

// About an account of theirs, or about them as an identity. Where another person's account is judged and they are only named (as a manager, as
// who answers for a robot), the finding is that person's, and stays.
const THEIRS = `
  theirs as (
    select f.id, f.fingerprint, f.status from rollcall.finding f
     where exists (select from person p where p.source_id = f.source_id and p.external_id in (f.account_id, f.subject))
        or (f.account_id is null
            and exists (select from person p where p.source_id = f.identity_source_id and p.external_id = f.identity_id)))`;

/** How long they could still sign in stays as a figure: it is of nobody then, and the population stays whole. */
const CLOCK = `
  (select jsonb_build_object('clock', jsonb_build_object(
            'left_on', c.left_on, 'left_by', f.evidence ->> 'left_by', 'access_removed_at', c.access_removed_at,
            'hours_exposed', c.hours_exposed, 'breach', c.breach))
     from rollcall.leaver_clock c join rollcall.source s on s.name = c.source
    where f.rule = 'leaver_account' and s.id = f.source_id and c.account_id = f.account_id)`;

/** `$3` now. The first: it needs the versions for the clock, and the waivers their fingerprints. */
export const BLANK_FINDINGS = `
  with ${PERSON}, ${THEIRS},
  waivers as (
    update rollcall.waiver w
       set fingerprint = 'forgotten:' || t.id, reason = '${ERASED}',
           ended_because = case when w.ended_at is null then 'erased' else w.ended_because end, ended_at = coalesce(w.ended_at, $3::timestamptz)
      from theirs t where w.fingerprint = t.fingerprint returning w.id),
  ended as (
    insert into rollcall.finding_event (finding_id, at, event, report_id, detail)
    select id, $3::timestamptz, 'resolved', null, '{"resolution": "erased"}' from theirs where status <> 'resolved'),
  events as (
    update rollcall.finding_event e
       set detail = (select coalesce(jsonb_object_agg(d.key, d.value), '{}') from jsonb_each(e.detail) d
                      where d.key in ('from', 'resolution', 'because', 'waiver', 'until', 'severity', 'severity_before', 'breaker', 'replaces'))
      from theirs t where e.finding_id = t.id and e.detail <> '{}' returning e.id),
  decisions as (
    update rollcall.audit a set reason = '${ERASED}', detail = '{}'
      from theirs t where a.subject = 'finding ' || t.id returning a.id),
  findings as (
    update rollcall.finding f
       set fingerprint = 'forgotten:' || f.id, subject = 'forgotten:' || f.id, account_id = null, account_email = null,
           account_name = '${ERASED}', identity_source_id = null, identity_id = null, identity_email = null,
           summary = 'the person was forgotten', evidence = '{"erased": true}' || coalesce(${CLOCK}, '{}'), charge_digest = '',
           status = 'resolved', resolution = case when f.status = 'resolved' then f.resolution else 'erased' end,
           resolved_at = coalesce(f.resolved_at, $3::timestamptz)
      from theirs t where f.id = t.id returning f.id)
  select (select count(*) from findings) as findings, (select count(*) from waivers) as waivers,
         (select count(*) from decisions) as decisions`;

/** What was said of other people's accounts, and names them as whose it is. */
export const UNNAME_FINDINGS = `
  with ${PERSON}
  update rollcall.finding f set identity_source_id = null, identity_id = null, identity_email = null
    from person p where p.source_id = f.identity_source_id and p.external_id = f.identity_id`;

/** `$3` the same rows as SOURCE/ID, as the audit table names them. */
export const BLANK_LINK_DECISIONS = `
  update rollcall.audit set subject = '${ERASED}', reason = '${ERASED}', detail = '{}'
   where $1::int[] is not null and $2::text[] is not null and subject = any ($3::text[])`;

/** Whoever could be judged otherwise without them is looked at again. */
export const MARK_OTHERS = `
  with ${PERSON}
  insert into rollcall.dirty (source_id, external_id)
  select a.source_id, a.external_id from person p
    join rollcall.account a on a.source_id = p.source_id and a.manager_id = p.external_id
  union
  select o.source_id, o.external_id from person p
    join (select source_id, external_id, key from rollcall.account_key
          union all select source_id, external_id, key from rollcall.former_key) k
      on k.source_id = p.source_id and k.external_id = p.external_id
    join rollcall.account_key o on o.key = k.key
  union
  select l.source_id, l.external_id from person p
    join rollcall.link l on l.identity_source_id = p.source_id and l.identity_external_id = p.external_id`;

const removal = (table: string): string => `
  with ${PERSON} delete from rollcall.${table} t using person p where t.source_id = p.source_id and t.external_id = p.external_id`;

const REMOVE_LINKS = `
  with ${PERSON}
  delete from rollcall.link l using person p
   where (l.source_id, l.external_id) = (p.source_id, p.external_id)
      or (l.identity_source_id, l.identity_external_id) = (p.source_id, p.external_id)`;

const REMOVE_LOSSES = `
  with ${PERSON}
  delete from rollcall.breaker_loss l using person p, rollcall.breaker b
   where b.id = l.breaker_id and b.source_id = p.source_id and l.external_id = p.external_id`;

/** In the order of what is counted; the last ones are parts of the others. */
export const REMOVALS = [
  ['versions', removal('account_version')],
  ['keys', removal('account_key')],
  ['former keys', removal('former_key')],
  ['links', REMOVE_LINKS],
  ['rows', removal('account')],
  ['losses', REMOVE_LOSSES],
  ['marks', removal('dirty')],
  ['staged rows', removal('stage_row')],
  ['staged ids', removal('stage')],
] as const;

export const FORGET_MOVES = `
  with ${PERSON}
  update rollcall.account a set moved_from = null from person p where a.source_id = p.source_id and a.moved_from = p.external_id`;

/** A watermark that names one of the rows: the next reading is a full one, and writes another. */
export const FORGET_WATERMARKS = `
  with ${PERSON}
  update rollcall.source s set watermark = null
    from person p where s.id = p.source_id and strpos(s.watermark, to_json(p.external_id)::text) > 0`;

export const REPORTS_OF = `
  with ${PERSON}
  select v.source_id, v.external_id, v.from_run, v.email, v.aliases, v.employee_id, v.given_name, v.family_name, v.display_name, v.status,
         v.kind, v.role, v.privileged, v.title, v.department, null as manager_id, v.start_date, v.end_date, v.flags
    from person p join rollcall.account_version v on v.source_id = p.source_id and v.manager_id = p.external_id`;

/** `$1` sources, `$2` ids, `$3` runs, `$4` hashes in hex. */
export const WITHOUT_MANAGER = `
  with changed as (
    update rollcall.account_version v set manager_id = null, content_hash = decode(r.hash, 'hex')
      from unnest($1::int[], $2::text[], $3::bigint[], $4::text[]) as r (source_id, external_id, from_run, hash)
     where (v.source_id, v.external_id, v.from_run) = (r.source_id, r.external_id, r.from_run)
    returning v.source_id, v.external_id, v.from_run, v.content_hash)
  update rollcall.account a set manager_id = null, content_hash = c.content_hash
    from changed c where (a.source_id, a.external_id, a.version_run) = (c.source_id, c.external_id, c.from_run)`;
