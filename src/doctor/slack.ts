import type { CheckResult } from '../cli/doctor.ts';
import type { Config } from '../config/config.ts';
import { OperationalError } from '../errors.ts';
import type { Standing } from '../ports/alerts.ts';
import { createChannelStore } from '../store/alert-channel.ts';
import type { SharedStore } from './shared-store.ts';

const NAME = 'Slack';

/** Sends nothing: what the workers have seen is in the database. */
export async function checkSlack(config: Config, shared: SharedStore): Promise<readonly CheckResult[]> {
  const { webhookUrl } = config.slack;
  if (webhookUrl === undefined) {
    const fix = 'set SLACK_WEBHOOK_URL to an incoming webhook';
    return [{ name: NAME, status: 'warn', detail: 'no webhook: findings are only in the database', fix }];
  }
  const standing = await standingOf(webhookUrl, shared);
  const { deadSince, failingSince, reason = 'no reason is known' } = standing ?? {};
  if (deadSince !== undefined) {
    const fix = `make a webhook at api.slack.com/apps > your app > Incoming Webhooks and set SLACK_WEBHOOK_URL; then start the worker anew, or call \`rollcall run\`: what waits is sent as one message`;
    return [{ name: NAME, status: 'fail', detail: `dead since ${deadSince}: ${reason}`, fix }];
  }
  if (failingSince !== undefined) {
    const fix = 'nothing, if Slack is down: what waits is kept';
    return [{ name: NAME, status: 'warn', detail: `not reached since ${failingSince}: ${reason}`, fix }];
  }
  return [{ name: NAME, status: 'ok', detail: 'a webhook is configured; nothing was sent to it' }];
}

async function standingOf(url: string, shared: SharedStore): Promise<Standing | undefined> {
  try {
    return await shared.use(async ({ database }) => await createChannelStore(database, url).standing());
  } catch (error) {
    // That the database is away, or not migrated yet, is said by its own check.
    if (error instanceof OperationalError) return undefined;
    throw error;
  }
}
