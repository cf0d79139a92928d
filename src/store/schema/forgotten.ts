import { boolean, customType, integer, primaryKey } from 'drizzle-orm/pg-core';
import { hash, instant } from './columns.ts';
import { rollcall } from './rosters.ts';

const hashes = customType<{ data: Buffer[]; driverData: Buffer[] }>({ dataType: () => 'bytea[]' });

/**
 * Rows of people who were forgotten, by salted hashes: while a source still lists them they are passed over. One row here a row there, until a
 * complete listing no longer shows it. The hashes of addresses and name cover the id as well, so that none of them can be tried by itself.
 */
export const forgotten = rollcall.table(
  'forgotten',
  {
    sourceId: integer('source_id').notNull(),
    /** Of the id. */
    mark: hash('mark').notNull(),
    /** Of e-mail and aliases, and of the folded given name: an id that comes back with other ones is somebody else. */
    addresses: hashes('addresses').notNull(),
    givenName: hash('given_name'),
    /** Whether the row could be used when it was last listed: one that could not, and then can, is judged again. */
    usable: boolean('usable').notNull(),
    /** Complete full listings in a row that did not show it. */
    missed: integer('missed').notNull().default(0),
    forgottenAt: instant('forgotten_at').notNull(),
  },
  (t) => [primaryKey({ name: 'forgotten_pk', columns: [t.sourceId, t.mark] })],
);
