import { composeAlert } from '../../src/alerts/compose.ts';
import type { Waived } from '../../src/ports/reading.ts';
import { createOperator } from '../../src/store/operator.ts';
import { createReader } from '../../src/store/reader/reader.ts';
import type { WorkerWorld } from './worker.ts';

// What a person does about the only finding of a subject, and what is left of it in the tables.

type Waiving = { readonly at: string; readonly until: string; readonly author?: string; readonly reason?: string };

export async function waive(world: WorkerWorld, subject: string, waiving: Waiving): Promise<Waived> {
  const { at, until, author = 'kim', reason = 'contractor' } = waiving;
  const findingId = await findingOf(world, subject);
  return createOperator(world.store).waive({ findingId, until, author, reason }, new Date(at));
}

export async function unwaive(world: WorkerWorld, subject: string, at: string): Promise<Waived> {
  const findingId = await findingOf(world, subject);
  return createOperator(world.store).unwaive({ findingId, author: 'lee', reason: 'over' }, new Date(at));
}

async function findingOf(world: WorkerWorld, subject: string): Promise<number> {
  const { rows } = await world.store.pool.query<{ id: number }>('select id from rollcall.finding where subject = $1', [
    subject,
  ]);
  const [row, ...others] = rows;
  if (row === undefined || others.length > 0) throw new Error(`${rows.length} findings of ${subject}`);
  return row.id;
}

/** `event because-or-resolution`, the first one first. */
export async function historyOf(world: WorkerWorld, subject: string): Promise<readonly string[]> {
  const { rows } = await world.store.pool.query<{ text: string }>(
    `select concat_ws(' ', e.event, e.detail ->> 'because', case when e.event = 'resolved' then e.detail ->> 'resolution' end) as text
       from rollcall.finding_event e join rollcall.finding f on f.id = e.finding_id
      where f.subject = $1 order by e.id`,
    [subject],
  );
  return rows.map(({ text }) => text);
}

/** `until because`; `until` alone while it is in force. */
export async function waiversOf(world: WorkerWorld): Promise<readonly string[]> {
  const { rows } = await world.store.pool.query<{ text: string }>(
    `select concat_ws(' ', until, ended_because) as text from rollcall.waiver order by id`,
  );
  return rows.map(({ text }) => text);
}

/** The whole of the last message, as text. */
export async function lastMessage(world: WorkerWorld): Promise<string> {
  const alert = world.told.at(-1);
  if (alert === undefined) throw new Error('nobody was told of anything');
  return (await composeAlert(alert, createReader(world.store)))?.text ?? '';
}
