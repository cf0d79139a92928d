import type { Check, CheckResult } from '../cli/doctor.ts';
import type { LoadedConfig } from '../config/load.ts';
import { openStore, type Surroundings } from '../wire.ts';
import { describeConfig, describeNetwork, describeRetention, describeTimezone } from './configuration.ts';
import { checkDatabase } from './database.ts';
import { checkJobs } from './jobs.ts';
import { type Known, loadKnown } from './known.ts';
import { describeSchedules } from './schedules.ts';
import { shareStore } from './shared-store.ts';
import { checkSlack } from './slack.ts';
import { checkSource, nameOf } from './source.ts';
import { toFailure } from './to-failure.ts';

/** What `doctor` looks at. The configuration comes first: without it nothing else can be known. */
export function doctorChecks(
  load: () => LoadedConfig,
  surroundingsOf: (loaded: LoadedConfig) => Surroundings,
): readonly Check[] {
  let loaded: LoadedConfig;
  try {
    loaded = load();
  } catch (error) {
    const fix = 'mend the faults; `rollcall config check` shows them again';
    return [{ name: 'configuration', run: async () => [toFailure('configuration', error, fix)] }];
  }
  const { config } = loaded;
  const surroundings = surroundingsOf(loaded);
  const now = (): Date => surroundings.clock();
  const shared = shareStore(() => openStore(config, surroundings));
  const known = once(() => loadKnown(shared));
  return [
    { name: 'configuration', run: async () => describeConfig(loaded) },
    { name: 'timezone', run: async () => [describeTimezone(loaded, now())] },
    { name: 'network', run: async () => describeNetwork(config) },
    { name: 'retention', run: async () => [describeRetention(config)] },
    { name: 'schedules', run: async () => describeSchedules(config, now()) },
    { name: 'database', run: async () => checkDatabase(config, shared, surroundings.clock) },
    { name: 'jobs', run: async () => checkJobs(shared, surroundings.log) },
    ...config.sources.map((source) => ({
      name: nameOf(source),
      source: { credential: source.credential },
      run: async (): Promise<readonly CheckResult[]> =>
        await checkSource(source, { config, surroundings, shared, known }),
    })),
    { name: 'Slack', run: async () => checkSlack(config, shared) },
  ];
}

function once(load: () => Promise<Known>): () => Promise<Known> {
  let loading: Promise<Known> | undefined;
  return () => (loading ??= load());
}
