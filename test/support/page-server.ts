import { createMetrics } from '../../src/http/metrics.ts';
import { startHttpServer, type HttpServer } from '../../src/http/server.ts';
import type { Clock } from '../../src/ports/surroundings.ts';
import type { Database } from '../../src/store/database.ts';
import { createPageReader } from '../../src/store/reader/page/page-reader.ts';
import { createReader } from '../../src/store/reader/reader.ts';
import { SILENT } from './database.ts';
import { QUEUE, TICKS } from './served.ts';

type Served = HttpServer & AsyncDisposable;

/** The program's own pages over a real database. */
export async function servePages(database: Database, clock: Clock = () => new Date()): Promise<Served> {
  const [reader, pages] = [createReader(database), createPageReader(database)];
  const metrics = createMetrics({ version: '1', reader, queue: QUEUE, ticks: TICKS, checks: [] });
  const server = await startHttpServer({
    bind: '127.0.0.1',
    port: 0,
    reader,
    pages,
    clock,
    metrics,
    checks: [],
    log: SILENT,
  });
  return { ...server, [Symbol.asyncDispose]: () => server.close() };
}
