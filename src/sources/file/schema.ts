import { z } from 'zod';

const rows = z.array(z.unknown());
const LIST_KEYS = ['identities', 'users', 'people', 'rows', 'data'] as const;

/** A JSON list of rows, by itself or as the only list under one of the usual names. */
export const RowsDocument = z.union([
  rows,
  z.record(z.string(), z.unknown()).transform((document, context) => {
    const lists = LIST_KEYS.map((key) => rows.safeParse(document[key])).filter(({ success }) => success);
    const only = lists[0]?.data;
    if (only === undefined || lists.length > 1) {
      context.addIssue({ code: 'custom', message: `not exactly one of ${LIST_KEYS.join(', ')} is a list` });
      return z.NEVER;
    }
    return only;
  }),
]);

export const RowObject = z.record(z.string(), z.unknown());
export type RowObject = z.infer<typeof RowObject>;
