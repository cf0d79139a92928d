import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import pg from 'pg';

import { renderIdentitiesCsv } from '../../src/sandbox/identities.ts';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { SANDBOX_SECRETS, type World } from '../../src/sandbox/world.ts';
import { runCli, type CliResult } from './cli.ts';
import { createDatabase, type TestDatabase } from './postgres.ts';
import { expectAllFired } from './sandbox.ts';

export type CompanyOptions = {
  readonly world: World;
  /** Lines of YAML at the top level, after the sources. */
  readonly yaml?: string | undefined;
  /** Whether the owner of the vendors' tokens is on the identity list, default yes. */
  readonly ownerKnown?: boolean | undefined;
  /** Another than a new one on the server of the run. */
  readonly database?: TestDatabase | undefined;
};

/** Tables whose rows tell what is believed of the company; a run that learns nothing writes none of them. */
const STATE_TABLES = ['account', 'account_key', 'account_version', 'link', 'finding', 'finding_event'] as const;
export type StateTable = (typeof STATE_TABLES)[number];

/**
 * A company with simulated vendors, a directory of its own with `rollcall.yaml` and `identities.csv`, and a database of its
 * own, audited by the real program. At its end every declared fault must have fired.
 */
export async function startCompany(options: CompanyOptions): Promise<Company> {
  const database = options.database ?? (await createDatabase());
  const sandbox = await startSandbox({ world: options.world });
  const directory = await mkdtemp(join(tmpdir(), 'rollcall-e2e-'));
  const client = new pg.Client({ connectionString: database.url, connectionTimeoutMillis: 10_000 });
  // Without a listener an ending server would end the test process.
  client.on('error', () => undefined);
  await client.connect();
  const company = new Company({ database, sandbox, directory, client, ownerKnown: options.ownerKnown ?? true });
  await company.write('rollcall.yaml', renderConfig(sandbox, options));
  await company.tell(options.world);
  return company;
}

type CompanyParts = {
  readonly database: TestDatabase;
  readonly sandbox: Sandbox;
  readonly directory: string;
  readonly client: pg.Client;
  readonly ownerKnown: boolean;
};

export class Company implements AsyncDisposable {
  readonly #parts: CompanyParts;
  readonly #outputs: string[] = [];

  constructor(parts: CompanyParts) {
    this.#parts = parts;
  }

  get sandbox(): Sandbox {
    return this.#parts.sandbox;
  }
  get client(): pg.Client {
    return this.#parts.client;
  }
  get directory(): string {
    return this.#parts.directory;
  }
  get env(): Readonly<Record<string, string>> {
    return {
      DATABASE_URL: this.#parts.database.url,
      NIMBLE_TOKEN: SANDBOX_SECRETS.nimbleToken,
      NAMELY_TOKEN: SANDBOX_SECRETS.namelyToken,
      SLACK_WEBHOOK_URL: this.sandbox.slackUrl,
    };
  }
  /** stdout and stderr of every command so far. */
  get outputs(): string {
    return this.#outputs.join('\n');
  }

  /** Replaces the world, the identity file included, and forgets what the vendors have seen. */
  async tell(world: World): Promise<void> {
    this.sandbox.setWorld(world);
    this.sandbox.forget();
    await this.write('identities.csv', renderIdentitiesCsv(this.#parts.ownerKnown ? withTokenOwner(world) : world));
  }

  async write(name: string, content: string | Uint8Array): Promise<void> {
    await writeFile(join(this.directory, name), content);
  }

  async read(name: string): Promise<string> {
    return await readFile(join(this.directory, name), 'utf8');
  }

  async rollcall(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliResult> {
    const result = await runCli(args, { cwd: this.directory, env: { ...this.env, ...env } });
    this.#outputs.push(result.stdout, result.stderr);
    return result;
  }

  /** Rows of one statement. */
  async rows<T extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<readonly T[]> {
    return (await this.client.query<T>(sql, [...values])).rows;
  }

  /** What the database says of the company, row by row as text, to show that something wrote nothing. */
  async state(): Promise<Readonly<Record<StateTable, readonly string[]>>> {
    const read = async (table: StateTable): Promise<readonly string[]> =>
      (await this.rows<{ row: string }>(`select t::text as row from rollcall.${table} t order by 1`)).map(
        ({ row }) => row,
      );
    return {
      account: await read('account'),
      account_key: await read('account_key'),
      account_version: await read('account_version'),
      link: await read('link'),
      finding: await read('finding'),
      finding_event: await read('finding_event'),
    };
  }

  /** Every row of every table as text: what a stolen backup would show. */
  async dump(): Promise<string> {
    const tables = await this.rows<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
        where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
    );
    const parts: string[] = [];
    for (const { name } of tables) {
      const rows = await this.rows<{ row: string }>(`select t::text as row from ${name} t`);
      parts.push(name, ...rows.map(({ row }) => row));
    }
    return parts.join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.end();
    await this.sandbox.close();
    await rm(this.directory, { recursive: true, force: true });
    await this.#parts.database[Symbol.asyncDispose]();
    expectAllFired(this.sandbox);
  }
}

/** What a test says of its people is all there is to find: whoever made the tokens is somebody who works here. */
function withTokenOwner(world: World): World {
  const { email, givenName, familyName } = world.owner;
  if (world.people.some(({ identity }) => identity?.email === email)) return world;
  const identity = { id: 'd-token-owner', email, givenName, familyName, status: 'active' };
  return { ...world, people: [...world.people, { identity }] };
}

function renderConfig(sandbox: Sandbox, options: CompanyOptions): string {
  return `timezone: UTC
database: { url: "\${DATABASE_URL}" }
network: { allow: [127.0.0.1] }
slack: { webhookUrl: "\${SLACK_WEBHOOK_URL}" }
sources:
${renderSources(sandbox)}
${options.yaml ?? ''}
`;
}

/** The three sources of the scenario, in YAML; the pace is far above what a real vendor bears. */
function renderSources(sandbox: Sandbox): string {
  return `  - { name: directory, type: file, authoritative: true, path: ./identities.csv }
  - name: nimble
    type: nimble
    token: "\${NIMBLE_TOKEN}"
    baseUrl: ${sandbox.nimbleUrl}
    requestsPerMinute: 6000
  - name: namely
    type: namely
    token: "\${NAMELY_TOKEN}"
    baseUrl: ${sandbox.namelyUrl}
    requestsPerMinute: 6000`;
}
