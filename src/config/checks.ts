import type { Fault } from './faults.ts';
import { checkNetwork } from './network-checks.ts';
import { checkExpectations } from './rule-checks.ts';
import type { ConfigFile } from './schema.ts';
import { checkSources } from './source-checks.ts';
import { findIntegrationDoubts } from './integrations.ts';
import { blockAt, isBlock, listAt, type Block } from './tree.ts';

/** Anybody who has one call can try secrets on it at leisure: a short one is found. */
const WEBHOOK_SECRET_LENGTH_MIN = 16;

/**
 * What one value says about another. It looks at the tree as it was written, not at the schema's result, so that these faults
 * are told together with those of the shape.
 */
export function checkTogether(tree: unknown): readonly Fault[] {
  if (!isBlock(tree)) return [];
  return [...checkSources(tree), ...checkNetwork(tree), ...checkWebhookSecrets(tree), ...checkExpectations(tree)];
}

function checkWebhookSecrets(tree: Block): readonly Fault[] {
  return listAt(blockAt(tree, 'http'), 'webhookSecrets').flatMap((secret, index) => {
    // The schema tells of an empty one.
    if (typeof secret !== 'string' || secret === '' || secret.length >= WEBHOOK_SECRET_LENGTH_MIN) return [];
    const message = `must have at least ${WEBHOOK_SECRET_LENGTH_MIN} characters; \`openssl rand -hex 32\` makes one`;
    return [{ path: ['http', 'webhookSecrets', index], message }];
  });
}

/** What is allowed and probably not meant, or not done by this version. */
export function findDoubts(document: ConfigFile): readonly Fault[] {
  const doubts: Fault[] = [];
  const { sources } = document;
  if (!sources.some(({ authoritative }) => authoritative)) {
    const message = 'none is authoritative: rosters are kept, but rules that need identities cannot run';
    doubts.push({ path: ['sources'], message });
  }
  if (sources.every(({ authoritative, audited }) => authoritative && !audited)) {
    doubts.push({ path: ['sources'], message: 'none is an application: there is no account to judge' });
  }
  if (document.slack.digest !== 'immediate') {
    doubts.push({ path: ['slack', 'digest'], message: 'has no effect in this version: digests are sent at once' });
  }
  if (document.http.webhookSecrets.length > 0 && !sources.some(({ type }) => type === 'namely')) {
    const message = 'has no effect: no source is of type namely, and /webhooks/namely ignores every call';
    doubts.push({ path: ['http', 'webhookSecrets'], message });
  }
  return [...doubts, ...findIntegrationDoubts(document)];
}
