import type { Fate, OnMeeting } from './commit-proxy.ts';
import { readAnswered, readAsked } from './postgres-messages.ts';

/** One place at which a connection makes something lasting. */
export type CommitPoint = {
  /** A transaction's `commit`, or a statement that is one by itself. */
  readonly by: 'commit' | 'statement';
  /** What it writes, in the words of its SQL: `insert rollcall.sync_run`, …, each once. */
  readonly writes: readonly string[];
  /** Whether a row was touched; of a statement it is known only from its answer. */
  readonly touched: boolean;
};

const WRITE = /\b(insert\s+into|update|delete\s+from|copy)\s+(?:only\s+)?([a-z_]+\.[a-z_]+)/gi;
const BEGIN = /^\s*begin\b/i;
const COMMIT = /^\s*commit\b/i;

/** Follows one connection. Our driver asks one thing at a time, so that an answer belongs to what was asked last. */
export class CommitWatch {
  #status = '';
  #sql = '';
  #writes = new Set<string>();
  #touched = 0;
  #sent: CommitPoint | undefined;

  async asked(request: Buffer, meet: OnMeeting): Promise<Fate> {
    const { sql, isWhole } = readAsked(request);
    if (sql !== undefined) this.#take(sql);
    const point = isWhole ? this.#point() : undefined;
    this.#sent = point;
    return point === undefined ? 'pass' : await meet({ point, moment: 'before' });
  }

  async answered(message: Buffer, meet: OnMeeting): Promise<Fate> {
    const seen = readAnswered(message);
    if (seen.kind === 'done' && this.#isWrite(seen.verb)) this.#touched += seen.rows;
    if (seen.kind !== 'ready') return 'pass';
    this.#status = seen.status;
    const point = this.#sent;
    this.#sent = undefined;
    if (point === undefined) return 'pass';
    const touched = this.#touched > 0;
    return await meet({ point: { ...point, touched }, moment: 'after' });
  }

  #take(sql: string): void {
    this.#sql = sql;
    if (this.#status === 'I') {
      this.#writes = new Set();
      this.#touched = 0;
    }
    for (const [, verb = '', table = ''] of sql.matchAll(WRITE)) {
      this.#writes.add(`${verb.split(/\s/)[0]} ${table}`.toLowerCase());
    }
  }

  /** Of a statement that ends in a SELECT only its own text tells; of several in one request, nothing does. */
  #isWrite(verb: string): boolean {
    return verb !== 'SELECT' || (!this.#sql.includes(';') && this.#sql.search(WRITE) >= 0);
  }

  #point(): CommitPoint | undefined {
    const writes = [...this.#writes];
    if (writes.length === 0) return undefined;
    if (this.#status === 'T' && COMMIT.test(this.#sql)) return { by: 'commit', writes, touched: this.#touched > 0 };
    if (this.#status === 'I' && !BEGIN.test(this.#sql)) return { by: 'statement', writes, touched: false };
    // pg-boss sends whole transactions in one request.
    if (this.#status === 'I' && /\bcommit\b/i.test(this.#sql)) return { by: 'commit', writes, touched: false };
    return undefined;
  }
}
