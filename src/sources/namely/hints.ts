import type { RosterRow } from '../../core/row.ts';
import { readSingly } from '../singly.ts';
import { singleReads, type Walk, type WalkEnd } from './walk.ts';

/** These profiles alone. Those that the vendor does not have, or that come under another id, are left out: that proves nothing. */
export async function* readHinted(
  walk: Walk,
  ids: readonly string[],
): AsyncGenerator<readonly RosterRow[], WalkEnd, undefined> {
  const asked = new Set(ids);
  const read = await readSingly([...asked], singleReads(walk));
  // `me` is a profile too, under its own id.
  const rows = read.rows.filter(({ externalId }) => asked.has(externalId));
  if (rows.length > 0) yield rows;
  const unread = asked.size - rows.length;
  return {
    parameters: {},
    pages: 0,
    rowsSeen: rows.length,
    warnings: unread === 0 ? [] : [`profiles that were hinted at and cannot be read: ${unread}`],
    outcome: read.outcome ?? { kind: 'ended' },
  };
}
