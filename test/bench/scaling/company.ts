import { stringify } from 'csv-stringify/sync';

/** How many small applications one company has (with the list: as many sources as a configuration may have), and how many people. */
export const SOURCES = 199;
const PEOPLE = 2_000;
const ACCOUNTS = 40;
/** Of each application's accounts: one is nobody's, one is of somebody who has left. */
export const FINDINGS = SOURCES * 2;

const LEAVERS = SOURCES;
const HEADER = ['id', 'email', 'given_name', 'family_name', 'status'] as const;

/** The list of who works here. The last ones have left. */
export function renderDirectory(): string {
  return render(upTo(PEOPLE).map((number) => person(number, number > PEOPLE - LEAVERS ? 'inactive' : 'active')));
}

/** What the application of this number shows: people of the directory, one who has left, and a stranger. */
export function renderRoster(source: number): string {
  const here = upTo(ACCOUNTS - 2).map((index) =>
    person(((source * ACCOUNTS + index) % (PEOPLE - LEAVERS)) + 1, 'active'),
  );
  const left = person(PEOPLE - LEAVERS + 1 + (source % LEAVERS), 'active');
  const stranger = [`x${source}`, `stranger.${source}@elsewhere.example`, 'Stray', `No${source}`, 'active'];
  return render([...here, left, stranger]);
}

/** In the order of a configuration: the list, then the applications. */
export function renderSources(vendorUrl: string): string {
  const application = (number: number): string =>
    `  - { name: app-${number}, type: file, url: ${vendorUrl}/${number}.csv, schedule: '${NEVER}' }`;
  return [
    `  - { name: directory, type: file, authoritative: true, url: ${vendorUrl}/directory.csv, schedule: '${NEVER}' }`,
    ...upTo(SOURCES).map(application),
  ].join('\n');
}

/** The measurement asks itself: a tick in the middle of it would be work that nobody has counted. */
const NEVER = '0 0 1 1 *';

function person(number: number, status: string): readonly string[] {
  return [`p${number}`, `person.${number}@example.com`, `Given${number}`, `No${number}`, status];
}

function render(rows: readonly (readonly string[])[]): string {
  return stringify([[...HEADER], ...rows.map((row) => [...row])]);
}

function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_unused, index) => index + 1);
}
