import { z } from 'zod';
import { UNREADABLE, type Unreadable } from '../fields.ts';
import { foldKeys } from './fold-keys.ts';

const unreadable = z.unknown().transform((): Unreadable => UNREADABLE);
const absent = [z.null(), z.undefined()] as const;

/** An object of which only these attributes are read, whatever the case of their names. */
function attributes<Shape extends z.ZodRawShape>(shape: Shape) {
  const names = Object.keys(shape);
  return z.preprocess((value) => foldKeys(value, names), z.object(shape).partial());
}

export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const Name = attributes({ givenName: z.unknown(), familyName: z.unknown(), formatted: z.unknown() });
const Meta = attributes({ created: z.unknown(), lastModified: z.unknown() });
const Manager = attributes({ value: z.unknown() });
const Enterprise = attributes({
  employeeNumber: z.unknown(),
  department: z.unknown(),
  manager: z.union([Manager, z.string(), ...absent, unreadable]),
});
const Value = attributes({ value: z.unknown(), display: z.unknown(), primary: z.unknown() });
/** A multi-valued attribute; some servers send bare texts, or the one value without a list. */
const values = z.union([z.array(z.union([Value, z.string(), unreadable])), Value, z.string(), ...absent, unreadable]);
export type Values = z.infer<typeof values>;

/** Only the attributes we read: phone numbers, addresses, photos, groups and certificates end here. */
export const User = attributes({
  id: z.unknown(),
  userName: z.unknown(),
  displayName: z.unknown(),
  title: z.unknown(),
  active: z.unknown(),
  name: z.union([Name, ...absent, unreadable]),
  emails: values,
  roles: values,
  meta: z.union([Meta, ...absent, unreadable]),
  [ENTERPRISE]: z.union([Enterprise, ...absent, unreadable]),
});
export type User = z.infer<typeof User>;

/** `Resources` may be missing where nothing was found (RFC 7644 §3.4.2). */
export const ListResponse = attributes({
  Resources: z.union([z.array(z.unknown()), ...absent]),
  totalResults: z.unknown(),
  startIndex: z.unknown(),
  nextCursor: z.unknown(),
});

/** What a server says that it can do; whatever cannot be read, it cannot. */
export const ProviderConfig = attributes({
  filter: attributes({ supported: z.unknown(), maxResults: z.unknown() }).catch({}),
  pagination: attributes({ cursor: z.unknown(), maxPageSize: z.unknown() }).catch({}),
});

/** How a server says that a user does not exist (RFC 7644 §3.12), in the form of the standard or in words. A gateway in its place speaks of routes. */
export const NotFound = z.union([
  z.object({ schemas: z.array(z.string()).refine((uris) => uris.some((uri) => uri.endsWith('messages:2.0:Error'))) }),
  z.object({ detail: z.string().regex(/(?:user|resource).*(?:not[ _]?found|does not exist)/iu) }),
]);
