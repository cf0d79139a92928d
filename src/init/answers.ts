/** What `rollcall init` has to know; everything else has a default. No secret is among it. */
export type InitAnswers = {
  /** IANA name. */
  readonly timezone: string;
  /** The list of who works here; absent: Namely says so. */
  readonly identities?: ListAnswer | undefined;
  readonly nimble?: { readonly baseUrl?: string | undefined } | undefined;
  /** One of the two. */
  readonly namely?: { readonly company?: string | undefined; readonly baseUrl?: string | undefined } | undefined;
  /** The Employees grid, exported as CSV. */
  readonly nimbus?: { readonly path: string } | undefined;
  readonly scim?: { readonly baseUrl: string } | undefined;
  /** Hosts of the above that are private or not encrypted, and meant. */
  readonly allow: readonly string[];
};

export type ListAnswer = {
  /** A path, or a URL. */
  readonly place: string;
  /** Said where the name of the file does not. */
  readonly format?: 'csv' | 'json' | undefined;
  /** Our field → their header. */
  readonly columns: Readonly<Record<string, string>>;
};

export type Secret = { readonly name: string; readonly where: string };

/** The variables that the file refers to and that a run cannot do without. */
export function neededSecrets({ nimble, namely, scim }: InitAnswers): readonly Secret[] {
  return [
    ...(nimble === undefined ? [] : [{ name: 'NIMBLE_TOKEN', where: 'Nimble: Settings > API Tokens' }]),
    ...(namely === undefined ? [] : [{ name: 'NAMELY_TOKEN', where: 'Namely: your profile > API' }]),
    ...(scim === undefined ? [] : [{ name: 'SCIM_TOKEN', where: "the directory's provisioning (SCIM) settings" }]),
  ];
}

/** Those that it can do without. */
export const WANTED_SECRETS: readonly Secret[] = [
  { name: 'SLACK_WEBHOOK_URL', where: 'Slack: an incoming webhook of your channel; without it nobody is told' },
  { name: 'DATABASE_URL', where: 'a PostgreSQL 15 or newer; without it an embedded one in ./.rollcall' },
];

export function isUrl(place: string): boolean {
  return /^https?:\/\//iu.test(place);
}
