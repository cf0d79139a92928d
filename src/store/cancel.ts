import type pg from 'pg';

/** A statement may begin just after it was looked for: it is looked for again. */
const AGAIN_MS = 500;
/** By then the process has ended otherwise. */
const ASKED_MAX = 240;

// By name and not by the id of a backend: behind a transaction pooler that may belong to somebody else a moment later, while the name
// ends with the transaction.
const CANCEL = `
  select pg_cancel_backend(pid) from pg_stat_activity
   where application_name = $1 and datname = current_database() and pid <> pg_backend_pid()`;

/**
 * Waits for `work`, whose transaction bears this name as its `application_name`; when the signal is aborted its statement is cancelled on
 * another connection, and the reason is thrown. Without that a statement goes on for as long as it takes, and its locks with it.
 */
export async function cancelledBy<T>(
  signal: AbortSignal,
  transaction: { readonly pool: pg.Pool; readonly name: string },
  work: () => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    let asked = 0;
    const ask = (): void => {
      asked += 1;
      if (asked === ASKED_MAX) clearInterval(timer);
      // What keeps the question from the server is told by the statement itself.
      transaction.pool.query(CANCEL, [transaction.name]).catch(() => undefined);
    };
    timer = setInterval(ask, AGAIN_MS);
    ask();
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', cancel);
    clearInterval(timer);
  }
}
