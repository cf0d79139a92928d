import { Hono, type Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { timeout } from 'hono/timeout';
import { FINDING_STATUSES } from '../core/case.ts';
import { RULES } from '../core/rule.ts';
import { OperationalError } from '../errors.ts';
import { PAGE_POLICY } from '../html/document.ts';
import { renderMessagePage } from '../html/message-page.ts';
import type { PageReader } from '../ports/page.ts';
import type { FindingFilter, Reader } from '../ports/reading.ts';
import type { Clock, Log } from '../ports/surroundings.ts';
import { refuse } from './guard.ts';
import { runChecks, type HealthCheck } from './health.ts';
import type { Metrics } from './metrics.ts';
import { mountPages } from './page/mount.ts';
import { mountWebhook, WEBHOOK_PATH, type WebhookOptions } from './webhook.ts';

export type AppDeps = {
  readonly token?: string | undefined;
  readonly reader: Pick<Reader, 'report' | 'reports' | 'findings' | 'explain'>;
  readonly pages: PageReader;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly checks: readonly HealthCheck[];
  readonly log: Log;
  /** Absent: no secret is configured, and nothing is there. */
  readonly webhook?: WebhookOptions | undefined;
  /** Shorter in tests. */
  readonly answerMs?: number | undefined;
};

const SOURCE_NAME = /^[a-z0-9-]{1,60}$/;
const FINDINGS_DEFAULT = 1_000;
const FINDINGS_MAX = 10_000;
const REPORTS_MAX = 100;
const ANSWER_MS = 15_000;

const SECURITY_HEADERS = {
  'content-security-policy': PAGE_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

/** The read-only HTTP interface of contract §8. Each request passes the guard before a route sees it. */
export function createApp(deps: AppDeps): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    const refusal = refuse(
      {
        method: c.req.method,
        path: c.req.path,
        host: c.req.header('host'),
        authorization: c.req.header('authorization'),
      },
      deps.token,
    );
    if (refusal === undefined) await next();
    else c.res = c.json({ error: { message: refusal.message } }, refusal.status, refusal.headers);
    // Nobody reads it: without this the connection would be kept for the rest of it.
    const isRead = deps.webhook !== undefined && c.req.path === WEBHOOK_PATH;
    if (bringsBody(c) && !isRead) c.res.headers.set('connection', 'close');
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.res.headers.set(name, value);
  });
  // A database that has fallen silent is given up by the driver much later than a person does.
  const answerMs = deps.answerMs ?? ANSWER_MS;
  app.use(timeout(answerMs, () => new HTTPException(503, { message: `no answer within ${answerMs / 1_000} s` })));
  app.get('/livez', (c) => c.text('ok\n'));
  app.get('/readyz', async (c) => readyz(c, deps.checks));
  app.get('/metrics', async (c) =>
    c.body(await deps.metrics.render(), 200, { 'content-type': deps.metrics.contentType }),
  );
  app.get('/api/findings', async (c) => findings(c, deps.reader));
  app.get('/api/reports', async (c) => c.json({ reports: await deps.reader.reports(REPORTS_MAX) }));
  mountPages(app, deps);
  if (deps.webhook !== undefined) {
    deps.metrics.expectWebhooks();
    mountWebhook(app, { ...deps.webhook, log: deps.log, count: (result) => deps.metrics.countWebhook(result) });
  }
  app.notFound((c) => (wantsPage(c) ? c.html(renderMessagePage(NOTHING), 404) : c.json(NOTHING_JSON, 404)));
  app.onError((error, c) => fail(error, c, deps.log));
  return app;
}

function bringsBody(c: Context): boolean {
  return c.req.header('transfer-encoding') !== undefined || (c.req.header('content-length') ?? '0') !== '0';
}

/** Answering at all is the sign of life; being ready is more: the worker can do its work. */
async function readyz(c: Context, checks: readonly HealthCheck[]): Promise<Response> {
  const states = await runChecks(checks);
  const ready = states.every((state) => state.ok || !state.required);
  return c.json({ ready, checks: states }, ready ? 200 : 503);
}

async function findings(c: Context, reader: AppDeps['reader']): Promise<Response> {
  const filter = parseFilter(c);
  if (typeof filter === 'string') return c.json({ error: { message: filter } }, 400);
  const rows = await reader.findings({ ...filter, limit: filter.limit + 1 });
  return c.json({ findings: rows.slice(0, filter.limit), more: rows.length > filter.limit });
}

/** `?status=open&rule=…&source=…&limit=…`, the first three repeatable; words that we do not know are an error. */
function parseFilter(c: Context): (FindingFilter & { readonly limit: number }) | string {
  const statuses = parseWords(c.req.queries('status') ?? ['open', 'held'], FINDING_STATUSES);
  if (statuses === undefined) return `status is one of ${FINDING_STATUSES.join(', ')}`;
  const rules = parseWords(c.req.queries('rule') ?? [], RULES);
  if (rules === undefined) return `rule is one of ${RULES.join(', ')}`;
  const sources = c.req.queries('source') ?? [];
  if (!sources.every((name) => SOURCE_NAME.test(name))) return 'source is the name of a source: a-z, 0-9 and -';
  const limit = parseLimit(c.req.query('limit'));
  if (limit === undefined) return `limit is a number from 1 to ${FINDINGS_MAX}`;
  return { statuses, rules: orAll(rules), sources: orAll(sources), limit };
}

/** No word at all asks for everything. */
function orAll<Word>(words: readonly Word[]): readonly Word[] | undefined {
  return words.length > 0 ? words : undefined;
}

function parseLimit(text: string | undefined): number | undefined {
  if (text === undefined) return FINDINGS_DEFAULT;
  const limit = /^\d{1,6}$/u.test(text) ? Number(text) : 0;
  return limit >= 1 && limit <= FINDINGS_MAX ? limit : undefined;
}

function parseWords<Word extends string>(
  texts: readonly string[],
  words: readonly Word[],
): readonly Word[] | undefined {
  const known = words.filter((word) => texts.includes(word));
  return texts.every((text) => known.some((word) => word === text)) ? known : undefined;
}

const NOTHING = {
  title: 'There is nothing here',
  what: 'The address leads nowhere.',
  next: ['The report leads to findings, sources and people.'],
};
const NOTHING_JSON = { error: { message: 'there is nothing here' } };
const BUG = 'this is a bug; the log has the details';

/** A browser says so; programs are answered in JSON. */
function wantsPage(c: Context): boolean {
  return c.req.header('accept')?.includes('text/html') === true;
}

async function fail(cause: Error, c: Context, log: Log): Promise<Response> {
  const error = cause instanceof HTTPException ? new OperationalError('database-unavailable', cause.message) : cause;
  if (error instanceof OperationalError) {
    const { code, message } = error;
    log.warn({ path: c.req.path, err: error }, 'request failed');
    if (!wantsPage(c)) return c.json({ error: { code, message } }, 503);
    return c.html(
      renderMessagePage({ title: 'This cannot be shown now', what: `${message} (${code}).`, next: RETRY }),
      503,
    );
  }
  log.error({ path: c.req.path, err: error }, 'request failed unexpectedly');
  if (!wantsPage(c)) return c.json({ error: { message: BUG } }, 500);
  return c.html(renderMessagePage({ title: 'Something is wrong with Rollcall', what: `${BUG}.`, next: RETRY }), 500);
}

const RETRY = ['Load the page again in a minute.', '`rollcall doctor` says what is in the way.'];
