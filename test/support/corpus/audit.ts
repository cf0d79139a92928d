import { createFileSource } from '../../../src/sources/file/client.ts';
import { createNamelySource } from '../../../src/sources/namely/client.ts';
import { createNimbleSource } from '../../../src/sources/nimble/client.ts';
import type { Timing } from '../../../src/sources/timing.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { SANDBOX_SECRETS } from '../../../src/sandbox/world.ts';
import { createOperator } from '../../../src/store/operator.ts';
import { createQueue } from '../../../src/store/queue.ts';
import { createReconcileStore } from '../../../src/store/reconcile/store.ts';
import type { WorkerDeps } from '../../../src/worker/deps.ts';
import { runOnce, type RunResult } from '../../../src/worker/run.ts';
import { SILENT } from '../database.ts';
import { aSpec, openTestStore, type TestStore } from '../store.ts';
import { GRACE_DAYS, type Finding } from './oracle.ts';
import type { Row, SourceName } from './rows.ts';
import { PER_PAGE } from './trouble.ts';
import { DEFAULT_OPTIONS } from '../../../src/core/rule-options.ts';

const MAX_AGE_MS = 26 * 3_600_000;
const BUDGET_MS = 90_000;

/** The real worker, store and clients, reading a sandbox on days that the corpus chooses. */
export class Audit implements AsyncDisposable {
  readonly #store: TestStore;
  readonly #deps: WorkerDeps;
  readonly #clock: VirtualClock;

  constructor(store: TestStore, sandbox: Sandbox) {
    this.#store = store;
    this.#clock = new VirtualClock();
    this.#deps = toDeps(store, sandbox, this.#clock);
  }

  get pool(): TestStore['pool'] {
    return this.#store.pool;
  }

  async run(at: string, full: boolean): Promise<RunResult> {
    this.#clock.set(at);
    const signal = new AbortController().signal;
    // Slack has tests of its own, and takes a real second between two messages.
    const request = { only: [], full, notify: false, budgetMs: BUDGET_MS, signal, progress: () => undefined };
    return await runOnce(this.#deps, request);
  }

  /** What a person does with every open breaker of this kind; returns the sources. */
  async release(kind: 'source' | 'conclusion', at: string): Promise<readonly SourceName[]> {
    const { rows } = await this.#store.pool.query<{ id: number; source: SourceName }>(
      `select b.id, s.name as source from rollcall.breaker b join rollcall.source s on s.id = b.source_id
        where b.closed_at is null and b.kind = $1 order by s.name`,
      [kind],
    );
    for (const { id } of rows) await createOperator(this.#store).releaseBreaker(id, 'kim', 'looked into', new Date(at));
    return rows.map(({ source }) => source);
  }

  /** The rows of a source that are believed to be there, by id. */
  async roster(source: SourceName): Promise<readonly Row[]> {
    const { rows } = await this.#store.pool.query<Row>(
      `select external_id as id, coalesce(email, '') as email, aliases, coalesce(given_name, '') as "givenName",
              coalesce(family_name, '') as "familyName", status, role, department, end_date::text as "endDate"
         from rollcall.roster where source = $1 and gone_at is null order by external_id collate "C"`,
      [source],
    );
    return rows.map((row) => ({
      ...row,
      role: row.role ?? undefined,
      department: row.department ?? undefined,
      endDate: row.endDate ?? undefined,
    }));
  }

  async findings(): Promise<readonly Finding[]> {
    const { rows } = await this.#store.pool.query<Finding>(
      `select source, rule, coalesce(account_id, identity_id) as subject, severity, status, resolution
         from rollcall.drift_findings`,
    );
    return rows.map((row) => ({ ...row, resolution: row.resolution ?? undefined }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]();
  }
}

export async function openAudit(sandbox: Sandbox): Promise<Audit> {
  return new Audit(await openTestStore(), sandbox);
}

/** Stands still while a run computes; each source's waits move that source's own time, and take none. */
class VirtualClock {
  #nowMs = 0;

  set(at: string): void {
    this.#nowMs = Date.parse(at);
  }
  now(): Date {
    return new Date(this.#nowMs);
  }
  timing(): Timing {
    let sleptMs = 0;
    let since = this.#nowMs;
    const read = (): number => {
      if (since !== this.#nowMs) sleptMs = 0;
      since = this.#nowMs;
      return since + sleptMs;
    };
    const sleep = async (ms: number): Promise<void> => {
      read();
      sleptMs += ms;
    };
    return { monotonicMs: read, wallMs: read, random: () => 0.5, sleep };
  }
}

function toDeps(store: TestStore, sandbox: Sandbox, clock: VirtualClock): WorkerDeps {
  const policy = { privilegedRoles: new Set(['admin']), serviceAccounts: new Set<string>() };
  const shared = () => ({ allow: ['127.0.0.1'], policy, timing: clock.timing() });
  const paced = { requestsPerMinute: 6000 };
  const directory = createFileSource({ ...shared(), name: 'directory', url: sandbox.identitiesUrl });
  const { nimbleToken, namelyToken } = SANDBOX_SECRETS;
  const nimble = { ...shared(), ...paced, name: 'nimble', token: nimbleToken, baseUrl: sandbox.nimbleUrl };
  const namely = { ...shared(), ...paced, name: 'namely', token: namelyToken, baseUrl: sandbox.namelyUrl };
  return {
    clock: () => clock.now(),
    version: '0.0.0-test',
    log: SILENT,
    specs: [
      aSpec({ name: 'directory', type: 'file', authoritative: true, credential: false, maxAgeMs: MAX_AGE_MS }),
      aSpec({ name: 'nimble', maxAgeMs: MAX_AGE_MS }),
      aSpec({ name: 'namely', type: 'namely', maxAgeMs: MAX_AGE_MS }),
    ],
    sources: new Map([
      ['directory', directory],
      ['nimble', createNimbleSource(nimble)],
      ['namely', createNamelySource({ ...namely, perPage: PER_PAGE })],
    ]),
    sourceStore: store.sources,
    reconcileStore: createReconcileStore(store),
    queue: createQueue(store, SILENT),
    policy: {
      timezone: 'UTC',
      breakerRatio: 0.2,
      leaverGraceDays: GRACE_DAYS,
      leaverSlaHours: 24,
      // The corpus tells of people and their accounts; whose the tokens are is no part of its story.
      disabledRules: new Set(['credential_owner_at_risk']),
      serviceAccounts: [],
      ruleOptions: DEFAULT_OPTIONS,
    },
    judged: () => undefined,
    holder: 'corpus',
    deliver: async () => undefined,
  };
}
