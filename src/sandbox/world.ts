import type { PlainDate } from '../core/row.ts';
import type { Drift } from './drift.ts';
import type { Fault } from './fault.ts';

/**
 * All that the simulated vendors know, as plain data: replace it and the next request sees the other company. Words are the
 * vendors' where they have some (`status` of a profile), so that a scenario can also hold what no vendor documents.
 */
export type World = {
  readonly people: readonly Person[];
  readonly namely: {
    /** `guide`: ISO dates, string title, department object. `live`: epoch seconds, objects, groups, sentinels, US dates. */
    readonly dialect: 'guide' | 'live';
    /** Profiles served word for word instead of those of `people`; `meta.count` then behaves as it did in 2014. */
    readonly recorded?: readonly JsonObject[] | undefined;
    /** What `/events` knows, newest first; served in this order, so that a scenario can also hold a wrong one. */
    readonly events?: readonly NamelyEvent[] | undefined;
    /** How many events the home feed of `live` still shows; absent: 15, as in all recordings. */
    readonly eventWindow?: number | undefined;
    /** The home feed's word for the time of an event: recorded, or of the newer contract; absent: `created_at`. */
    readonly eventTimeKey?: 'created_at' | 'time' | undefined;
  };
  readonly nimble: {
    /** Shape of `/myself`. Both roster endpoints are always there. */
    readonly dialect: 'guide' | 'live';
    /** Whether `/company/users` shows `user_id`; its documentation does not. */
    readonly userIds: boolean;
    /** How many contacts the company holds; absent: none. */
    readonly contactCount?: number | undefined;
  };
  readonly owner: TokenOwner;
  /** How old the identity list claims to be (`Last-Modified`). */
  readonly identitiesAgeSeconds: number;
  readonly faults: readonly Fault[];
  readonly drift: readonly Drift[];
  /**
   * How far the vendors' clocks are ahead: it moves the `Date` header and every time that a vendor stamps, while the times in
   * this world stay true. Recorded profiles are served as they are.
   */
  readonly clockOffsetSeconds: number;
  /** ISO 8601: the clock stands at this time, so that runs are alike; absent: this machine's clock. */
  readonly clockFixedAt?: string | undefined;
};

/** One human (or robot) and what each system says about it. A list where a system may hold several rows of one person. */
export type Person = {
  readonly identity?: IdentityRecord | undefined;
  readonly nimble?: readonly NimbleMember[] | undefined;
  readonly namely?: readonly NamelyProfile[] | undefined;
  readonly scim?: readonly ScimUser[] | undefined;
};

export type IdentityRecord = {
  readonly id: string;
  readonly email?: string | undefined;
  readonly aliases?: readonly string[] | undefined;
  readonly employeeId?: string | undefined;
  readonly givenName?: string | undefined;
  readonly familyName?: string | undefined;
  /** Absent: a blank cell, which means active. */
  readonly status?: string | undefined;
  readonly title?: string | undefined;
  readonly department?: string | undefined;
  readonly managerId?: string | undefined;
  readonly startDate?: PlainDate | undefined;
  readonly endDate?: PlainDate | undefined;
};

export type NimbleMember = {
  readonly id: string;
  readonly email: string;
  readonly givenName?: string | undefined;
  readonly familyName?: string | undefined;
  readonly role?: string | undefined;
  /** Absent: `/team/members` shows no status field at all, as the guide has it. */
  readonly active?: boolean | undefined;
  readonly pending?: boolean | undefined;
  readonly createdAt?: string | undefined;
};

export type NamelyProfile = {
  readonly id: string;
  readonly email: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly status: string;
  readonly preferredName?: string | undefined;
  readonly employeeId?: string | undefined;
  readonly jobTitle?: string | undefined;
  readonly department?: string | undefined;
  readonly office?: string | undefined;
  /** Profile id of the manager. */
  readonly managerId?: string | undefined;
  readonly startDate?: PlainDate | undefined;
  readonly departureDate?: PlainDate | undefined;
  /** ISO 8601 in UTC. */
  readonly createdAt?: string | undefined;
  readonly updatedAt?: string | undefined;
};

export type ScimUser = {
  readonly id: string;
  readonly userName: string;
  /** The primary address; absent: no `emails` at all. */
  readonly email?: string | undefined;
  readonly otherEmails?: readonly string[] | undefined;
  readonly givenName?: string | undefined;
  readonly familyName?: string | undefined;
  /** `False` as Entra writes it; absent: no such attribute. */
  readonly active?: boolean | 'True' | 'False' | undefined;
  readonly title?: string | undefined;
  readonly role?: string | undefined;
  readonly employeeNumber?: string | undefined;
  readonly department?: string | undefined;
  readonly managerId?: string | undefined;
  /** ISO 8601 in UTC. */
  readonly createdAt?: string | undefined;
  readonly updatedAt?: string | undefined;
};

export type NamelyEvent = {
  readonly id: string;
  /** `profile_updated` and the like in the guide's changelog; `recent_arrival` and the like in the home feed. */
  readonly type: string;
  readonly profileId?: string | undefined;
  /** ISO 8601 in UTC. */
  readonly at: string;
};

type TokenOwner = {
  readonly nimbleId: string;
  readonly namelyId: string;
  readonly email: string;
  readonly givenName: string;
  readonly familyName: string;
};

export type JsonObject = { readonly [key: string]: Json };
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/**
 * What a request needs to be let in, and private values that no one may keep. Each holds the word `canary`, so that one
 * search through an output or a database dump finds any of them.
 */
export const SANDBOX_SECRETS = {
  nimbleToken: 'sandbox-canary-nimble-token-4b1d7e',
  namelyToken: 'sandbox-canary-namely-token-90c2fa',
  clientSecret: 'sandbox-canary-client-secret-7d20e3',
  scimToken: 'sandbox-canary-scim-token-c7d35e',
  slackPath: '/services/T000/B000/sandboxCanarySlackPath61e8',
} as const;

/** What the private fields of a profile hold, each followed by the field's name. */
export const PRIVATE_CANARY = 'canary-private-';

const OWNER: TokenOwner = {
  nimbleId: '5ce69c1fceee183616000001',
  namelyId: '00000000-0000-4000-8000-000000000001',
  email: 'it-operations@example.com',
  givenName: 'Ida',
  familyName: 'Operations',
};

/** A world with nobody in it, both vendors speaking as their guides say, and nothing going wrong. */
export function aWorld(overrides: Partial<World> = {}): World {
  return {
    people: [],
    namely: { dialect: 'guide' },
    nimble: { dialect: 'guide', userIds: false },
    owner: OWNER,
    identitiesAgeSeconds: 0,
    faults: [],
    drift: [],
    clockOffsetSeconds: 0,
    ...overrides,
  };
}
