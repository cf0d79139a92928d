import { resolve } from 'node:path';
import { OFF_BY_DEFAULT, RULES } from '../core/rule.ts';
import { DEFAULT_OPTIONS, DORMANT_DAYS, MISMATCH_FIELDS } from '../core/rule-options.ts';
import type { ConfigFile } from './schema.ts';
import { formatOf } from './source-checks.ts';
import type { SourceFile } from './source-schema.ts';

const AUTHORITY_MAX_AGE_MS = 93_600_000;

/**
 * Writes out the defaults that depend on other keys, and makes paths absolute, so that what is printed is what is done.
 * `directory`: where relative paths start.
 */
export function completeDocument(document: ConfigFile, directory: string): ConfigFile {
  return {
    ...document,
    rules: completeRules(document.rules),
    sources: document.sources.map((source) => completeSource(source, directory)),
  };
}

function completeRules(rules: ConfigFile['rules']): ConfigFile['rules'] {
  const plain = Object.fromEntries(RULES.map((rule) => [rule, !OFF_BY_DEFAULT.includes(rule)]));
  const { leaver_account: leaver = true, early_account: early = true } = rules;
  const { attribute_mismatch: mismatch = false, dormant_account: dormant = false } = rules;
  return {
    ...plain,
    ...rules,
    leaver_account: leaver === true ? { graceDays: 0, slaHours: 24 } : leaver,
    early_account: early === true ? { preHireDays: DEFAULT_OPTIONS.preHireDays } : early,
    attribute_mismatch: mismatch === true ? { fields: [...MISMATCH_FIELDS] } : mismatch,
    dormant_account: dormant === true ? { days: DORMANT_DAYS } : dormant,
  };
}

/** Nobody on an identity list would make an orphan of every account: the first list must not be empty either. */
function minRowsOf({ minRows, authoritative }: SourceFile): number {
  return minRows ?? (authoritative ? 1 : 0);
}

type OAuthFile = Extract<SourceFile, { type: 'nimble' }>['oauth'];

/** The addresses of the vendors' guides, below the address that the roster is read from. */
function completeOAuth(oauth: OAuthFile, baseUrl: string, path: string): OAuthFile {
  if (oauth === undefined) return undefined;
  const base = `${baseUrl.replace(/\/+$/, '')}${path}`;
  const { authorizeUrl = `${base}/authorize`, tokenUrl = `${base}/token` } = oauth;
  return { ...oauth, authorizeUrl, tokenUrl };
}

type Tenant = { readonly company?: string | undefined; readonly baseUrl?: string | undefined };

/** Where `company` leads. Namely's SCIM server is beside its API. */
function tenantOf({ company, baseUrl }: Tenant, path: string): Tenant {
  if (company === undefined) return { baseUrl };
  return { company: undefined, baseUrl: `https://${company.toLowerCase()}.namely.com${path}` };
}

function completeSource(given: SourceFile, directory: string): SourceFile {
  const source = { ...given, minRows: minRowsOf(given) };
  if (source.type === 'nimble') return { ...source, oauth: completeOAuth(source.oauth, source.baseUrl, '/oauth') };
  if (source.type === 'scim') return { ...source, ...tenantOf(source, '/scim/v2') };
  if (source.type === 'namely') {
    const tenant = tenantOf(source, '');
    return { ...source, ...tenant, oauth: completeOAuth(source.oauth, tenant.baseUrl ?? '', '/api/v1/oauth2') };
  }
  if (source.type !== 'file' && source.type !== 'nimbus') return source;
  return { ...completeExport(source, directory), maxAge: source.maxAge ?? ageOf(source) };
}

type ExportFile = Extract<SourceFile, { type: 'file' | 'nimbus' }>;

/** An identity list that nobody exports any more must not go on convicting people; a tenant's export may be old. */
function ageOf({ authoritative }: ExportFile): number | undefined {
  return authoritative ? AUTHORITY_MAX_AGE_MS : undefined;
}

function completeExport(source: ExportFile, directory: string): ExportFile {
  if (source.type === 'nimbus') return { ...source, path: resolve(directory, source.path) };
  return {
    ...source,
    path: source.path === undefined ? undefined : resolve(directory, source.path),
    format: source.format ?? formatOf(source.path ?? source.url ?? ''),
  };
}
