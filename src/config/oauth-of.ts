import type { OAuthConfig, SourceConfig } from './config.ts';

/** What a source signs in with; undefined for one whose token was copied, or that needs none. */
export function oauthOf(source: SourceConfig): OAuthConfig | undefined {
  return 'access' in source && source.access.kind === 'oauth' ? source.access.oauth : undefined;
}
