import { PRIVATE_CANARY, type JsonObject, type NamelyProfile } from './world.ts';

/** When a profile was made and last changed, unless it says so itself. */
export const LONG_AGO = '2024-01-15T09:00:00Z';

/** One profile as the vendor guide shows it: ISO dates, a string title, the department as an object. */
export function toGuideProfile(profile: NamelyProfile, manager: NamelyProfile | undefined): JsonObject {
  return {
    ...toNames(profile),
    start_date: profile.startDate ?? null,
    departure_date: profile.departureDate ?? null,
    job_title: profile.jobTitle ?? null,
    department:
      profile.department === undefined
        ? null
        : { id: toGroupId('dept', profile.department), title: profile.department },
    reports_to:
      manager === undefined ? null : { id: manager.id, first_name: manager.givenName, last_name: manager.familyName },
    office: profile.office === undefined ? null : { id: toGroupId('office', profile.office), name: profile.office },
    groups: toGroups(profile).map(({ id, kind }) => ({ id, type: kind })),
    preferred_name: profile.preferredName ?? null,
    updated_at: profile.updatedAt ?? LONG_AGO,
    created_at: profile.createdAt ?? LONG_AGO,
    ...toPrivateFields(),
  };
}

/** One profile as the real service sends it: epoch seconds, title and manager as objects, groups, sentinels, US dates. */
export function toLiveProfile(profile: NamelyProfile, manager: NamelyProfile | undefined): JsonObject {
  const jobTitle =
    profile.jobTitle === undefined ? null : { id: toGroupId('title', profile.jobTitle), title: profile.jobTitle };
  return {
    ...toNames(profile),
    full_name: `${profile.givenName} ${profile.familyName}`,
    employee_id: profile.employeeId ?? '',
    start_date: toUsDate(profile.startDate),
    departure_date: toUsDate(profile.departureDate),
    job_title: jobTitle,
    reports_to: [
      manager === undefined
        ? { id: 'no_guid', first_name: 'Nobody', last_name: 'Nobody', email: 'None' }
        : { id: manager.id, first_name: manager.givenName, last_name: manager.familyName, email: manager.email },
    ],
    office: { address1: null, address2: null, city: null, state_id: null, zip: null, country_id: null },
    preferred_name: profile.preferredName ?? '',
    links: {
      ...(jobTitle === null ? {} : { job_title: jobTitle }),
      groups: toGroups(profile).map(({ id, name }) => ({ id, name })),
      teams: [],
    },
    custom_grant_date_1: '03/1/2012',
    updated_at: toEpochSeconds(profile.updatedAt ?? LONG_AGO),
    created_at: toEpochSeconds(profile.createdAt ?? LONG_AGO),
    ...toPrivateFields(),
  };
}

export type Group = { readonly id: string; readonly name: string; readonly kind: 'office' | 'department' };

/** The office stands first on purpose: a reader that takes a bare first group for the department is wrong. */
export function toGroups(profile: NamelyProfile): readonly Group[] {
  const groups: Group[] = [];
  if (profile.office !== undefined) {
    groups.push({ id: toGroupId('office', profile.office), name: profile.office, kind: 'office' });
  }
  if (profile.department !== undefined) {
    groups.push({ id: toGroupId('dept', profile.department), name: profile.department, kind: 'department' });
  }
  return groups;
}

function toNames(profile: NamelyProfile): JsonObject {
  return {
    id: profile.id,
    email: profile.email,
    first_name: profile.givenName,
    last_name: profile.familyName,
    user_status: profile.status,
  };
}

/** An administrator's token returns all of these in every listing. None may be kept. */
function toPrivateFields(): JsonObject {
  return {
    ssn: `${PRIVATE_CANARY}ssn`,
    dob: `${PRIVATE_CANARY}dob`,
    gender: `${PRIVATE_CANARY}gender`,
    ethnicity: `${PRIVATE_CANARY}ethnicity`,
    personal_email: `${PRIVATE_CANARY}mail@example.net`,
    mobile_phone: `${PRIVATE_CANARY}phone`,
    home: { address1: `${PRIVATE_CANARY}street`, city: `${PRIVATE_CANARY}city` },
    salary: { yearly_amount: `${PRIVATE_CANARY}salary`, currency_type: 'USD', date: '2024-01-15' },
  };
}

function toGroupId(kind: string, title: string): string {
  return `${kind}-${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
}

function toUsDate(date: string | undefined): string {
  if (date === undefined) return '';
  const [year, month, day] = date.split('-');
  return `${month ?? ''}/${day ?? ''}/${year ?? ''}`;
}

function toEpochSeconds(instant: string): number {
  return Math.floor(Date.parse(instant) / 1000);
}
