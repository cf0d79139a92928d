import { serveScript } from './http-server.ts';
import { collect, type Listing } from './listing.ts';
import { namelyAt, type Tenant } from './namely-tenant.ts';

export type Asked = Listing & { readonly asked: readonly string[] };
export type Reader = {
  /** A full reading, then readings of changes that each begin where the one before ended. */
  full(): Promise<Asked>;
  changes(watermark?: string): Promise<Asked>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Namely as one tenant, read again and again. */
export async function openReader(tenant: Tenant, settings: Parameters<typeof namelyAt>[1] = {}): Promise<Reader> {
  const server = await serveScript((request) => tenant.answer(request));
  const source = namelyAt(server.origin, settings);
  let watermark: string | undefined;
  const read = async (mode: 'full' | 'delta', from: string | undefined): Promise<Asked> => {
    const before = server.seen.length;
    const listing = await collect(source, { mode, watermark: from, missing: async () => [] });
    watermark = listing.end.watermark ?? watermark;
    const asked = server.seen
      .slice(before)
      .map(({ path, query }) => `${path.slice('/api/v1/'.length)} ${query.get('page') ?? ''}`.trim());
    return { ...listing, asked };
  };
  return {
    full: async () => await read('full', undefined),
    changes: async (from) => await read('delta', from ?? watermark),
    [Symbol.asyncDispose]: async () => await server[Symbol.asyncDispose](),
  };
}
