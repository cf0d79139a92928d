import { createScimSource, type ScimSettings } from '../../src/sources/scim/client.ts';
import type { Scripted, SeenRequest } from './http-server.ts';
import { fakeTiming, NO_POLICY } from './listing.ts';

export type ScimUser = { readonly id: string } & Readonly<Record<string, unknown>>;

/** A SCIM server whose state and manners a test chooses; by default it does what the standard says, by index. */
export type ScimTenant = {
  users: readonly ScimUser[];
  /** Most rows of one answer. */
  cap: number;
  /** How `startIndex` is read: from 1, from 0, or not at all. */
  index: 'from-1' | 'from-0' | 'ignored';
  /** `asked`: cursors only where the request has a `cursor`; `always`: also without one. */
  cursors: 'none' | 'asked' | 'always';
  filters: 'applied' | 'ignored' | 'refused';
  config: unknown;
  /** Called before each answer: the place for what happens while pages are read. */
  before: (request: SeenRequest) => Scripted | undefined;
  /** The `totalResults` of an answer. */
  total: (found: number, sent: number) => number | undefined;
};

export const ANNOUNCED = { filter: { supported: true, maxResults: 200 } };

export function aScimTenant(overrides: Partial<ScimTenant> = {}): ScimTenant {
  return {
    users: [],
    cap: 1000,
    index: 'from-1',
    cursors: 'none',
    filters: 'applied',
    config: ANNOUNCED,
    before: () => undefined,
    total: (found) => found,
    ...overrides,
  };
}

/** The vendor's clock is that of the tests. */
const HEADERS = { date: 'Sat, 21 Nov 2026 10:00:00 GMT', 'content-type': 'application/scim+json' };

export function answerScim(tenant: ScimTenant, request: SeenRequest): Scripted {
  const bent = tenant.before(request);
  if (bent !== undefined) return { ...bent, headers: { ...HEADERS, ...bent.headers } };
  const { path } = request;
  if (path === '/scim/v2/ServiceProviderConfig') {
    return tenant.config === undefined ? refusal(404) : { headers: HEADERS, json: tenant.config };
  }
  if (path === '/scim/v2/Users') return list(tenant, request.query);
  const user = tenant.users.find(({ id }) => path === `/scim/v2/Users/${encodeURIComponent(id)}`);
  return user === undefined ? refusal(404) : { headers: HEADERS, json: user };
}

export function refusal(status: number, scimType?: string): Scripted {
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:Error'];
  return { status, headers: HEADERS, json: { schemas, status: String(status), scimType, detail: 'canary-detail' } };
}

function list(tenant: ScimTenant, query: URLSearchParams): Scripted {
  const found = filtered(tenant, query.get('filter'));
  if (found === undefined) return refusal(400, 'invalidFilter');
  const count = Math.min(Number(query.get('count') ?? tenant.cap), tenant.cap);
  const asked = query.get('cursor');
  const byCursor = tenant.cursors === 'always' || (tenant.cursors === 'asked' && asked !== null);
  const offset = byCursor ? Number((asked ?? '').slice(1)) : toOffset(tenant, query.get('startIndex'));
  const page = found.slice(offset, offset + count);
  const next = offset + count < found.length ? { nextCursor: `c${offset + count}` } : {};
  return {
    headers: HEADERS,
    json: {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: tenant.total(found.length, page.length),
      itemsPerPage: page.length,
      ...(byCursor ? next : { startIndex: tenant.index === 'from-0' ? offset : offset + 1 }),
      Resources: page,
    },
  };
}

function toOffset({ index }: ScimTenant, text: string | null): number {
  if (text === null || index === 'ignored') return 0;
  return index === 'from-0' ? Number(text) : Number(text) - 1;
}

function filtered({ filters, users }: ScimTenant, filter: string | null): readonly ScimUser[] | undefined {
  if (filter === null || filters === 'ignored') return users;
  const since = /^meta\.lastModified ge "(?<time>[^"]+)"$/u.exec(filter)?.groups?.['time'];
  if (since === undefined || filters === 'refused') return undefined;
  return users.filter((user) => Date.parse(modifiedOf(user)) >= Date.parse(since));
}

function modifiedOf({ meta }: ScimUser): string {
  return typeof meta === 'object' && meta !== null && 'lastModified' in meta ? String(meta.lastModified) : '';
}

const NINE_MS = Date.UTC(2026, 10, 21, 9);

/** User u-N, last changed N seconds before nine, an hour before the server's clock; or `seconds` after nine. */
export function scimUser(
  number: number,
  overrides: Readonly<Record<string, unknown>> = {},
  seconds = -number,
): ScimUser {
  const email = `u${number}@example.com`;
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    id: `u-${number}`,
    userName: email,
    name: { givenName: 'U', familyName: `No${number}` },
    active: true,
    emails: [{ value: email, type: 'work', primary: true }],
    meta: { resourceType: 'User', lastModified: new Date(NINE_MS + seconds * 1000).toISOString() },
    ...overrides,
  };
}

export function scimUsers(count: number): readonly ScimUser[] {
  return Array.from({ length: count }, (_unused, at) => scimUser(at + 1));
}

export function scimAt(origin: string, overrides: Partial<ScimSettings> = {}) {
  const settings = { name: 'scim', token: 'token', allow: ['127.0.0.1'], policy: NO_POLICY };
  return createScimSource({ ...settings, baseUrl: `${origin}/scim/v2`, timing: fakeTiming(), ...overrides });
}
