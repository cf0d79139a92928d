import type { Context, Hono } from 'hono';
import { seatPhrase } from '../../core/seats.ts';
import { KEY_MAX } from '../../core/text.ts';
import { renderFindingPage } from '../../html/finding-page.ts';
import { renderHome } from '../../html/home.ts';
import { renderMessagePage, type Message } from '../../html/message-page.ts';
import { renderPersonPage } from '../../html/person-page.ts';
import { renderSourcePage } from '../../html/source-page.ts';
import type { PageReader } from '../../ports/page.ts';
import type { Reader } from '../../ports/reading.ts';
import type { Clock } from '../../ports/surroundings.ts';
import { countOpen } from './counts.ts';
import { parseAsked } from './filter.ts';
import { loadHome } from './home.ts';

export type PageDeps = {
  readonly reader: Pick<Reader, 'report' | 'explain'>;
  readonly pages: PageReader;
  readonly clock: Clock;
};

const RUNS_SHOWN = 50;
const ID = /^[1-9]\d{0,14}$/u;
const SOURCE_NAME = /^[a-z0-9-]{1,60}$/u;
/** Postgres refuses them, and no id that is stored has them. */
const UNSTORABLE = /[\p{Cc}\p{Cs}]/u;

/** The circle is a clock face: it is said when something was looked at. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b57d0"/><path d="M8 17l5 5 11-12" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/></svg>';

/** The report page and what it leads to (contract §8): read-only, without script. */
export function mountPages(app: Hono, deps: PageDeps): void {
  app.get('/', async (c) => home(c, deps));
  app.get('/findings/:id', async (c) => finding(c, deps));
  app.get('/sources/:name', async (c) => source(c, deps));
  app.get('/people/:source', async (c) => person(c, deps, c.req.query('id') ?? ''));
  app.get('/people/:source/:id{.+}', async (c) => person(c, deps, c.req.param('id')));
  app.get('/favicon.svg', (c) => c.body(ICON, 200, { 'content-type': 'image/svg+xml' }));
}

async function home(c: Context, { reader, pages, clock }: PageDeps): Promise<Response> {
  const asked = parseAsked(c.req.queries());
  if ('hint' in asked) {
    return refuse(c, 400, {
      title: 'That cannot be shown',
      what: `Not understood: ${asked.name} is ${asked.hint}.`,
      asked: asked.given,
      next: ['Choose in the form above the findings, or correct the address.'],
    });
  }
  const shown = await loadHome({ ...pages, report: reader.report }, asked, clock());
  return c.html(renderHome(shown));
}

async function finding(c: Context, { reader, clock }: PageDeps): Promise<Response> {
  const id = c.req.param('id') ?? '';
  if (!ID.test(id)) {
    return refuse(c, 400, {
      title: 'That is no finding',
      what: 'The id of a finding is a number.',
      asked: id,
      next: ['The report lists the open findings; `rollcall findings` lists all of them with their ids.'],
    });
  }
  const explanation = await reader.explain(Number(id));
  if (explanation !== undefined) return c.html(renderFindingPage(explanation, clock()));
  return refuse(c, 404, {
    title: `There is no finding ${id}`,
    what: 'Findings are never removed: this one never was here, or it is in another database.',
    next: ['The report lists the open findings; `rollcall findings` lists all of them with their ids.'],
  });
}

async function source(c: Context, { pages, clock }: PageDeps): Promise<Response> {
  const name = c.req.param('name') ?? '';
  const before = c.req.query('before');
  if (before !== undefined && !ID.test(before)) {
    return refuse(c, 400, {
      title: 'That cannot be shown',
      what: 'Not understood: before is the number of a run.',
      asked: before,
      next: ['Begin with the latest runs of the source.'],
    });
  }
  const runs = { limit: RUNS_SHOWN, before: before === undefined ? undefined : Number(before) };
  const view = SOURCE_NAME.test(name) ? await pages.source(name, runs) : undefined;
  if (view === undefined) return refuse(c, 404, noSource(name));
  const [live, seats] = await Promise.all([pages.live(), pages.seats()]);
  const seatCost = seatPhrase(seats.filter((each) => each.source === view.name));
  const open = countOpen(live, view.name);
  const olderPage = view.older === null ? undefined : `/sources/${view.name}?before=${view.older}`;
  return c.html(renderSourcePage(view, { now: clock(), open, seatCost, olderPage }));
}

function noSource(name: string): Message {
  return {
    title: 'There is no such source',
    what: 'No source of this name is configured, and none ever was.',
    asked: name,
    next: ['The report lists the sources; `rollcall config print` shows how they are configured.'],
  };
}

async function person(c: Context, { pages, clock }: PageDeps, externalId: string): Promise<Response> {
  const name = c.req.param('source') ?? '';
  const isPossible =
    SOURCE_NAME.test(name) && externalId !== '' && externalId.length <= KEY_MAX && !UNSTORABLE.test(externalId);
  const view = isPossible ? await pages.person(name, externalId) : undefined;
  if (view !== undefined) return c.html(renderPersonPage(view, clock()));
  return refuse(c, 404, {
    title: 'There is no such record',
    what: 'No row with this id was ever read from this source.',
    asked: `${externalId} in ${name}`,
    next: [
      "The address is /people/SOURCE/ID, with the vendor's own id; what is special in an address is written with %.",
      '`rollcall roster SOURCE` lists the rows of a source with their ids.',
    ],
  });
}

function refuse(c: Context, status: 400 | 404, message: Message): Response | Promise<Response> {
  return c.html(renderMessagePage(message), status);
}
