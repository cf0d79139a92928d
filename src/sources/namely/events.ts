import { z } from 'zod';
import { OperationalError } from '../../errors.ts';
import { contract } from '../failures.ts';
import { readId } from '../fields.ts';

/** A page of the guide's changelog; the real feed knows `limit`, at most 30, and may ignore pages. */
const SIZE = { per_page: 25, limit: 25 } as const;
const PAGES_MAX = 4;

/** The guide's changelog speaks of profiles (`profile_…`), the real feed of what is on the home page. */
const KNOWN_TYPE = /^(?:profile[._]\w+|announcement|birthday|anniversary|recent_arrival)$/u;

const Page = z.object({ events: z.array(z.unknown()) });
const Link = z.union([z.string(), z.object({ id: z.unknown() }).partial(), z.null(), z.undefined()]).catch(undefined);
const Event = z
  .object({
    id: z.unknown(),
    type: z.string().catch(''),
    profile_id: z.unknown(),
    links: z.object({ profile: Link }).partial().nullish().catch(undefined),
  })
  .partial();
type Event = z.infer<typeof Event>;

export type Feed = {
  /** Profiles that events not seen before speak of. */
  readonly profileIds: readonly string[];
  /** Ids of the events read by now, newest first, for the next reading; `gap`: others have passed by unseen. */
  readonly events: readonly string[] | 'gap' | undefined;
  readonly warnings: readonly string[];
};

export const NO_FEED: Feed = { profileIds: [], events: undefined, warnings: [] };

/**
 * Reads `/events` back to what was seen before. Events are hints: what they say is never believed, each only makes Rollcall read
 * one profile. A first reading only remembers; a feed that cannot be read is left out with a warning.
 */
export async function readEvents(
  source: string,
  fetchJson: (query: Readonly<Record<string, number>>) => Promise<unknown>,
  seen: readonly string[] | undefined,
): Promise<Feed> {
  const fresh = new Map<string, Event>();
  try {
    const reached = await readBack(async (page) => parse(source, await fetchJson({ page, ...SIZE })), seen, fresh);
    return reached ? toFeed(fresh, seen) : { profileIds: [], events: 'gap', warnings: [] };
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    const warning = `events are left out, as /events cannot be read: ${error.message}`;
    return { profileIds: [], events: seen, warnings: [warning] };
  }
}

type Listed = readonly (readonly [string, Event])[];

/** Fills `fresh`; whether it came back to what was seen before, or to the end of a feed of which nothing was. */
async function readBack(
  fetchPage: (page: number) => Promise<Listed>,
  seen: readonly string[] | undefined,
  fresh: Map<string, Event>,
): Promise<boolean> {
  const known = new Set(seen);
  let hasMetKnown = known.size === 0;
  for (let page = 1; page <= PAGES_MAX; page += 1) {
    const events = await fetchPage(page);
    const unseen = events.filter(([id]) => !known.has(id));
    const isNew = unseen.some(([id]) => !fresh.has(id));
    for (const [id, event] of unseen) fresh.set(id, event);
    hasMetKnown ||= unseen.length < events.length;
    const last = events.at(-1);
    // The last one, not any: one that is pinned to the top would hide what came after it.
    if (seen === undefined || (last !== undefined && known.has(last[0]))) return true;
    // The real feed may send the same page for each number.
    if (!isNew) return hasMetKnown;
  }
  return false;
}

function toFeed(fresh: ReadonlyMap<string, Event>, seen: readonly string[] | undefined): Feed {
  const events = [...fresh.keys(), ...(seen ?? [])];
  if (seen === undefined) return { profileIds: [], events, warnings: [] };
  const unknown = [...fresh.values()].filter(({ type }) => !KNOWN_TYPE.test(type ?? '')).length;
  const warnings = unknown === 0 ? [] : [`events of a type that Rollcall does not know: ${unknown}`];
  const profileIds = new Set([...fresh.values()].flatMap((event) => profileIdOf(event) ?? []));
  return { profileIds: [...profileIds], events, warnings };
}

function parse(source: string, json: unknown): Listed {
  const page = Page.safeParse(json);
  if (!page.success) throw contract(source, 'the answer of /events has no list of events');
  return page.data.events.flatMap((row) => {
    const event = Event.safeParse(row).data;
    const id = readId(event?.id);
    return event === undefined || id === undefined ? [] : [[id, event] as const];
  });
}

function profileIdOf({ profile_id: own, links }: Event): string | undefined {
  const link = links?.profile;
  return readId(own) ?? readId(typeof link === 'object' ? link?.id : link);
}
