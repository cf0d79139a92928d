import type { Metrics } from './http/metrics.ts';
import type { Source } from './ports/sources.ts';

/** The same source; what its readings cost is told to the metrics. */
export function countReadings(source: Source, metrics: Pick<Metrics, 'countReading'>): Source {
  const { name } = source;
  metrics.countReading(name, {});
  return {
    ...source,
    list: async function* (request) {
      const end = yield* source.list({
        ...request,
        progress: (step) => {
          if (step.kind === 'wait') metrics.countReading(name, { waitMs: step.ms });
          request.progress(step);
        },
      });
      metrics.countReading(name, { requests: end.requests });
      return end;
    },
  };
}
