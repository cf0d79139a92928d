import type { ConfigFile } from './schema.ts';
import type { SourceFile } from './source-schema.ts';

const MASK = '***';
/** As long as such a secret must be, so that what is printed can be read again. */
const LONG_MASK = '*'.repeat(16);

/** Every value that no log line may hold: whole, and the telling parts of URLs. `others`: secrets that are no key of the file. */
export function secretsOf(document: ConfigFile, others: readonly string[]): readonly string[] {
  const { slack, http, database } = document;
  const found = [
    ...others,
    http.token,
    ...http.webhookSecrets,
    ...databaseSecrets(database.url),
    ...webhookSecretsOf(slack.webhookUrl),
    ...document.sources.flatMap(sourceSecrets),
  ];
  return [...new Set(found.flatMap((value) => (value === undefined || value === '' ? [] : [value])))];
}

/** The same document with `***` in place of each secret; hosts and user names stay, because people look for those. */
export function maskDocument(document: ConfigFile): ConfigFile {
  const { slack, http, database } = document;
  return {
    ...document,
    database: { ...database, url: database.url === undefined ? undefined : maskDatabaseUrl(database.url) },
    slack: { ...slack, webhookUrl: slack.webhookUrl === undefined ? undefined : maskUrl(slack.webhookUrl) },
    http: {
      ...http,
      token: http.token === undefined ? undefined : MASK,
      webhookSecrets: http.webhookSecrets.map(() => LONG_MASK),
    },
    sources: document.sources.map(maskSource),
  };
}

function sourceSecrets(source: SourceFile): readonly (string | undefined)[] {
  const credentials = 'token' in source ? [source.token, source.oauth?.clientSecret] : [];
  const url = source.type === 'file' ? urlSecrets(source.url) : [];
  return [...credentials, ...url, ...(source.type === 'sql' ? databaseSecrets(source.url) : [])];
}

function maskSource(source: SourceFile): SourceFile {
  if (source.type === 'sql') return { ...source, url: maskDatabaseUrl(source.url) };
  if (source.type === 'file') return { ...source, url: source.url === undefined ? undefined : maskUrl(source.url) };
  if (source.type === 'nimbus') return source;
  const { token, oauth } = source;
  return {
    ...source,
    token: token === undefined ? undefined : MASK,
    oauth: oauth === undefined ? undefined : { ...oauth, clientSecret: MASK },
  };
}

// A signed download link carries its right in the query, a shared one in the path.
function urlSecrets(text: string | undefined): readonly string[] {
  const url = text === undefined ? null : URL.parse(text);
  if (text === undefined || url === null) return [];
  return [text, url.href, ...(url.search === '' ? [] : [url.search.slice(1), ...url.searchParams.values()])];
}

/** The last part of a webhook's path is the secret one; the others name the workspace and the channel. */
function webhookSecretsOf(text: string | undefined): readonly (string | undefined)[] {
  const url = text === undefined ? null : URL.parse(text);
  if (url === null) return [text];
  return [text, url.href, url.pathname.length > 1 ? url.pathname : undefined, url.pathname.split('/').at(-1)];
}

function databaseSecrets(text: string | undefined): readonly (string | undefined)[] {
  const url = text === undefined ? null : URL.parse(text);
  if (url === null) return [text];
  return [text, url.href, url.password, decoded(url.password), url.searchParams.get('password') ?? undefined];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function maskUrl(text: string): string {
  const url = URL.parse(text);
  return url === null ? MASK : `${url.protocol}//${url.host}/${MASK}`;
}

function maskDatabaseUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || `${url.pathname}${url.search}${url.hash}`.includes('@')) return MASK;
  if (url.password !== '') url.password = MASK;
  for (const name of url.searchParams.keys()) {
    if (/pass|key|token/i.test(name)) url.searchParams.set(name, MASK);
  }
  return url.href;
}
