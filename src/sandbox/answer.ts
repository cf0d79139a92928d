import type { Json } from './world.ts';

export const VENDORS = ['nimble', 'namely', 'scim', 'slack', 'identities'] as const;
export type Vendor = (typeof VENDORS)[number];

/** A request as the vendors see it: the path without the prefix that tells them apart on one port. */
export type SandboxRequest = {
  readonly vendor: Vendor;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly bearer?: string | undefined;
  readonly body: string;
};

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** What a fault changes in a listing that is otherwise well formed. */
export type Lens = {
  readonly empty: boolean;
  readonly total?: number | undefined;
  readonly perPageMax?: number | undefined;
};

export function toJsonAnswer(status: number, body: Json): Answer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}

export function toTextAnswer(status: number, body: string, contentType = 'text/plain; charset=utf-8'): Answer {
  return { status, headers: { 'content-type': contentType }, body };
}

/** The page that a tenant's web server shows to somebody who is not logged in. Namely sends it with status 200. */
export function toLoginPage(status: number): Answer {
  const page = '<!doctype html><html><head><title>Log in</title></head><body><form>Log in</form></body></html>';
  return toTextAnswer(status, page, 'text/html; charset=utf-8');
}

export type Page<T> = {
  readonly rows: readonly T[];
  readonly page: number;
  readonly perPage: number;
  readonly pages: number;
};

/** Offset paging, as both vendors do it: an unreadable number counts as absent, a size above the cap as the cap. */
export function toPage<T>(
  rows: readonly T[],
  query: Readonly<Record<string, string>>,
  size: { readonly standard: number; readonly max: number; readonly cap?: number | undefined },
): Page<T> {
  const perPage = Math.min(parseCount(query['per_page']) ?? size.standard, size.max, size.cap ?? size.max);
  const page = parseCount(query['page']) ?? 1;
  const first = (page - 1) * perPage;
  return { rows: rows.slice(first, first + perPage), page, perPage, pages: Math.ceil(rows.length / perPage) };
}

export function parseCount(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}
