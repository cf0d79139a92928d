import type { SourceConfig } from '../config/config.ts';
import { oauthOf } from '../config/oauth-of.ts';
import { describeShape } from '../core/answer-shape.ts';
import type { SeenAnswer } from './answers.ts';

export type Vendor = Extract<SourceConfig['type'], 'nimble' | 'namely' | 'scim'>;
export type VendorSource = Extract<SourceConfig, { readonly type: Vendor }>;

/** What was asked for when it went wrong: whose token it is, or the roster. */
export type Step = 'owner' | 'roster';
export type Trouble = {
  readonly step: Step;
  readonly code: string;
  /** The adapter's own sentence. */
  readonly detail: string;
  /** The last answer; absent where none came. */
  readonly answer?: SeenAnswer | undefined;
};

/** What is wrong, by what has to be done about it. */
export type Symptom = 'refused' | 'forbidden' | 'missing' | 'page' | 'shape' | 'busy' | 'network' | 'other';

export function symptomOf({ step, code, answer }: Trouble): Symptom {
  if (code === 'source-forbidden') return step === 'owner' ? 'refused' : 'forbidden';
  const byCode = BY_CODE.get(code);
  if (byCode !== undefined) return byCode;
  if (answer === undefined) return code === 'source-unavailable' ? 'network' : 'other';
  return symptomOfAnswer(answer, code);
}

const BY_CODE: ReadonlyMap<string, Symptom> = new Map([
  ['network-refused', 'network'],
  ['source-auth', 'refused'],
  ['source-deferred', 'busy'],
]);

function symptomOfAnswer({ html, redirectTo, status }: SeenAnswer, code: string): Symptom {
  if (status === 404 || status === 410) return 'missing';
  if (html || redirectTo !== undefined) return 'page';
  if (BUSY.has(status)) return 'busy';
  return code === 'source-contract' && status === 200 ? 'shape' : 'other';
}

const BUSY: ReadonlySet<number> = new Set([406, 429, 503]);

/** Who answered what, where, and in which shape: no value of the answer, and no address above `baseUrl`. */
export function describeAnswer(source: VendorSource, trouble: Trouble): string {
  const { answer, detail } = trouble;
  const symptom = symptomOf(trouble);
  if (answer === undefined || symptom === 'network') return detail;
  const where = `at ${relativePath(source, answer.path)}`;
  const who = NAMES[source.type];
  if (answer.redirectTo !== undefined) {
    return `${who} answered HTTP ${answer.status} ${where}: a redirect to ${answer.redirectTo}, which is never followed`;
  }
  if (answer.html) return `${who} answered HTTP ${answer.status} ${where} with an HTML page, as a login does`;
  const shape = describeShape(answer.shape);
  if (symptom === 'shape') return `${who} answered ${shape}, ${where}; expected ${EXPECTED[source.type][trouble.step]}`;
  return answer.status < 400 ? detail : `${who} answered HTTP ${answer.status} ${where} with ${shape}`;
}

/** The one thing to change. */
export function adviseVendor(source: VendorSource, trouble: Trouble): string {
  const symptom = symptomOf(trouble);
  const advice = symptom === 'refused' && oauthOf(source) !== undefined ? signIn(source) : undefined;
  return advice ?? FIXES[source.type][symptom](source);
}

/** What mends a sign-in that has ended. */
export function signIn({ name }: VendorSource): string {
  return `run \`rollcall login ${name}\` (on a new database after a first \`rollcall migrate\`)`;
}

function relativePath({ baseUrl }: VendorSource, path: string): string {
  const base = URL.parse(baseUrl)?.pathname.replace(/\/$/u, '') ?? '';
  return path.startsWith(`${base}/`) ? path.slice(base.length) : path;
}

/** As the vendor calls itself. */
export const NAMES = { nimble: 'Nimble', namely: 'Namely', scim: 'the SCIM server' } as const satisfies Record<
  Vendor,
  string
>;

const EXPECTED = {
  nimble: { owner: 'id, user_id or email', roster: 'a list under resources, users, members or data' },
  namely: { owner: 'one row under profiles, with an id', roster: 'a list under profiles' },
  scim: { owner: 'a user with an id', roster: 'a list under Resources' },
} as const satisfies Record<Vendor, Record<Step, string>>;

type Fix = (source: VendorSource) => string;
const hostOf = ({ baseUrl }: VendorSource): string => URL.parse(baseUrl)?.host ?? 'it';
const reach: Fix = (source) =>
  `let this machine reach ${hostOf(source)} (DNS, firewall, HTTPS_PROXY), unless the message names another setting`;
const patience: Fix = ({ name }) =>
  `wait; if it comes again, lower requestsPerMinute of ${name}, and look what else uses the same token`;
const report: Fix = () => 'look at the vendor’s status page; if it stays so, report it with these lines';

const FIXES = {
  nimble: {
    refused: ({ name }) =>
      `in Nimble open Settings > API Tokens, make a new token as a user who stays, and set it as token of ${name} (NIMBLE_TOKEN)`,
    forbidden: () =>
      'the token lacks the right to read the team: in Nimble open Settings > API Tokens and make one as an admin; an app under Settings > Connected Apps needs the scope read_team',
    missing: ({ name }) =>
      `set rosterPath of ${name} to /api/v1/team/members or /api/v1/company/users, and baseUrl to https://api.nimble.com`,
    page: ({ name }) => `set baseUrl of ${name} to https://api.nimble.com: this address is not Nimble's API`,
    shape: ({ name }) => `set rosterPath of ${name} to /api/v1/team/members or /api/v1/company/users`,
    busy: patience,
    network: reach,
    other: report,
  },
  namely: {
    refused: ({ name }) =>
      `in Namely open your profile > API > Personal Access Tokens as a user who stays, make a new token, and set it as token of ${name} (NAMELY_TOKEN); Namely ends a token with its user and after two years. Is company right, too?`,
    forbidden: () =>
      "the token's owner may not see profiles: in Namely give that user's permission role the right to view all employees, or make the token (your profile > API) as somebody who has it",
    missing: ({ name }) =>
      `set company of ${name} to the COMPANY of https://COMPANY.namely.com, as your browser shows it`,
    page: ({ name }) =>
      `set company of ${name} to the COMPANY of https://COMPANY.namely.com, as your browser shows it: a wrong one answers with a login page`,
    shape: ({ name }) => `take baseUrl of ${name} out and set company: the API is at https://COMPANY.namely.com/api/v1`,
    busy: ({ name }) =>
      `wait a minute: Namely allows 100 requests a minute for all programs together; lower requestsPerMinute of ${name}`,
    network: reach,
    other: report,
  },
  scim: {
    refused: ({ name }) =>
      `set token of ${name} to a SCIM token: Namely makes it in its SSO settings, and it is not the API token; elsewhere the directory's admin has it`,
    forbidden: () =>
      "give the SCIM token the right to read users: in Namely's SSO settings, or in the directory's console",
    missing: ({ name }) =>
      `set baseUrl of ${name} to what comes before /Users; Namely's is https://COMPANY.namely.com/scim/v2 or …/api/scim/v2`,
    page: ({ name }) => `set baseUrl of ${name} to the SCIM API, up to what comes before /Users: this is a web page`,
    shape: ({ name }) => `set baseUrl of ${name} to what comes before /Users`,
    busy: patience,
    network: reach,
    other: report,
  },
} as const satisfies Record<Vendor, Record<Symptom, Fix>>;
