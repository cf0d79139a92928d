import { createGuardedFetch } from './net/guarded-fetch.ts';
import type { Config, CredentialConfig, OAuthConfig, SourceConfig } from './config/config.ts';
import type { CredentialStore } from './ports/credentials.ts';
import type { Source } from './ports/sources.ts';
import type { Clock } from './ports/surroundings.ts';
import { createFileSource } from './sources/file/client.ts';
import { createNamelySource } from './sources/namely/client.ts';
import { createNimbleSource } from './sources/nimble/client.ts';
import { createNimbusSource } from './sources/nimbus/client.ts';
import { createSqlSource } from './sources/sql/client.ts';
import { createScimSource } from './sources/scim/client.ts';
import { OAuthClient } from './sources/oauth/client.ts';
import { OAuthTokens } from './sources/oauth/oauth-tokens.ts';
import { REAL_TIMING } from './sources/timing.ts';
import type { Tokens } from './sources/tokens.ts';
import { createCredentialStore } from './store/credentials.ts';
import type { Database } from './store/database.ts';

/** The adapter of a configured source; `credentials` for those that sign in. A new type of source is a new case here and nowhere else. */
export function openSource(
  source: SourceConfig,
  config: Config,
  credentials?: CredentialStore,
  fetch = createGuardedFetch(config.network),
): Source {
  const { allow } = config.network;
  const shared = { name: source.name, allow, policy: source.rowPolicy, fetch };
  switch (source.type) {
    case 'nimble': {
      const { baseUrl, rosterPath, concurrency, requestsPerMinute } = source;
      const token = openTokens(source, config, credentials);
      return createNimbleSource({ ...shared, token, baseUrl, rosterPath, concurrency, requestsPerMinute });
    }
    case 'namely': {
      const { baseUrl, concurrency, requestsPerMinute, events, tokenIssued } = source;
      const token = openTokens(source, config, credentials);
      return createNamelySource({ ...shared, token, tokenIssued, baseUrl, concurrency, requestsPerMinute, events });
    }
    case 'scim': {
      const { token, baseUrl, concurrency, requestsPerMinute } = source;
      return createScimSource({ ...shared, token, baseUrl, concurrency, requestsPerMinute });
    }
    case 'file': {
      const { format, columns, location } = source;
      const place = location.kind === 'path' ? { path: location.path } : { url: location.url };
      return createFileSource({ ...shared, format, columns, ...place });
    }
    case 'nimbus': {
      const { path, sentinels } = source;
      return createNimbusSource({ name: source.name, path, sentinels, policy: source.rowPolicy });
    }
    case 'sql': {
      const { url, query, columns } = source;
      return createSqlSource({ name: source.name, url, query, columns, policy: source.rowPolicy });
    }
    default:
      return source satisfies never;
  }
}

type Accessed = { readonly name: string; readonly access: CredentialConfig };

function openTokens({ name, access }: Accessed, config: Config, store: CredentialStore | undefined): string | Tokens {
  if (access.kind === 'token') return access.token;
  if (store === undefined) throw new Error(`${name} signs in, and was opened without stored credentials`);
  const client = openOAuthClient(name, access.oauth, config);
  return new OAuthTokens({ source: name, client, store, timing: REAL_TIMING });
}

/** What `rollcall login` and the worker ask a vendor's token endpoint with. */
export function openOAuthClient(source: string, oauth: OAuthConfig, { network }: Config): OAuthClient {
  const tokenUrl = new URL(oauth.tokenUrl);
  return new OAuthClient({
    ...oauth,
    source,
    tokenUrl,
    authorizeUrl: new URL(oauth.authorizeUrl),
    hosts: { vendorHosts: [], configuredHost: tokenUrl.hostname, allow: network.allow },
    fetch: createGuardedFetch(network),
    timing: REAL_TIMING,
  });
}

export function openCredentials(config: Config, store: { readonly database: Database }, clock: Clock): CredentialStore {
  return createCredentialStore(store.database, { keys: config.keys, clock });
}
