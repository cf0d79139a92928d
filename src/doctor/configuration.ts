import type { CheckResult } from '../cli/doctor.ts';
import type { Config } from '../config/config.ts';
import type { LoadedConfig } from '../config/load.ts';
import { isListed } from '../net/hosts.ts';

const HOURS_A_DAY = 24;

/** What can be said of the settings alone. */
export function describeConfig({ config, warnings }: LoadedConfig): readonly CheckResult[] {
  const name = 'configuration';
  const where = config.file ?? 'environment variables';
  const count = config.sources.length;
  const detail = `${count} ${count === 1 ? 'source' : 'sources'} from ${where}`;
  const doubts = warnings.map((warning) => ({ name, status: 'warn', detail: warning }) as const);
  return [{ name, status: 'ok', detail }, ...doubts, ...doubtTokens(config)];
}

export function describeTimezone({ config }: LoadedConfig, now: Date): CheckResult {
  const { timezone } = config;
  const local = new Intl.DateTimeFormat('en-CA', {
    timeZone: timezone,
    dateStyle: 'short',
    timeStyle: 'short',
    hourCycle: 'h23',
  }).format(now);
  const detail = `days end in ${timezone}, where it is ${local.replace(',', '')}`;
  return { name: 'timezone', status: 'ok', detail };
}

/** Where requests may go, besides the vendors' own hosts. */
export function describeNetwork(config: Config): readonly CheckResult[] {
  const name = 'network';
  const { allow, proxies } = config.network;
  const urls = urlsOf(config);
  const unused = allow.filter((entry) => !urls.some((url) => isListed(url, [entry])));
  const proxy = proxies.https === undefined && proxies.http === undefined ? '' : ', through a proxy';
  const listed = allow.length === 0 ? '' : `; network.allow lets ${allow.join(', ')} be anything`;
  const detail = `https to the vendors' and the configured hosts alone${proxy}${listed}`;
  return [
    { name, status: 'ok', detail },
    ...unused.map((entry) => ({
      name,
      status: 'warn' as const,
      detail: `network.allow has ${entry}, and nothing of the configuration is there`,
      fix: 'take it out, or correct its host or port',
    })),
  ];
}

export function describeRetention({ retention, policy, sources }: Config): CheckResult {
  const name = 'retention';
  const { versionsDays, runsDays } = retention;
  const detail = `versions of rows are kept ${versionsDays} days, listings ${runsDays}; findings and reports for good`;
  const slaDays = policy.rules.leaver_account.slaHours / HOURS_A_DAY;
  const ageDays = Math.max(0, ...sources.map(({ maxAgeMs = 0 }) => maxAgeMs)) / (HOURS_A_DAY * 3_600_000);
  const least = Math.ceil(Math.max(slaDays, ageDays));
  if (Math.min(versionsDays, runsDays) >= least) return { name, status: 'ok', detail };
  const fix = `keep both at least ${least} days: slaHours and maxAge look back that far`;
  return { name, status: 'warn', detail, fix };
}

/** One token in two places: one of them is a copy that went wrong. */
function doubtTokens({ sources }: Config): readonly CheckResult[] {
  const tokens = new Map<string, string>();
  const results: CheckResult[] = [];
  for (const source of sources) {
    const token =
      source.type === 'scim'
        ? source.token
        : 'access' in source && source.access.kind === 'token'
          ? source.access.token
          : undefined;
    if (token === undefined) continue;
    const other = tokens.get(token);
    if (other === undefined) tokens.set(token, source.name);
    else {
      const detail = `${other} and ${source.name} have the same token`;
      const fix = `copy the token of each from its own vendor`;
      results.push({ name: 'configuration', status: 'warn', detail, fix });
    }
  }
  return results;
}

function urlsOf({ sources, slack }: Config): readonly URL[] {
  const texts = sources.flatMap((source) => {
    if (source.type === 'file') return source.location.kind === 'url' ? [source.location.url] : [];
    if (!('baseUrl' in source)) return [];
    const oauth =
      'access' in source && source.access.kind === 'oauth'
        ? [source.access.oauth.tokenUrl, source.access.oauth.authorizeUrl]
        : [];
    return [source.baseUrl, ...oauth];
  });
  return [...texts, ...(slack.webhookUrl === undefined ? [] : [slack.webhookUrl])].flatMap(
    (text) => URL.parse(text) ?? [],
  );
}
