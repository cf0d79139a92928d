import { z } from 'zod';
import { UNREADABLE, type Unreadable } from '../fields.ts';

const unreadable = z.unknown().transform((): Unreadable => UNREADABLE);
const absent = [z.null(), z.undefined()] as const;

const PageMeta = z
  .object({ total: z.unknown(), total_count: z.unknown() })
  .partial()
  .catch({ total: undefined, total_count: undefined });

/** `count` is left out on purpose: it was the total until 2017 and is the rows of the page since. */
export const ProfilesPage = z.object({ profiles: z.array(z.unknown()), meta: PageMeta });
export type ProfilesPage = z.infer<typeof ProfilesPage>;
export const GroupsPage = z.object({ groups: z.array(z.unknown()) });

/** How the vendor says that a profile does not exist (recorded: `Profile not found`). A gateway in its place speaks of routes, or says `Not Found` of anything. */
export const NotFound = z.object({ message: z.string().regex(/profile.*(?:not[ _]?found|does not exist)/iu) });

export const Group = z.object({ id: z.unknown(), title: z.unknown(), name: z.unknown(), type: z.unknown() }).partial();
export type Group = z.infer<typeof Group>;

const Titled = z.object({ title: z.unknown() }).partial();
const Person = z.object({ id: z.unknown() }).partial();
const groups = z.union([z.array(z.union([Group, unreadable])), ...absent, unreadable]);

/** Only the fields we read: pay, ssn, birth date and the hundred others end here. */
export const Profile = z
  .object({
    id: z.unknown(),
    email: z.unknown(),
    first_name: z.unknown(),
    last_name: z.unknown(),
    preferred_name: z.unknown(),
    employee_id: z.unknown(),
    user_status: z.union([z.string(), ...absent, unreadable]),
    start_date: z.unknown(),
    departure_date: z.unknown(),
    created_at: z.unknown(),
    updated_at: z.unknown(),
    job_title: z.union([z.string(), Titled, ...absent, unreadable]),
    department: z.union([z.string(), Titled, ...absent, unreadable]),
    reports_to: z.union([z.array(z.union([Person, unreadable])), Person, z.string(), ...absent, unreadable]),
    groups,
    links: z.union([z.object({ groups }).partial(), ...absent, unreadable]),
  })
  .partial();
export type Profile = z.infer<typeof Profile>;
