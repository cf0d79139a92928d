import { OperationalError } from '../errors.ts';
import { type InitAnswers, isUrl } from './answers.ts';
import {
  hostToAllow,
  readCompany,
  refuseBaseUrl,
  refuseScimUrl,
  refuseText,
  refuseTimezone,
  refuseWebUrl,
} from './check-answer.ts';

/** As the command line gives them. */
export type InitFlags = {
  readonly identities?: string | undefined;
  /** `field=header`. */
  readonly columns: readonly string[];
  readonly nimble: boolean;
  readonly nimbleUrl?: string | undefined;
  readonly namelyCompany?: string | undefined;
  readonly namelyUrl?: string | undefined;
  readonly nimbus?: string | undefined;
  readonly scimUrl?: string | undefined;
  readonly timezone?: string | undefined;
  readonly allow: readonly string[];
};

/** Answers of which some may be missing. */
export type Partly = Omit<InitAnswers, 'identities' | 'timezone'> & {
  readonly timezone?: string | undefined;
  readonly identitiesAt?: string | undefined;
  readonly columns: Readonly<Record<string, string>>;
};

/** Flags → answers; throws `usage` with all faults at once. */
export function readFlags(flags: InitFlags): Partly {
  const faults: string[] = [];
  const note = (flag: string, text: string | undefined, refuse: (text: string) => string | undefined): void => {
    const refused = text === undefined ? undefined : (refuseText(text) ?? refuse(text));
    if (refused !== undefined) faults.push(`${flag} ${refused}`);
  };
  note('--identities', flags.identities, (text) => (isUrl(text) ? refuseWebUrl(text) : undefined));
  note('--nimble-url', flags.nimbleUrl, refuseBaseUrl);
  note('--namely-company', flags.namelyCompany, (text) =>
    readCompany(text) === undefined ? 'must be the first part of https://COMPANY.namely.com alone' : undefined,
  );
  note('--namely-url', flags.namelyUrl, refuseBaseUrl);
  note('--nimbus', flags.nimbus, () => undefined);
  note('--scim-url', flags.scimUrl, refuseScimUrl);
  note('--timezone', flags.timezone, refuseTimezone);
  if (flags.namelyCompany !== undefined && flags.namelyUrl !== undefined) {
    faults.push('--namely-url excludes --namely-company; give one of them');
  }
  const columns = readColumns(flags.columns, faults);
  if (faults.length > 0) throw new OperationalError('usage', ['these flags will not do:', ...faults].join('\n  '));
  return toPartly(flags, columns);
}

function toPartly(flags: InitFlags, columns: Readonly<Record<string, string>>): Partly {
  const { nimble, nimbleUrl, namelyCompany, namelyUrl, nimbus, scimUrl } = flags;
  const company = namelyCompany === undefined ? undefined : readCompany(namelyCompany);
  return {
    allow: flags.allow,
    columns,
    identitiesAt: flags.identities,
    timezone: flags.timezone,
    nimble: nimble || nimbleUrl !== undefined ? { baseUrl: nimbleUrl } : undefined,
    namely: company === undefined && namelyUrl === undefined ? undefined : { company, baseUrl: namelyUrl },
    nimbus: nimbus === undefined ? undefined : { path: nimbus },
    scim: scimUrl === undefined ? undefined : { baseUrl: scimUrl },
  };
}

function readColumns(texts: readonly string[], faults: string[]): Readonly<Record<string, string>> {
  const columns: Record<string, string> = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    const header = text.slice(at + 1).trim();
    const refused = at < 1 ? 'is written field=header, such as email="Work E-mail"' : refuseText(header);
    if (refused === undefined) columns[text.slice(0, at).trim()] = header;
    else faults.push(`--column ${refused}`);
  }
  return columns;
}

/** URLs of the answers, with the flag that gives each. */
export function urlsOf(answers: Omit<Partly, 'columns'>): readonly string[] {
  const { identitiesAt, nimble, namely, scim } = answers;
  const list = identitiesAt !== undefined && isUrl(identitiesAt) ? [identitiesAt] : [];
  return [...list, nimble?.baseUrl ?? [], namely?.baseUrl ?? [], scim?.baseUrl ?? []].flat();
}

/** Flags without which nothing can be written, where nobody can be asked. */
export function missingFlags(answers: Partly, assume: { readonly timezone: boolean }): readonly string[] {
  const { identitiesAt, namely, nimble, nimbus, scim, timezone, allow } = answers;
  const hosts = urlsOf(answers).flatMap((url) => hostToAllow(url, allow) ?? []);
  const isTruth = identitiesAt === undefined && namely !== undefined;
  const applications = [nimble, nimbus, scim, isTruth ? undefined : namely].filter((each) => each !== undefined);
  return [
    ...(identitiesAt === undefined && namely === undefined
      ? ['--identities LIST, or --namely-company NAME where Namely says who works here']
      : []),
    ...(applications.length === 0
      ? [`an application: --nimble, ${isTruth ? '' : '--namely-company NAME, '}--nimbus FILE or --scim-url URL`]
      : []),
    ...(timezone === undefined && !assume.timezone
      ? ['--timezone ZONE, such as America/New_York (--yes takes this machine’s)']
      : []),
    ...new Set(hosts.map((host) => `--allow ${host}, which is private or not encrypted, if it is meant`)),
  ];
}
