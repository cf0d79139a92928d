import { setTimeout as sleep } from 'node:timers/promises';
import { OperationalError } from '../../errors.ts';
import { type Cluster } from './cluster.ts';
import { embeddedFailure } from './failure.ts';
import { joinServer, type Keeper, leaveServer } from './keeper.ts';
import { findPostmaster } from './postmaster.ts';
import { joinOrStart, stopServer } from './server.ts';

const WAIT_MIN_MS = 250;
const WAIT_MAX_MS = 30_000;

export type KeptServer = {
  readonly port: number;
  /** Leaves the server, and stops it unless another process still uses it. */
  readonly close: () => Promise<void>;
};

/**
 * Joins or starts the server of these data, and brings it back, at the same port, for as long as we use it: nobody else looks after a
 * server that is ours, and a worker that lives for months outlives an out-of-memory kill of it.
 */
export async function keepServer(cluster: Cluster, say: (line: string) => void): Promise<KeptServer> {
  const ending = new AbortController();
  const { signal } = ending;
  let keeper = await joinOrStart(cluster, say);
  const { port } = keeper;
  let reviving: Promise<void> | undefined;

  const watch = (): void => {
    keeper.client.once('end', () => {
      if (!signal.aborted) reviving = revive();
    });
  };
  const revive = async (): Promise<void> => {
    say('the connection to the embedded Postgres is lost: joining it again, or starting it');
    for (let waitMs = WAIT_MIN_MS; !signal.aborted; waitMs = Math.min(2 * waitMs, WAIT_MAX_MS)) {
      try {
        keeper = await rejoin(cluster, port, say);
        watch();
        say('the embedded Postgres answers again');
        return;
      } catch (error) {
        say(
          error instanceof OperationalError ? error.message : `the embedded Postgres does not answer: ${String(error)}`,
        );
      }
      await sleep(waitMs, undefined, { signal, ref: false }).catch(() => undefined); // the end cuts it short
    }
  };
  watch();
  return {
    port,
    close: async () => {
      ending.abort();
      await reviving;
      await leave(cluster, keeper);
    },
  };
}

/** Who uses the server knows its port, so that one at another port is none to them. */
async function rejoin(cluster: Cluster, port: number, say: (line: string) => void): Promise<Keeper> {
  const keeper = await joinOrStart(cluster, say, port);
  if (keeper.port === port) return keeper;
  await leave(cluster, keeper);
  throw embeddedFailure(`its port ${port} was taken meanwhile: start rollcall anew`);
}

async function leave(cluster: Cluster, keeper: Keeper): Promise<void> {
  try {
    await leaveServer(keeper, async () => await stopServer(cluster));
  } catch (error) {
    // The connection may have been lost just now, with the server or without it.
    const running = await findPostmaster(cluster);
    if (running === undefined) return;
    const again = await joinServer(cluster, running.port);
    if (again === undefined) throw error;
    await leaveServer(again, async () => await stopServer(cluster));
  }
}
