import { OperationalError } from '../errors.ts';
import type { WorkerDeps } from './deps.ts';

/** Removes what is older than it is kept, where nobody has done so today. That it fails stops nothing else: it is tried on the next day. */
export async function retainWhenDue(deps: WorkerDeps, signal: AbortSignal): Promise<void> {
  try {
    await sweep(deps, signal);
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    deps.log.error({ err: error }, 'old versions and runs not removed');
  }
}

/** The same as a job, which is tried again when it fails. */
export async function sweep({ retention, clock, log }: WorkerDeps, signal: AbortSignal): Promise<void> {
  const retained = await retention?.store.retain(retention.days, clock(), signal);
  if (retained !== undefined) log.info(retained, 'old versions and runs removed');
}
