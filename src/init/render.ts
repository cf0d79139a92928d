import { isUrl, neededSecrets, WANTED_SECRETS, type InitAnswers, type ListAnswer, type Secret } from './answers.ts';

export type Written = {
  /** The day, for the first line. */
  readonly today: string;
  /** A path as it stands from the file on. */
  readonly relative: (path: string) => string;
};

/** `rollcall.yaml` for these answers, with a word on each line. No secret: variables stand for them. */
export function renderInitialConfig(answers: InitAnswers, written: Written): string {
  return [
    renderHead(answers, written.today),
    '# In which plain dates end, such as the last day of somebody who leaves.',
    `timezone: ${scalar(answers.timezone)}`,
    '',
    '# Without DATABASE_URL: an embedded Postgres that keeps its data in ./.rollcall.',
    "database: { url: '${DATABASE_URL}' }",
    '',
    'sources:',
    ...(answers.identities === undefined ? [] : renderIdentities(answers.identities, written)),
    ...renderApplications(answers, written),
    '',
    ...renderRest(answers),
  ].join('\n');
}

/** Variables to fill in, those that are known filled in. */
export function renderEnvironment(answers: InitAnswers, known: ReadonlyMap<string, string>): string {
  const line = ({ name, where }: Secret): string => `# ${where}\n${assign(name, known.get(name))}\n`;
  return [
    '# Secrets of Rollcall. Nobody else should read this file, and no repository should hold it. Before a command:',
    '#   set -a; . ./rollcall.env; set +a',
    '',
    ...[...neededSecrets(answers), ...WANTED_SECRETS].map(line),
  ].join('\n');
}

/** A blank one would take away what the environment has already. */
function assign(name: string, value: string | undefined): string {
  return value === undefined ? `# ${name}=` : `${name}=${quoteShell(value)}`;
}

function renderHead(answers: InitAnswers, today: string): string {
  const width = 'SLACK_WEBHOOK_URL'.length;
  const secrets = [...neededSecrets(answers), ...WANTED_SECRETS];
  return [
    `# Rollcall: who still has an account, and should not? Written by \`rollcall init\` on ${today}.`,
    '# All keys: docs/configuration.md. After a change: `rollcall config check`, then `rollcall doctor`.',
    '#',
    '# Secrets stay in the environment: ${NAME} is replaced from there, or from the file that NAME_FILE names.',
    ...secrets.map(({ name, where }) => `#   ${name.padEnd(width)}  ${where}`),
    '',
  ].join('\n');
}

function renderIdentities({ place, format, columns }: ListAnswer, { relative }: Written): readonly string[] {
  const mapped = Object.entries(columns).map(([field, header]) => `      ${field}: ${scalar(header)}`);
  return [
    '  # The truth about who works here. Who is not in it, inactive in it or past the end date has left.',
    '  - name: directory',
    '    type: file',
    '    authoritative: true',
    isUrl(place) ? `    url: ${scalar(place)}` : `    path: ${scalar(relative(place))}`,
    ...(format === undefined ? [] : [`    format: ${format}`]),
    ...(mapped.length === 0 ? [] : ['    columns: # our field: the header in the list', ...mapped]),
    '    maxAge: 26h # an older list concludes nothing: let it be exported every day',
    '    # minRows: 50 # a shorter list is half an export and concludes nothing; about half of your people is a good number',
    '',
  ];
}

function renderApplications(answers: InitAnswers, { relative }: Written): readonly string[] {
  const { nimble, namely, nimbus, scim, identities } = answers;
  const lines: string[] = [];
  if (nimble !== undefined) {
    lines.push('  # The team members of Nimble, one request each quarter of an hour.');
    lines.push('  - name: nimble', '    type: nimble', "    token: '${NIMBLE_TOKEN}'");
    if (nimble.baseUrl !== undefined) lines.push(`    baseUrl: ${scalar(nimble.baseUrl)}`);
    lines.push('    # seatPrice: { amount: 24.90, currency: USD, per: month }', '');
  }
  if (namely !== undefined) {
    const isTruth = identities === undefined;
    lines.push(
      isTruth
        ? '  # The profiles of Namely are the truth about who works here.'
        : '  # The profiles of Namely: changes each 5 minutes, everybody once a night.',
    );
    lines.push('  - name: namely', '    type: namely');
    if (isTruth) lines.push('    authoritative: true');
    if (namely.company !== undefined) lines.push(`    company: ${scalar(namely.company)} # https://COMPANY.namely.com`);
    if (namely.baseUrl !== undefined) lines.push(`    baseUrl: ${scalar(namely.baseUrl)}`);
    lines.push("    token: '${NAMELY_TOKEN}'");
    lines.push('    # tokenIssued: 2026-01-31 # a personal token ends after two years: then you are told before', '');
  }
  if (nimbus !== undefined) {
    lines.push('  # The Employees grid of Nimbus, exported as CSV with its filter cleared.');
    lines.push('  - name: nimbus', '    type: nimbus', `    path: ${scalar(relative(nimbus.path))}`);
    lines.push('    # sentinels: [jane] # login codes that each whole export holds', '');
  }
  if (scim !== undefined) {
    lines.push('  # The users of a SCIM 2.0 directory.');
    lines.push(
      '  - name: scim',
      '    type: scim',
      `    baseUrl: ${scalar(scim.baseUrl)}`,
      "    token: '${SCIM_TOKEN}'",
      '',
    );
  }
  return lines.slice(0, -1);
}

function renderRest({ allow, nimble, namely, nimbus, scim }: InitAnswers): readonly string[] {
  const [first = 'nimble'] = [
    ...(nimble === undefined ? [] : ['nimble']),
    ...(nimbus === undefined ? [] : ['nimbus']),
    ...(scim === undefined ? [] : ['scim']),
    ...(namely === undefined ? [] : ['namely']),
  ];
  return [
    ...(allow.length === 0
      ? []
      : ['# Private or without encryption, and meant.', `network: { allow: [${allow.map(quote).join(', ')}] }`, '']),
    '# Without SLACK_WEBHOOK_URL nobody is told, and findings are only in the database.',
    "slack: { webhookUrl: '${SLACK_WEBHOOK_URL}' }",
    '',
    '# Rules have defaults; README.md lists them. Those that need a word from you:',
    '# rules:',
    '#   leaver_account: { graceDays: 0, slaHours: 24 }',
    `#   missing_account: { ${first}: { department: [Sales] } } # who should have an account`,
    '#   dormant_account: { days: 45 }',
    '',
    '# Accounts of no person, and who answers for each:',
    '# serviceAccounts:',
    `#   - { source: ${first}, account: integrations@example.com, owner: jane@example.com, purpose: Zapier }`,
    '',
  ];
}

/** Plain where YAML reads it back as the same text, else in double quotes. */
function scalar(text: string): string {
  const isPlain = /^(?:\.{0,2}\/)?[A-Za-z][A-Za-z0-9_/.-]*$/u.test(text) && !WORDS.test(text);
  return isPlain ? text : quote(text);
}

/** JSON is YAML; slashes of a URL stay. */
function quote(text: string): string {
  return JSON.stringify(text);
}

const WORDS = /^(?:true|false|yes|no|on|off|null|y|n)$/iu;

function quoteShell(value: string): string {
  return /^[A-Za-z0-9_./:@%+=,-]*$/u.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}
