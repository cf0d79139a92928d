import { parseCount, toJsonAnswer, toPage, type Answer, type Lens, type SandboxRequest } from './answer.ts';
import { toStamp } from './clock.ts';
import type { JsonObject, NamelyEvent, NamelyProfile, World } from './world.ts';

const GUIDE_SIZE = { standard: 25, max: 50 };
const FEED_LIMIT_MAX = 30;
/** All three recordings of the home feed hold 15 events, however many were asked for. */
const FEED_WINDOW = 15;

/** `/events`: the changelog that the guide describes, or the home feed that the real service has in that place. */
export function answerEvents(world: World, query: SandboxRequest['query'], lens: Lens): Answer {
  const events = lens.empty ? [] : (world.namely.events ?? []);
  return world.namely.dialect === 'guide'
    ? toChangelog(world, toPage(events, query, { ...GUIDE_SIZE, cap: lens.perPageMax }).rows)
    : toFeed(world, cutFeed(world, events, query));
}

function toChangelog(world: World, events: readonly NamelyEvent[]): Answer {
  const rows = events.map(({ id, type, profileId, at }) => ({
    id,
    type,
    profile_id: profileId ?? null,
    occurred_at: toStamp(world, at),
  }));
  return toJsonAnswer(200, { events: rows, meta: { count: rows.length } });
}

/** The feed knows no pages. What stands behind an event that has left the window is not known, so that it is all sent again. */
function cutFeed(world: World, events: readonly NamelyEvent[], query: SandboxRequest['query']): readonly NamelyEvent[] {
  const profiles = toProfilesById(world);
  const eligible = events.filter(({ profileId }) => isShown(profiles.get(profileId ?? '')));
  const window = eligible.slice(0, world.namely.eventWindow ?? FEED_WINDOW);
  const after = query['after'];
  const first = after === undefined ? 0 : window.findIndex(({ id }) => id === after) + 1;
  return window.slice(first, first + Math.min(parseCount(query['limit']) ?? FEED_LIMIT_MAX, FEED_LIMIT_MAX));
}

/** Only events of active employees are in the feed: terminations never are. Of an unknown person nothing can be said. */
function isShown(profile: NamelyProfile | undefined): boolean {
  return profile === undefined || profile.status === 'active';
}

function toFeed(world: World, events: readonly NamelyEvent[]): Answer {
  const profiles = toProfilesById(world);
  const linked = new Set(events.flatMap(({ profileId }) => profiles.get(profileId ?? '') ?? []));
  return toJsonAnswer(200, {
    events: events.map((event) => toFeedEvent(world, event)),
    meta: { response: 200, use_comments: true, use_updates: false, count: events.length },
    links: { 'events.profile': { type: 'profiles' }, 'events.comments': { type: 'comments' } },
    linked: { profiles: [...linked].map(toLinked), comments: [], files: [] },
  });
}

function toFeedEvent(world: World, event: NamelyEvent): JsonObject {
  const { id, type, profileId, at } = event;
  return {
    id,
    href: `/events/${id}`,
    type,
    [world.namely.eventTimeKey ?? 'created_at']: Math.floor(Date.parse(toStamp(world, at)) / 1000),
    content: null,
    html_content: null,
    years_at_company: type === 'anniversary' ? 1 : null,
    use_comments: true,
    can_comment: false,
    can_destroy: true,
    links: { profile: profileId ?? null, comments: [], file: null },
  };
}

/** The short form: no record of the person. */
function toLinked(profile: NamelyProfile): JsonObject {
  return {
    id: profile.id,
    href: `/people/${profile.id}`,
    full_name: `${profile.givenName} ${profile.familyName}`,
    job_title_title: profile.jobTitle ?? 'Unknown Job Title',
    links: { image: null },
  };
}

function toProfilesById(world: World): ReadonlyMap<string, NamelyProfile> {
  return new Map(world.people.flatMap((person) => person.namely ?? []).map((profile) => [profile.id, profile]));
}
