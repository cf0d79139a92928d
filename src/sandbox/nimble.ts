import {
  parseCount,
  toJsonAnswer,
  toPage,
  toTextAnswer,
  type Answer,
  type Lens,
  type SandboxRequest,
} from './answer.ts';
import { toStamp } from './clock.ts';
import { answerContacts } from './nimble-contacts.ts';
import { toRefusal } from './refusal.ts';
import { SANDBOX_SECRETS, type JsonObject, type NimbleMember, type World } from './world.ts';

const PAGE_SIZE = { standard: 30, max: 100 };
const LONG_AGO = '2024-02-12T19:18:59.674000+00:00';

/** The simulated Nimble: the roster of the vendor guide and the one of the vendor's documentation. */
export function answerNimble(world: World, request: SandboxRequest, lens: Lens): Answer {
  if (!request.path.startsWith('/api/v1/')) return toTextAnswer(404, '<html>404 Not Found</html>', 'text/html');
  if (request.bearer !== SANDBOX_SECRETS.nimbleToken) return toRefusal('nimble', 403);
  const members = lens.empty ? [] : world.people.flatMap((person) => person.nimble ?? []);
  switch (request.path) {
    case '/api/v1/team/members':
      return toMembers(
        members.map((member) => toStamped(world, member)),
        request.query,
        lens,
      );
    case '/api/v1/company/users':
      return toJsonAnswer(200, { users: members.map((member) => toUser(member, world.nimble.userIds)) });
    case '/api/v1/contacts':
      return answerContacts(world.nimble.contactCount ?? 0, request.query, lens);
    case '/api/v1/myself':
      return toJsonAnswer(200, toMyself(world));
    default:
      return toRefusal('nimble', 404);
  }
}

/** Unpaged unless a page size is asked for: the guide documents no paging here, other endpoints of the vendor have it. */
function toMembers(members: readonly NimbleMember[], query: Readonly<Record<string, string>>, lens: Lens): Answer {
  const total = lens.total ?? members.length;
  if (parseCount(query['per_page']) === undefined && lens.perPageMax === undefined) {
    return toJsonAnswer(200, { resources: members.map(toMember), meta: { total } });
  }
  const { rows, page, perPage, pages } = toPage(members, query, { ...PAGE_SIZE, cap: lens.perPageMax });
  return toJsonAnswer(200, { resources: rows.map(toMember), meta: { page, pages, per_page: perPage, total } });
}

function toStamped(world: World, member: NimbleMember): NimbleMember {
  return { ...member, createdAt: toStamp(world, member.createdAt ?? LONG_AGO) };
}

function toMember(member: NimbleMember): JsonObject {
  return {
    id: member.id,
    email: member.email,
    name: { first_name: member.givenName ?? null, last_name: member.familyName ?? null },
    ...(member.role === undefined ? {} : { role: member.role }),
    ...(member.active === undefined ? {} : { is_active: member.active }),
    ...(member.pending === undefined ? {} : { is_pending: member.pending }),
    avatar: null,
    created_at: member.createdAt ?? LONG_AGO,
  };
}

function toUser(member: NimbleMember, withId: boolean): JsonObject {
  return {
    ...(withId ? { user_id: member.id } : {}),
    avatar_url: null,
    is_active: member.active ?? true,
    ...(member.pending === undefined ? {} : { is_pending: member.pending }),
    ...(member.role === undefined ? {} : { role: member.role }),
    name: [member.givenName, member.familyName].filter((part) => part !== undefined).join(' '),
    email: member.email,
  };
}

function toMyself(world: World): JsonObject {
  const { nimbleId, email, givenName, familyName } = world.owner;
  if (world.nimble.dialect === 'guide') {
    return { id: nimbleId, email, name: { first_name: givenName, last_name: familyName }, role: 'admin' };
  }
  return {
    user_id: nimbleId,
    company_id: '4c2118ad54397f271b000000',
    email,
    name: `${givenName} ${familyName}`,
    company_size: world.people.flatMap((person) => person.nimble ?? []).length,
  };
}
