import type { Fault } from './faults.ts';
import type { ConfigFile } from './schema.ts';

/**
 * Nimbus: "A new API User should be created in Nimbus for each integration." One account under two entries is a fault
 * (source-checks.ts). Two API Users for one integration are a doubt only: while a login is replaced, both are there for a while. An entry
 * without a purpose keeps anybody from telling.
 */
export function findIntegrationDoubts({ sources, serviceAccounts }: ConfigFile): readonly Fault[] {
  const nimbus = new Set(sources.filter(({ type }) => type === 'nimbus').map(({ name }) => name));
  const seen = new Set<string>();
  return serviceAccounts.flatMap(({ source, purpose }, index): readonly Fault[] => {
    if (!nimbus.has(source)) return [];
    const path = ['serviceAccounts', index];
    if (purpose === undefined) {
      return [{ path, message: 'has no purpose; name the one integration that this API User is for' }];
    }
    const key = JSON.stringify([source, fold(purpose)]);
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    const message =
      'is the purpose of two accounts; an integration needs one API User, so close the one it does not use';
    return [{ path: [...path, 'purpose'], message }];
  });
}

function fold(purpose: string): string {
  return purpose.normalize('NFKC').toLowerCase().replaceAll(/\s+/gu, ' ').trim();
}
