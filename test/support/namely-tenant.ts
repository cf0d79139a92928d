import { createNamelySource, type NamelySettings } from '../../src/sources/namely/client.ts';
import type { Scripted, SeenRequest } from './http-server.ts';
import { fakeTiming, NO_POLICY } from './listing.ts';

export type Profile = { readonly id: string; readonly updated_at?: unknown } & Readonly<Record<string, unknown>>;

/** A tenant whose state a test changes between readings. */
export type Tenant = {
  profiles: readonly Profile[];
  /** Newest first. */
  events: readonly unknown[];
  /** The vendor's clock, in seconds. */
  now: number;
  /** Whether `sort=-updated_at` does anything. */
  sorts: boolean;
  /** Called before each answer: the place for what happens while pages are read. */
  before: (request: SeenRequest) => void;
  answer: (request: SeenRequest) => Scripted;
};

export function aTenant(overrides: Partial<Tenant> = {}): Tenant {
  const tenant: Tenant = {
    profiles: [],
    events: [],
    now: NINE + 3600,
    sorts: true,
    before: () => undefined,
    answer: (request) => {
      tenant.before(request);
      return answer(tenant, request);
    },
    ...overrides,
  };
  return tenant;
}

function answer(tenant: Tenant, { path, query }: SeenRequest): Scripted {
  const perPage = Number(query.get('per_page') ?? '30');
  const from = (Number(query.get('page') ?? '1') - 1) * perPage;
  // The recordings carry no total.
  const headers = { date: new Date(tenant.now * 1000).toUTCString() };
  if (path === '/api/v1/events') {
    return { headers, json: { events: tenant.events.slice(from, from + perPage), meta: { response: 200 } } };
  }
  if (path === '/api/v1/profiles') {
    const sorted = query.get('sort') === '-updated_at' && tenant.sorts ? newestFirst(tenant.profiles) : tenant.profiles;
    return { headers, json: { profiles: sorted.slice(from, from + perPage), meta: { status: 200 } } };
  }
  const profile = tenant.profiles.find(({ id }) => path === `/api/v1/profiles/${id}`);
  if (profile !== undefined) return { headers, json: { profiles: [profile], meta: { count: 1, status: 200 } } };
  return { status: 404, headers, json: { message: 'Profile not found', errors: [] } };
}

function newestFirst(profiles: readonly Profile[]): readonly Profile[] {
  return profiles.toSorted((a, b) => Number(b.updated_at) - Number(a.updated_at));
}

/** 2026-11-21T09:00:00Z; the tenant's clock stands at ten unless a test says otherwise. */
export const NINE = Date.UTC(2026, 10, 21, 9) / 1000;

/** Profile p-N, last changed N seconds before nine. */
export function profile(number: number, overrides: Readonly<Record<string, unknown>> = {}): Profile {
  return {
    id: `p-${number}`,
    email: `p${number}@example.com`,
    first_name: 'P',
    last_name: `${number}`,
    user_status: 'active',
    department: { title: 'Sales' },
    updated_at: NINE - number,
    ...overrides,
  };
}

export function profiles(count: number): readonly Profile[] {
  return Array.from({ length: count }, (_unused, at) => profile(at + 1));
}

export function namelyAt(origin: string, overrides: Partial<NamelySettings> = {}) {
  const settings = { name: 'namely', token: 'token', baseUrl: origin, allow: ['127.0.0.1'], policy: NO_POLICY };
  return createNamelySource({ ...settings, timing: fakeTiming(), ...overrides });
}
