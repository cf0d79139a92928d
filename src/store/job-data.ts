import { OperationalError } from '../errors.ts';
import type { SyncMode } from '../ports/alerts.ts';
import type { Alert } from '../ports/store.ts';

/** What a job holds. It comes back from a table that another version of this program may have written, so it is read again. */
export type SyncJob = { readonly source: string; readonly mode: SyncMode };

/** What is stored: to a version that knows no `first`, it is a full one. */
export function toSyncData({ source, mode }: SyncJob): object {
  return mode === 'first' ? { source, mode: 'full', first: true } : { source, mode };
}

export function parseSyncJob(data: unknown): SyncJob | undefined {
  if (!isRecord(data)) return undefined;
  const { source, mode, first } = data;
  if (typeof source !== 'string' || (mode !== 'full' && mode !== 'delta')) return undefined;
  return { source, mode: first === true ? 'first' : mode };
}

/** The id of one row. No person is in it, and nothing of what an event says. */
export function parseHintJob(data: unknown): string | undefined {
  return isRecord(data) && typeof data['id'] === 'string' ? data['id'] : undefined;
}

export function parseAlert(data: unknown): Alert | undefined {
  if (!isRecord(data)) return undefined;
  switch (data['kind']) {
    case 'catch-up':
      return parseCatchUp(data);
    case 'daily':
      return parseDaily(data);
    case 'credential':
    case 'accepted':
      return parseCredential(data);
    default:
      return parseOne(data);
  }
}

function parseDaily({ reports, due }: Readonly<Record<string, unknown>>): Alert | undefined {
  if (!isRecord(reports) || typeof due !== 'string') return undefined;
  const { from, to } = reports;
  return isId(from) && isId(to) ? { kind: 'daily', reports: { from, to }, due } : undefined;
}

function parseCredential({ kind, reportId, refused, sources }: Readonly<Record<string, unknown>>): Alert | undefined {
  if (!isId(reportId)) return undefined;
  if (kind === 'credential' && isTexts(refused)) return { kind, reportId, refused };
  return kind === 'accepted' && isTexts(sources) ? { kind, reportId, sources } : undefined;
}

function parseOne({ kind, reportId, breakerId }: Readonly<Record<string, unknown>>): Alert | undefined {
  if ((kind === 'digest' || kind === 'baseline' || kind === 'withheld') && isId(reportId)) return { kind, reportId };
  if ((kind === 'breaker' || kind === 'released' || kind === 'recovery') && isId(breakerId)) return { kind, breakerId };
  return undefined;
}

function parseCatchUp({ reports, breakerIds, releasedIds }: Readonly<Record<string, unknown>>): Alert | undefined {
  if (!isIds(breakerIds) || !isIds(releasedIds)) return undefined;
  const ids = { kind: 'catch-up', breakerIds, releasedIds } as const;
  if (reports === undefined) return ids;
  if (!isRecord(reports)) return undefined;
  const { from, to } = reports;
  return isId(from) && isId(to) ? { ...ids, reports: { from, to } } : undefined;
}

/** It has gone out once without an answer: once more at most. */
export function isSentBefore(data: unknown): boolean {
  return isRecord(data) && data['sentBefore'] === true;
}

/**
 * What is kept of a failure in the job's row: pg-boss would store the error with its stack and its causes, and client libraries
 * write URLs and parameters into theirs.
 */
export function toJobOutput(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof OperationalError) return { code: error.code, message: error.message };
  return { code: 'bug', message: `${error instanceof Error ? error.name : typeof error}: see the log` };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isId(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function isIds(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(isId);
}
