import { resolve } from 'node:path';
import { isRule, RULES } from '../core/rule.ts';
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
  const plain = Object.fromEntries(RULES.map((rule) => [rule, true]));
  const leaver = rules.leaver_account ?? true;
  // Rules of later versions can only be `false` here; they say nothing.
  const given = Object.fromEntries(Object.entries(rules).filter(([rule]) => isRule(rule)));
  return { ...plain, ...given, leaver_account: leaver === true ? { graceDays: 0, slaHours: 24 } : leaver };
}

/** Nobody on an identity list would make an orphan of every account: the first list must not be empty either. */
function minRowsOf({ minRows, authoritative }: SourceFile): number {
  return minRows ?? (authoritative ? 1 : 0);
}

/** Where `company` leads. Namely's SCIM server is beside its API. */
function completeTenant(given: Extract<SourceFile, { company?: unknown }>): SourceFile {
  if (given.company === undefined) return given;
  const { company, ...rest } = given;
  const path = given.type === 'scim' ? '/scim/v2' : '';
  return { ...rest, baseUrl: `https://${company.toLowerCase()}.namely.com${path}` };
}

function completeSource(given: SourceFile, directory: string): SourceFile {
  const source = { ...given, minRows: minRowsOf(given) };
  if (source.type === 'namely' || source.type === 'scim') return completeTenant(source);
  if (source.type !== 'file') return source;
  return {
    ...source,
    path: source.path === undefined ? undefined : resolve(directory, source.path),
    format: source.format ?? formatOf(source.path ?? source.url ?? ''),
    // An identity list that nobody exports any more must not go on convicting people; a tenant's export may be old.
    maxAge: source.maxAge ?? (source.authoritative ? AUTHORITY_MAX_AGE_MS : undefined),
  };
}
