import { type Field, foldHeader, parseColumnSettings, resolveColumns } from './columns.ts';

/**
 * What exports call our fields, folded, the surest first. No personal address is anybody's key, and a manager's name is no id, so neither
 * is here.
 */
const SYNONYMS = {
  id: ['userid', 'personid', 'workerid', 'objectid', 'guid', 'profileid'],
  email: [
    'workemail',
    'workemailaddress',
    'companyemail',
    'businessemail',
    'emailaddress',
    'primaryemail',
    'mail',
    'userprincipalname',
    'upn',
  ],
  aliases: ['emailaliases', 'otheremails', 'secondaryemails', 'alternateemails'],
  employee_id: ['employeenumber', 'employeeno', 'empid', 'empno', 'staffid', 'staffnumber', 'personnelnumber'],
  given_name: ['firstname', 'forename', 'legalfirstname'],
  family_name: ['lastname', 'surname', 'legallastname'],
  display_name: ['fullname', 'preferredname', 'employeename'],
  status: ['employmentstatus', 'employeestatus', 'userstatus', 'workerstatus', 'accountstatus'],
  role: ['userrole', 'accountrole'],
  title: ['jobtitle', 'position', 'positiontitle', 'businesstitle'],
  department: ['dept', 'departmentname', 'division', 'orgunit'],
  manager_id: ['supervisorid', 'reportstoid', 'manageruserid'],
  start_date: [
    'hiredate',
    'dateofhire',
    'hiredon',
    'employmentstartdate',
    'joiningdate',
    'dateofjoining',
    'originalhiredate',
  ],
  end_date: [
    'terminationdate',
    'departuredate',
    'lastday',
    'lastworkingday',
    'lastdayofwork',
    'leavingdate',
    'leavedate',
    'exitdate',
    'separationdate',
    'employmentenddate',
  ],
  last_active_at: ['lastlogin', 'lastlogindate', 'lastsignin', 'lastactive', 'lastseen'],
} as const satisfies Partial<Record<Field, readonly string[]>>;

export type ProposedColumns = {
  /** Our field → their header, only where their own names would not do. */
  readonly columns: Readonly<Partial<Record<Field, string>>>;
  /** Fields that are read then. */
  readonly fields: readonly Field[];
  /** Why the list cannot be read all the same. */
  readonly fault?: string | undefined;
};

/** The `columns` with which a list with these headers can be read. */
export function proposeColumns(headers: readonly string[]): ProposedColumns {
  const taken = new Set(headers.filter(isAutomatic).map(foldHeader));
  const known = new Set(headers.flatMap((header) => automaticOf(header)));
  const columns: Partial<Record<Field, string>> = {};
  for (const [field, words] of Object.entries(SYNONYMS).flatMap(([name, each]) => toField(name, each))) {
    if (known.has(field)) continue;
    const found = words
      .map((word) => headers.find((header) => foldWord(header) === word && !taken.has(foldHeader(header))))
      .find((header) => header !== undefined);
    if (found !== undefined) columns[field] = found;
  }
  const settings = parseColumnSettings(columns);
  const resolved = 'fault' in settings ? settings : resolveColumns(headers, settings);
  if ('fault' in resolved) return { columns, fields: [], fault: resolved.fault };
  return { columns, fields: [...resolved.keys()] };
}

type Entry = readonly [Field, readonly string[]];

function toField(name: string, words: readonly string[]): readonly Entry[] {
  const settings = parseColumnSettings({ [name]: '' });
  return 'fault' in settings ? [] : [...settings.keys()].map((field) => [field, words]);
}

function automaticOf(header: string): readonly Field[] {
  const settings = parseColumnSettings({ [header]: header });
  return 'fault' in settings ? [] : [...settings.keys()];
}

function isAutomatic(header: string): boolean {
  return automaticOf(header).length > 0;
}

/** As headers are compared, and without what exports put around words: `Work E-mail (primary)` is its words alone. */
function foldWord(header: string): string {
  return foldHeader(header.replaceAll(/\(.*?\)/gu, '')).replaceAll(/[^\p{L}\p{N}]/gu, '');
}
