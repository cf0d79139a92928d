import { z } from 'zod';
import { UNREADABLE, type Unreadable } from '../fields.ts';

/** The guide has the rows under `resources`, the vendor's own documentation under `users`. */
export const RosterPage = z
  .object({ resources: z.unknown(), users: z.unknown(), members: z.unknown(), data: z.unknown(), meta: z.unknown() })
  .partial()
  .transform(({ meta, resources, users, members, data }, context) => {
    const rows = [resources, users, members, data].find((value) => Array.isArray(value));
    if (rows === undefined) {
      context.addIssue({ code: 'custom', message: 'none of resources, users, members, data is a list' });
      return z.NEVER;
    }
    return { rows: z.array(z.unknown()).parse(rows), meta: PageMeta.parse(meta) };
  });
export type RosterPage = z.infer<typeof RosterPage>;

const PageMeta = z
  .object({ total: z.unknown(), pages: z.unknown(), per_page: z.unknown() })
  .partial()
  .catch({ total: undefined, pages: undefined, per_page: undefined });

const unreadable = z.unknown().transform((): Unreadable => UNREADABLE);

/** Only the fields we read. Plain ones are judged by the core, so that one bad field never costs the row. */
export const Member = z
  .object({
    id: z.unknown(),
    user_id: z.unknown(),
    email: z.unknown(),
    name: z.union([
      z.string(),
      z.null(),
      z.undefined(),
      z.object({ first_name: z.unknown(), last_name: z.unknown() }).partial(),
      unreadable,
    ]),
    role: z.unknown(),
    status: z.union([z.string(), z.null(), z.undefined(), unreadable]),
    is_active: z.unknown(),
    disabled: z.unknown(),
    is_pending: z.unknown(),
    last_active: z.unknown(),
    created_at: z.unknown(),
    created: z.unknown(),
  })
  .partial();
export type Member = z.infer<typeof Member>;
