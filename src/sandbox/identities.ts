import { stringify } from 'csv-stringify/sync';

import { toJsonAnswer, toTextAnswer, type Answer, type Lens, type SandboxRequest } from './answer.ts';
import type { IdentityRecord, JsonObject, World } from './world.ts';

/** Fields of a record and their columns, in the order of the file. */
const COLUMNS = [
  ['id', 'id'],
  ['email', 'email'],
  ['aliases', 'aliases'],
  ['employeeId', 'employee_id'],
  ['givenName', 'given_name'],
  ['familyName', 'family_name'],
  ['status', 'status'],
  ['title', 'title'],
  ['department', 'department'],
  ['managerId', 'manager_id'],
  ['startDate', 'start_date'],
  ['endDate', 'end_date'],
] as const satisfies readonly (readonly [keyof IdentityRecord, string])[];

/** The identity list of a world as the CSV file that a directory would export. */
export function renderIdentitiesCsv(world: World): string {
  return stringify([COLUMNS.map(([, column]) => column), ...toRecords(world).map((record) => Object.values(record))]);
}

/** Serves the list over HTTP, with its age in `Last-Modified`. */
export function answerIdentities(world: World, request: SandboxRequest, options: { lens: Lens; now: Date }): Answer {
  const shown = options.lens.empty ? { ...world, people: [] } : world;
  const modified = new Date(options.now.getTime() - world.identitiesAgeSeconds * 1000).toUTCString();
  const answer = toList(shown, request.path);
  return { ...answer, headers: { ...answer.headers, 'last-modified': modified } };
}

function toList(world: World, path: string): Answer {
  if (path === '/identities.csv') return toTextAnswer(200, renderIdentitiesCsv(world), 'text/csv; charset=utf-8');
  if (path === '/identities.json') return toJsonAnswer(200, toRecords(world));
  return toTextAnswer(404, 'not found');
}

function toRecords(world: World): readonly JsonObject[] {
  return world.people.flatMap(({ identity }) => (identity === undefined ? [] : [toRecord(identity)]));
}

function toRecord(identity: IdentityRecord): JsonObject {
  const cells = COLUMNS.map(([field, column]) => [column, toCell(identity[field])] as const);
  return Object.fromEntries(cells);
}

function toCell(value: string | readonly string[] | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : value.join(';');
}
