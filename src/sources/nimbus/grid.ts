import { foldHeader } from '../columns.ts';

type ColumnFacts = {
  readonly column: string;
  readonly header: string;
  /** What cannot be known without it, for the run's warnings. */
  readonly without?: string;
};

/** The columns of the Employees grid that are read (contract §3). Mobile, Notes, Position and all others never pass. */
const COLUMNS = [
  { column: 'loginCode', header: 'Login Code' },
  { column: 'givenName', header: 'First Name' },
  { column: 'familyName', header: 'Surname' },
  {
    column: 'email',
    header: 'Email',
    without: 'an employee is matched only by a login code that is an address',
  },
  {
    column: 'apiUser',
    header: 'API User',
    without: 'API Users are not told from people, unless serviceAccounts lists them',
  },
  {
    column: 'allowLogin',
    header: 'Allow Login',
    without: 'whether an employee can log in is unknown, which counts as usable',
  },
] as const satisfies readonly ColumnFacts[];

export type GridColumn = (typeof COLUMNS)[number]['column'];

/** Where each column is: its place among the headers. */
export type Grid = ReadonlyMap<GridColumn, number>;

/** Finds the columns of the grid among the headers of an export, or says why this file is none. */
export function resolveGrid(headers: readonly string[]): Grid | { readonly fault: string } {
  const grid = new Map<GridColumn, number>();
  const folded = headers.map(foldHeader);
  for (const { column, header } of COLUMNS) {
    const place = folded.indexOf(foldHeader(header));
    if (place === -1) continue;
    if (place !== folded.lastIndexOf(foldHeader(header))) {
      return { fault: `has two columns "${header}"; take one out` };
    }
    grid.set(column, place);
  }
  if (grid.has('loginCode')) return grid;
  return { fault: 'has no column "Login Code"; export the Employees grid of Nimbus with that column' };
}

export function describeMissing(grid: Grid): readonly string[] {
  return COLUMNS.flatMap((facts) =>
    'without' in facts && !grid.has(facts.column)
      ? [`the export has no column "${facts.header}": ${facts.without}`]
      : [],
  );
}
