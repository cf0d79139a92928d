import type { Fault } from './faults.ts';
import { checkNetwork } from './network-checks.ts';
import { checkExpectations } from './rule-checks.ts';
import type { ConfigFile } from './schema.ts';
import { checkSources } from './source-checks.ts';
import { findIntegrationDoubts } from './integrations.ts';
import { isBlock } from './tree.ts';
import { checkWebhook, findWebhookDoubts } from './webhook-checks.ts';

/**
 * What one value says about another. It looks at the tree as it was written, not at the schema's result, so that these faults
 * are told together with those of the shape.
 */
export function checkTogether(tree: unknown): readonly Fault[] {
  if (!isBlock(tree)) return [];
  return [...checkSources(tree), ...checkNetwork(tree), ...checkWebhook(tree), ...checkExpectations(tree)];
}

/** What is allowed and probably not meant, or not done by this version. `tree`: as it was written. */
export function findDoubts(document: ConfigFile, tree: unknown): readonly Fault[] {
  const doubts: Fault[] = [];
  const { sources } = document;
  if (!sources.some(({ authoritative }) => authoritative)) {
    const message = 'none is authoritative: rosters are kept, but rules that need identities cannot run';
    doubts.push({ path: ['sources'], message });
  }
  if (sources.every(({ authoritative, audited }) => authoritative && !audited)) {
    doubts.push({ path: ['sources'], message: 'none is an application: there is no account to judge' });
  }
  if (document.slack.digest !== 'immediate' && document.slack.webhookUrl === undefined) {
    doubts.push({
      path: ['slack', 'digest'],
      message: 'has no effect: slack.webhookUrl is not set, and nobody is told',
    });
  }
  if (document.http.webhookSecrets.length > 0 && !sources.some(({ type }) => type === 'namely')) {
    const message = 'has no effect: no source is of type namely, and /webhooks/namely ignores every call';
    doubts.push({ path: ['http', 'webhookSecrets'], message });
  }
  return [...doubts, ...findWebhookDoubts(document, tree), ...findIntegrationDoubts(document)];
}
