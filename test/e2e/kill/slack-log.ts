import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { withClient } from './client.ts';

/** A message as it came, and whether what it tells was to be seen in the database by then. */
export type Told = { readonly text: string; readonly isCommitted: boolean };
/** Called when a message has come and is not answered yet. */
export type OnMessage = (text: string) => void | Promise<void>;

interface SlackLog extends AsyncDisposable {
  /** The webhook of one database's company. */
  webhook(database: string): string;
  told(database: string): readonly Told[];
}

export type Listener = { readonly url: string; readonly arrived?: OnMessage | undefined };

/** A Slack for many companies: it looks into the database of whoever writes before it answers. */
export class LoopbackSlack implements SlackLog {
  readonly #server = createServer((request, response) => {
    this.#take(request, response).catch(() => response.destroy());
  });
  readonly #listeners = new Map<string, Listener>();
  readonly #told = new Map<string, Told[]>();
  #origin = '';

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('Slack has no port');
    this.#origin = `http://127.0.0.1:${address.port}`;
  }

  webhook(database: string): string {
    return `${this.#origin}/services/T000/B000/${database}`;
  }
  told(database: string): readonly Told[] {
    return this.#told.get(database) ?? [];
  }
  /** Before anything is sent for this database. */
  expect(database: string, listener: Listener): void {
    this.#listeners.set(database, listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const database = (request.url ?? '').split('/').at(-1) ?? '';
    const listener = this.#listeners.get(database);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const { text = '' }: { text?: string } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (listener === undefined) throw new Error('nobody listens for this database');
    const told = { text, isCommitted: await isCommitted(listener.url, text) };
    this.#told.set(database, [...this.told(database), told]);
    await listener.arrived?.(text);
    response.end('ok');
  }
}

const REPORT = /^Report (\d+)$/m;
const BREAKER = /rollcall breaker show (\d+)/;
const BULLET = /^• /gm;

/** Seen by a connection of its own, so that nothing uncommitted counts. */
async function isCommitted(url: string, text: string): Promise<boolean> {
  const report = REPORT.exec(text)?.[1];
  const breaker = BREAKER.exec(text)?.[1];
  return await withClient(url, async (client) => {
    const { rows } = await client.query<{ report: boolean; breaker: boolean; opened: number }>(
      `select exists (select from rollcall.drift_report where id = $1::bigint) as report,
              exists (select from rollcall.breaker where id = $2::bigint) as breaker,
              (select count(*)::int from rollcall.finding_event where report_id = $1::bigint and event = 'opened') as opened`,
      [report, breaker],
    );
    const [row] = rows;
    if (breaker !== undefined) return row?.breaker === true;
    return row?.report === true && row.opened >= (text.match(BULLET) ?? []).length;
  });
}
