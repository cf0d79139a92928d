import type { Config } from './config/config.ts';
import { fireTimes } from './fire-times.ts';
import type { WorkerDeps } from './worker/deps.ts';

type DigestTimes = { readonly slack: Pick<Config['slack'], 'digest'>; readonly timezone: string };

/** The next time of that day's clock; where the clocks leave it out, when they go on. */
export function digestDueOf({ slack: { digest }, timezone }: DigestTimes): WorkerDeps['digestDue'] {
  if (digest.kind === 'immediate') return undefined;
  const [hour, minute] = digest.at.split(':').map(Number);
  const times = fireTimes(`${minute} ${hour} * * *`, timezone);
  return (now) => {
    const [next] = times.next(1, now);
    if (next === undefined) throw new Error('a time of the day that never comes');
    return next;
  };
}
