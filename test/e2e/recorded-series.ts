import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import type { PlainDate } from '../../src/core/row.ts';
import type { IdentityRecord, JsonObject } from '../../src/sandbox/world.ts';

/** Rosters of one tenant on several days, as the vendor sent them. */
export type Series = { readonly name: string; readonly days: readonly SeriesDay[] };
export type SeriesDay = { readonly date: PlainDate; readonly profiles: readonly JsonObject[] };

/** What the test reads of a profile itself, apart from the program, to know what to expect. */
export type ProfileFacts = {
  readonly id: string;
  readonly email: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly active: boolean;
  readonly departure?: PlainDate | undefined;
  /** Everything that Rollcall keeps of a profile, as one text. */
  readonly kept: string;
};

const RECORDED_DATES = ['2014-10-22', '2014-10-28', '2014-10-30', '2014-10-31'];
const PAYLOADS = new URL('../../../shared/payloads/', import.meta.url);

/** The recorded series, or undefined where the folder of recordings is absent. */
export function readRecordedSeries(): Series | undefined {
  const files = RECORDED_DATES.map((date) => fileURLToPath(new URL(`namely-roster-${date}.json`, PAYLOADS)));
  if (!files.every((file) => existsSync(file))) return undefined;
  return {
    name: 'recorded in 2014',
    days: files.map((file, index) => ({ date: RECORDED_DATES[index] ?? '', profiles: readProfiles(file) })),
  };
}

function readProfiles(file: string): readonly JsonObject[] {
  return z.object({ profiles: z.array(z.record(z.string(), z.json())) }).parse(JSON.parse(readFileSync(file, 'utf8')))
    .profiles;
}

const STAFF = 60;
const JOINERS = [9, 4] as const;

/** A series in the shapes of the recorded one, with people of our own. */
export function inventSeries(): Series {
  const counts = [STAFF, STAFF, STAFF + JOINERS[0], STAFF + JOINERS[0] + JOINERS[1]];
  const days = RECORDED_DATES.map((date, index) => ({
    date,
    profiles: Array.from({ length: counts[index] ?? 0 }, (_unused, place) => inventProfile(place + 1, date)),
  }));
  return { name: 'invented in the same shapes', days };
}

/** Number 1 leaves on 31 October; every tenth left long ago. Names, employee ids and titles are shared, as in real rosters. */
function inventProfile(number: number, date: PlainDate): JsonObject {
  const departure = number === 1 ? '10/31/2014' : number % 10 === 0 ? '09/15/2014' : '';
  const hasLeft = number === 1 ? date >= '2014-10-31' : departure !== '';
  const jobTitle = { id: `title-${number % 7}`, title: `Clerk ${number % 7}` };
  return {
    id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    email: number === 2 ? "o'brien+2@example.com" : `person.${number}@example.com`,
    first_name: `GIVEN${number % 3}`,
    last_name: 'Family, Esq.',
    user_status: hasLeft ? 'inactive' : 'active',
    links: { job_title: jobTitle },
    middle_name: '',
    preferred_name: '',
    job_title: jobTitle,
    start_date: '01/15/2011',
    departure_date: departure,
    employee_id: number % 5 === 0 ? '1011' : '',
  };
}

const RecordedProfile = z.object({
  id: z.string(),
  email: z.string(),
  first_name: z.string(),
  last_name: z.string(),
  user_status: z.string(),
  preferred_name: z.string().nullish(),
  job_title: z.object({ title: z.string() }).nullish(),
  start_date: z.string().nullish(),
  departure_date: z.string().nullish(),
  employee_id: z.string().nullish(),
});

export function readFacts(profile: JsonObject): ProfileFacts {
  const read = RecordedProfile.parse(profile);
  return {
    id: read.id,
    email: read.email,
    givenName: read.first_name,
    familyName: read.last_name,
    active: read.user_status === 'active',
    departure: toPlainDate(read.departure_date ?? ''),
    kept: JSON.stringify(read),
  };
}

/** `10/31/2014` as a plain date. */
function toPlainDate(text: string): PlainDate | undefined {
  const [, month, day, year] = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(text) ?? [];
  return year === undefined ? undefined : `${year}-${month}-${day}`;
}

/** An identity list made from a roster: the same people, with ids of its own. */
export function toIdentity(facts: ProfileFacts): IdentityRecord {
  return {
    id: `employee-${facts.id}`,
    email: facts.email,
    givenName: facts.givenName,
    familyName: facts.familyName,
    status: facts.active ? 'active' : 'inactive',
    endDate: facts.departure,
  };
}
