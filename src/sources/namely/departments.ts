import { OperationalError, type ErrorCode } from '../../errors.ts';
import { contract } from '../failures.ts';
import { readId } from '../fields.ts';
import { Group, GroupsPage } from './schema.ts';
import { isDepartment, type Departments } from './to-account.ts';

export type DepartmentsRead =
  | { readonly kind: 'read'; readonly departments: Departments; readonly groups: ReadonlySet<string> }
  | { readonly kind: 'left-out'; readonly warning: string };

/** Far more groups than a company has. */
const PAGES_MAX = 200;
/**
 * `/groups` is not for every token, and departments are not worth a roster: refused, gone or of another shape, they are left
 * out with a warning. Any other failure ends the listing, as rows that lack their department for a day are written as changed.
 */
const LEFT_OUT: ReadonlySet<ErrorCode> = new Set(['source-forbidden', 'source-contract']);

/** All groups whose type is department, and the ids of all. Throws OperationalError. */
export async function readDepartments(
  source: string,
  fetchJson: (page: number) => Promise<unknown>,
): Promise<DepartmentsRead> {
  const departments = new Map<string, string>();
  const known = new Set<string>();
  let before = '';
  try {
    for (let page = 1; page <= PAGES_MAX; page += 1) {
      const groups = parsePage(source, await fetchJson(page));
      const ids = groups.map((group) => readId(group.id) ?? '');
      const fingerprint = ids.join('\n');
      // The vendor documents no paging here: one page may be everything, sent again for each number.
      if (groups.length === 0 || fingerprint === before) return { kind: 'read', departments, groups: known };
      before = fingerprint;
      for (const id of ids) known.add(id);
      for (const group of groups) addDepartment(departments, group);
    }
    throw contract(source, `no last page of /groups after ${PAGES_MAX}`);
  } catch (error) {
    if (!(error instanceof OperationalError) || !LEFT_OUT.has(error.code)) throw error;
    return { kind: 'left-out', warning: `departments are left out, as /groups cannot be read: ${error.message}` };
  }
}

function parsePage(source: string, json: unknown): readonly Group[] {
  const parsed = GroupsPage.safeParse(json);
  if (!parsed.success) throw contract(source, 'the answer of /groups has no list of groups');
  return parsed.data.groups.map((row) => Group.safeParse(row).data ?? {});
}

/** A profile's own links say `name` where /groups says `title`; either may turn up here. */
function addDepartment(departments: Map<string, string>, group: Group): void {
  const id = readId(group.id);
  const title = readId(group.title) ?? readId(group.name);
  if (id !== undefined && title !== undefined && isDepartment(group)) departments.set(id, title);
}
