import { parseCount, toJsonAnswer, type Answer, type Lens, type SandboxRequest } from './answer.ts';
import { toStamp } from './clock.ts';
import { toRefusal } from './refusal.ts';
import { PRIVATE_CANARY, SANDBOX_SECRETS, type Json, type JsonObject, type ScimUser, type World } from './world.ts';

const ROOT = '/v2';
const COUNT = { standard: 100, max: 200 };
const LONG_AGO = '2024-01-15T09:00:00Z';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** The simulated SCIM directory: RFC 7644 by index, with the one filter that Rollcall uses. `/Me` is not there, as for most tokens. */
export function answerScim(world: World, request: SandboxRequest, lens: Lens): Answer {
  if (request.bearer !== SANDBOX_SECRETS.scimToken) return toScim(toRefusal('scim', 401));
  const users = world.people.flatMap((person) => person.scim ?? []).map((user) => toStamped(world, user));
  if (request.path === `${ROOT}/ServiceProviderConfig`) return toScim(toJsonAnswer(200, CONFIG));
  if (request.path === `${ROOT}/Users`) return toScim(toList(lens.empty ? [] : users, request.query, lens));
  const user = users.find(({ id }) => request.path === `${ROOT}/Users/${encodeURIComponent(id)}`);
  return toScim(user === undefined ? toRefusal('scim', 404) : toJsonAnswer(200, toResource(user)));
}

const CONFIG = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
  filter: { supported: true, maxResults: COUNT.max },
  sort: { supported: false },
  etag: { supported: false },
} as const;

function toScim(answer: Answer): Answer {
  return { ...answer, headers: { ...answer.headers, 'content-type': 'application/scim+json' } };
}

function toList(users: readonly ScimUser[], query: Readonly<Record<string, string>>, lens: Lens): Answer {
  const found = toFound(users, query['filter']);
  if (found === undefined) return toRefusal('scim', 400);
  const count = Math.min(parseCount(query['count']) ?? COUNT.standard, COUNT.max, lens.perPageMax ?? COUNT.max);
  const startIndex = parseCount(query['startIndex']) ?? 1;
  const rows = found.slice(startIndex - 1, startIndex - 1 + count);
  return toJsonAnswer(200, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: lens.total ?? found.length,
    startIndex,
    itemsPerPage: rows.length,
    Resources: rows.map(toResource),
  });
}

function toFound(users: readonly ScimUser[], filter: string | undefined): readonly ScimUser[] | undefined {
  if (filter === undefined) return users;
  const since = /^meta\.lastModified ge "(?<time>[^"]+)"$/.exec(filter)?.groups?.['time'];
  if (since === undefined) return undefined;
  return users.filter(({ updatedAt = LONG_AGO }) => Date.parse(updatedAt) >= Date.parse(since));
}

function toStamped(world: World, user: ScimUser): ScimUser {
  const { createdAt = LONG_AGO, updatedAt = LONG_AGO } = user;
  return { ...user, createdAt: toStamp(world, createdAt), updatedAt: toStamp(world, updatedAt) };
}

function toResource(user: ScimUser): JsonObject {
  const { id, userName, active, title, role } = user;
  return withoutAbsent({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', ENTERPRISE],
    id,
    userName,
    name: withoutAbsent({ givenName: user.givenName, familyName: user.familyName }),
    active,
    title,
    emails: toEmails(user),
    roles: role === undefined ? undefined : [{ value: role, primary: true }],
    meta: withoutAbsent({ resourceType: 'User', created: user.createdAt, lastModified: user.updatedAt }),
    [ENTERPRISE]: withoutAbsent({
      employeeNumber: user.employeeNumber,
      department: user.department,
      manager: user.managerId === undefined ? undefined : { value: user.managerId },
    }),
    // What a directory sends as well, and nobody may keep.
    phoneNumbers: [{ value: `${PRIVATE_CANARY}phone`, type: 'mobile' }],
    addresses: [{ streetAddress: `${PRIVATE_CANARY}street`, type: 'home' }],
  });
}

function toEmails({ email, otherEmails = [] }: ScimUser): Json | undefined {
  if (email === undefined) return undefined;
  const others = otherEmails.map((value) => ({ value, type: 'other' }));
  return [...others, { value: email, type: 'work', primary: true }];
}

function withoutAbsent(fields: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
