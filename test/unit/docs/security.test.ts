import { describe, expect, test } from 'vitest';
import { CONTENT_FIELDS, INSTANT_FIELDS } from '../../../src/core/record-fields.ts';
import { resolveColumns } from '../../../src/sources/columns.ts';
import { Profile } from '../../../src/sources/namely/schema.ts';
import { Member } from '../../../src/sources/nimble/schema.ts';
import { resolveGrid } from '../../../src/sources/nimbus/grid.ts';
import { User } from '../../../src/sources/scim/schema.ts';
import { renderTable, showIn } from '../../support/document.ts';

const PAGE = new URL('../../../docs/security.md', import.meta.url);
const KEPT = ['<!-- kept:begin, written by UPDATE_DOCS=1 -->', '<!-- kept:end -->'] as const;
const READ = ['<!-- read:begin, written by UPDATE_DOCS=1 -->', '<!-- read:end -->'] as const;

/** What each vendor's schema lets through, and fields that it is known to send besides. */
const VENDORS = [
  {
    name: 'Nimble',
    reads: Object.keys(Member.shape),
    drops: ['phone', 'avatar_url', 'timezone', 'address', 'permissions'],
    keep: (row: object) => Object.keys(Member.parse(row)),
  },
  {
    name: 'Namely',
    reads: Object.keys(Profile.shape),
    drops: [
      'ssn',
      'dob',
      'gender',
      'ethnicity',
      'marital_status',
      'salary',
      'home',
      'personal_email',
      'home_phone',
      'mobile_phone',
      'emergency_contact',
    ],
    keep: (row: object) => Object.keys(Profile.parse(row)),
  },
  {
    name: 'SCIM',
    reads: Object.keys(User.out.shape),
    drops: ['phoneNumbers', 'addresses', 'photos', 'groups', 'x509Certificates', 'password', 'ims', 'userType'],
    keep: (row: object) => Object.keys(User.parse(row)),
  },
  {
    name: 'Nimbus',
    reads: ['Login Code', 'First Name', 'Surname', 'Email', 'API User', 'Allow Login'],
    drops: ['Salutation', 'Mobile', 'Notes', 'Position', 'Cost Rate'],
    keep: (row: object) => headersThatPass(row, resolveGrid(['Login Code', ...Object.keys(row)])),
  },
  {
    name: 'Files and SQL',
    reads: ['id', 'name', ...CONTENT_FIELDS.filter((field) => field !== 'privileged'), ...INSTANT_FIELDS],
    drops: ['salary', 'date_of_birth', 'home_address', 'phone'],
    keep: (row: object) => headersThatPass(row, resolveColumns(['id', ...Object.keys(row)], new Map())),
  },
] as const;

/** Of a header of one name more than the id: that name, if it found a place. */
function headersThatPass(row: object, found: ReadonlyMap<unknown, number> | { readonly fault: string }): string[] {
  if ('fault' in found) throw new Error(found.fault);
  return Object.keys(row).filter((_header, at) => [...found.values()].includes(at + 1));
}

describe.each(VENDORS)('$name', ({ reads, drops, keep }) => {
  test.each(drops)('%s is dropped', (field) => {
    expect(keep({ [field]: 'private' }).filter((key) => key === field)).toEqual([]);
  });

  test('what is said to be read is read', () => {
    const ids = new Set(['id', 'external_id', 'Login Code']);
    const missed = reads.filter((field) => !ids.has(field) && !keep({ [field]: undefined }).includes(field));
    expect(missed).toEqual([]);
  });
});

test('docs/security.md says what is kept of a row', async () => {
  const fields = [...CONTENT_FIELDS, ...INSTANT_FIELDS].map((field) => `\`${field}\``).join(' · ');
  const { published, current } = await showIn(PAGE, KEPT, fields);
  expect(published).toBe(current);
});

test('docs/security.md says what is read of each vendor, and what falls', async () => {
  const rows = VENDORS.map(({ name, reads, drops }) => [name, words(reads), words(drops)]);
  const table = renderTable(['Vendor', 'Read, nothing else', 'Dropped, for example'], rows);
  const { published, current } = await showIn(PAGE, READ, table);
  expect(published).toBe(current);
});

function words(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}
