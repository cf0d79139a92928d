import type pg from 'pg';
import { copyLine, copyLines } from './copy-text.ts';
import type { IntakeKey } from './intake-stage.ts';
import type { KnownRows } from './known-rows.ts';

// Which present rows a listing has not shown is asked by five statements, and worked out once: they stand in `stage` beside what was shown, as
// `absent`. Parameters: $1 source, $2 epoch.
const MINE = 'source_id = $1 and epoch = $2';
const FORGET = `delete from rollcall.stage where ${MINE} and difference in ('absent', 'unseen')`;
const FORGET_UNSEEN = `delete from rollcall.stage where ${MINE} and difference = 'unseen'`;

const INSERT = `
  insert into rollcall.stage (source_id, epoch, batch, external_id, content_hash, difference)
  select a.source_id, $2, 0, a.external_id, a.content_hash, 'absent'
    from rollcall.account a`;

/** What we know by its hash and has not been shown is sent as `unseen`, by the half of the hash that we keep. One pass, however many. */
const ABSENT_BY_HASH = `${INSERT}
    join rollcall.stage s
      on s.source_id = $1 and s.epoch = $2 and s.difference = 'unseen'
     and s.content_hash = substring(a.content_hash from 1 for octet_length(s.content_hash))
   where a.source_id = $1 and a.gone_at is null`;

const ABSENT = `${INSERT}
   where a.source_id = $1 and a.gone_at is null
     and not exists (select from rollcall.stage s
                      where s.source_id = $1 and s.epoch = $2 and s.external_id = a.external_id)`;

/** Forgets what was found absent before: a row that was shown since is a copy of nothing. */
export async function forgetAbsent(client: pg.PoolClient, key: IntakeKey): Promise<void> {
  await client.query(FORGET, [key.sourceId, key.epoch]);
}

/** Notes the present rows that the listing has not shown; returns how many. After `forgetAbsent`. */
export async function findAbsent(client: pg.PoolClient, key: IntakeKey, known: KnownRows | undefined): Promise<number> {
  const mine = [key.sourceId, key.epoch];
  if (known === undefined) return (await client.query(ABSENT, mine)).rowCount ?? 0;
  if (!known.isAnyUnseen()) return 0;
  await copyLines(
    client,
    'rollcall.stage (source_id, epoch, batch, external_id, content_hash, difference)',
    unseenLines(key, known),
  );
  const { rowCount } = await client.query(ABSENT_BY_HASH, mine);
  await client.query(FORGET_UNSEEN, mine);
  return rowCount ?? 0;
}

function* unseenLines(key: IntakeKey, known: KnownRows): Generator<string> {
  for (const hash of known.unseen()) yield copyLine([key.sourceId, key.epoch, 0, '', `\\x${hash}`, 'unseen']);
}
