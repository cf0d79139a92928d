import path from 'node:path';

import { OperationalError } from '../../errors.ts';
import { findBinaries } from './binaries.ts';
import { openCluster, SUPERUSER } from './cluster.ts';
import { codeOf, embeddedFailure } from './failure.ts';
import { findHome } from './home.ts';
import { DATABASE } from './keeper.ts';
import { keepServer } from './kept.ts';

export type EmbeddedRequest = {
  /** Where password, data and log live; made if missing, mode 0700. */
  readonly directory: string;
  /** Told of each thing a person may want to know, one line each, never a password. */
  readonly say: (line: string) => void;
  /** Settings of a new cluster; tests trade durability for speed. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Where root keeps the data of directories that an unprivileged user cannot reach. */
  readonly rootBase?: string | undefined;
};

export type EmbeddedPostgres = {
  readonly url: string;
  readonly maskedUrl: string;
  /** Stops the server, unless another process still uses it: then the last one stops it. */
  readonly close: () => Promise<void>;
};

const ROOT_BASE = '/var/lib/rollcall';

/**
 * A real Postgres of our own on loopback, whose data stay in `directory`. A server that runs there already is joined,
 * also one that outlived a killed process; one that ends while it is used is started again. Throws `embedded-postgres`.
 */
export async function openEmbeddedPostgres(request: EmbeddedRequest): Promise<EmbeddedPostgres> {
  try {
    return await openIt(request);
  } catch (error) {
    const code = codeOf(error);
    if (error instanceof OperationalError || code === undefined) throw error;
    throw embeddedFailure(`cannot prepare ${request.directory} (${code}): check its file system and owner`, error);
  }
}

async function openIt(request: EmbeddedRequest): Promise<EmbeddedPostgres> {
  const { say, settings = {}, rootBase = ROOT_BASE } = request;
  const home = await findHome({ directory: path.resolve(request.directory), rootBase, say });
  const bin = await findBinaries(home.folder, home.runAs);
  const cluster = await openCluster(home, bin, settings);
  const server = await keepServer(cluster, say);
  const maskedUrl = urlOf(server.port, '***');
  say(`embedded Postgres: ${maskedUrl} (password in ${cluster.passwordFile})`);
  let closing: Promise<void> | undefined;
  return {
    url: urlOf(server.port, cluster.password),
    maskedUrl,
    close: async () => {
      closing ??= server.close();
      await closing;
    },
  };
}

function urlOf(port: number, password: string): string {
  return `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/${DATABASE}`;
}
