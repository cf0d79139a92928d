import { toJsonAnswer, toLoginPage, toPage, type Answer, type Lens, type SandboxRequest } from './answer.ts';
import { toStamp } from './clock.ts';
import { answerEvents } from './namely-events.ts';
import { LONG_AGO, toGroups, toGuideProfile, toLiveProfile, type Group } from './namely-profile.ts';
import { toRefusal } from './refusal.ts';
import { SANDBOX_SECRETS, type Json, type JsonObject, type NamelyProfile, type World } from './world.ts';

const ROOT = '/api/v1';

/** The simulated Namely, in the dialect of the guide or of the recordings. */
export function answerNamely(world: World, request: SandboxRequest, lens: Lens): Answer {
  const path = request.path.replace(/\.json$/, '');
  // Any host name of the vendor answers any path outside the API with its login page and status 200 (probed 2026-08).
  if (!path.startsWith(`${ROOT}/`)) return toLoginPage(200);
  if (path === `${ROOT}/companies/info`) return toJsonAnswer(200, toCompany());
  // The recorded answer to a wrong path inside the API is the same as to a wrong token.
  if (request.bearer !== SANDBOX_SECRETS.namelyToken) return toRefusal('namely', 401);
  switch (path) {
    case `${ROOT}/profiles`:
      return toProfiles(world, request.query, lens);
    case `${ROOT}/profiles/me`:
      return toJsonAnswer(200, toMe(world));
    case `${ROOT}/groups`:
      return toGroupList(world, request.query, lens);
    case `${ROOT}/events`:
      return answerEvents(world, request.query, lens);
    default:
      return toProfile(world, path);
  }
}

function toProfiles(world: World, query: Readonly<Record<string, string>>, lens: Lens): Answer {
  const all = lens.empty ? [] : toListed(world, query['sort']);
  const standard = world.namely.dialect === 'guide' ? 25 : 30;
  const page = toPage(all, query, { standard, max: 50, cap: lens.perPageMax });
  const rows = page.rows.map(({ show }) => show());
  const total = lens.total ?? all.length;
  const meta = toProfilesMeta(world, { count: rows.length, total, first: (query['page'] ?? '1') === '1' });
  if (world.namely.dialect === 'guide') return toJsonAnswer(200, { profiles: rows, meta });
  const links = { 'profiles.job_title': { type: 'job_titles' }, 'profiles.groups': { type: 'groups' } };
  return toJsonAnswer(200, { profiles: rows, meta, links, linked: {} });
}

/** In 2014 `count` was the whole on the first page and the rows of the page on later ones; since 2017 it is the page's. */
function toProfilesMeta(world: World, page: { count: number; total: number; first: boolean }): JsonObject {
  if (world.namely.recorded !== undefined) return { count: page.first ? page.total : page.count, status: 200 };
  if (world.namely.dialect === 'guide') return { count: page.count, total: page.total };
  return { count: page.count, total_count: page.total, status: 200 };
}

function toProfile(world: World, path: string): Answer {
  const id = decodeURIComponent(path.slice(`${ROOT}/profiles/`.length));
  if (!path.startsWith(`${ROOT}/profiles/`)) return toRefusal('namely', 401);
  const found = toListed(world, undefined).find((candidate) => candidate.id === id);
  if (found === undefined) return toRefusal('namely', 404);
  return toJsonAnswer(200, { profiles: [found.show()], meta: { count: 1, status: 200 } });
}

/** A listing has thousands of profiles and a page fifty: only what is shown is made. */
type Listed = { readonly id: Json | undefined; readonly show: () => JsonObject };

function toListed(world: World, sort: string | undefined): readonly Listed[] {
  const { recorded, dialect } = world.namely;
  if (recorded !== undefined) return recorded.map((row) => ({ id: row['id'], show: () => row }));
  const profiles = world.people.flatMap((person) => person.namely ?? []);
  const byId = new Map(profiles.map((profile) => [profile.id, profile]));
  const render = dialect === 'guide' ? toGuideProfile : toLiveProfile;
  return sortProfiles(profiles, sort).map((profile) => ({
    id: profile.id,
    show: () =>
      render(toStamped(world, profile), profile.managerId === undefined ? undefined : byId.get(profile.managerId)),
  }));
}

function toStamped(world: World, profile: NamelyProfile): NamelyProfile {
  const { createdAt = LONG_AGO, updatedAt = LONG_AGO } = profile;
  return { ...profile, createdAt: toStamp(world, createdAt), updatedAt: toStamp(world, updatedAt) };
}

/** By whole seconds, which is all that the real service knows: profiles of one second keep the order of the list. */
function sortProfiles(profiles: readonly NamelyProfile[], sort: string | undefined): readonly NamelyProfile[] {
  if (sort !== 'updated_at' && sort !== '-updated_at') return profiles;
  const sign = sort === 'updated_at' ? 1 : -1;
  const dated = profiles.map((profile) => ({ profile, second: toUpdatedSecond(profile) }));
  return dated.toSorted((left, right) => sign * (left.second - right.second)).map(({ profile }) => profile);
}

function toUpdatedSecond(profile: NamelyProfile): number {
  return Math.floor(Date.parse(profile.updatedAt ?? LONG_AGO) / 1000);
}

function toMe(world: World): JsonObject {
  const { namelyId, email, givenName, familyName } = world.owner;
  const me = { id: namelyId, email, first_name: givenName, last_name: familyName, user_status: 'active', links: {} };
  return { profiles: [me], meta: { count: 1, status: 200 }, links: {}, linked: {} };
}

function toGroupList(world: World, query: Readonly<Record<string, string>>, lens: Lens): Answer {
  const groups = new Map<string, Group>();
  for (const profile of world.people.flatMap((person) => person.namely ?? [])) {
    for (const group of toGroups(profile)) groups.set(group.id, group);
  }
  const all = [...groups.values()];
  if (world.namely.dialect === 'guide') {
    const { rows } = toPage(all, query, { standard: 25, max: 50, cap: lens.perPageMax });
    return toJsonAnswer(200, {
      groups: rows.map(({ id, name, kind }) => ({ id, title: name, type: kind })),
      meta: { count: rows.length, total: all.length },
    });
  }
  // The published contract has no page parameter here: every page is the whole.
  const rows = all.map(({ id, name, kind }) => ({
    id,
    title: name,
    type: kind === 'department' ? 'Departments' : 'Office Location',
    is_team: false,
    count: 1,
    links: { group_type: kind },
  }));
  return toJsonAnswer(200, { groups: rows, meta: { response: 200, count: rows.length }, links: {}, linked: {} });
}

function toCompany(): JsonObject {
  return { companies: [{ name: 'Acme', permalink: 'acme' }], meta: { count: 1, status: 200 } };
}
