import { fork } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';
import type { PlainDate } from '../../src/core/row.ts';
import type { Bench } from './bench.ts';
import { imageNode } from './image.ts';
import { FILE_COLUMNS, fileOf } from './plain-table.ts';
import { mustEqual } from './repeat.ts';

export type Row = {
  readonly id: string;
  readonly email: string | undefined;
  readonly aliases: readonly string[];
  readonly status: string;
  readonly isService: boolean;
  readonly startDate: string | undefined;
  readonly isUsable: boolean;
  readonly hasEnded: boolean;
};

const PLACE = new Map(FILE_COLUMNS.map((name, at) => [name, at]));
const Answer = z.object({ ms: z.number(), peakRssBytes: z.number(), found: z.record(z.string(), z.number()) });

/** By a process of its own, whose findings must be as many as were made. */
export async function joinByMap(
  bench: Bench,
  today: PlainDate,
): Promise<{ readonly ms: number; readonly peakRssBytes: number }> {
  const { flags } = await imageNode(bench.database);
  const child = fork(
    new URL('map-join-child.ts', import.meta.url),
    [fileOf(bench, 'directory'), fileOf(bench, 'application'), today],
    { execArgv: [...flags, '--max-old-space-size=8192'], signal: bench.signal },
  );
  const ended = new AbortController();
  child.once('exit', () => ended.abort(new Error('the process of the Map has ended')));
  child.once('error', (error) => ended.abort(error));
  const [message]: readonly unknown[] = await once(child, 'message', { signal: ended.signal });
  const { found, ...rest } = Answer.parse(message);
  mustEqual('findings of the Map', sorted(Object.entries(found)), sorted(bench.company.expected));
  return rest;
}

function sorted(counts: Iterable<readonly [string, number]>): readonly (readonly [string, number])[] {
  return [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** A line as COPY writes it. What is read here has no character that COPY escapes. */
export function readLine(line: string, today: PlainDate): Row {
  const fields = line.split('\t');
  const of = (name: string): string | undefined => {
    const value = fields[PLACE.get(name) ?? -1];
    return value === '\\N' ? undefined : value;
  };
  const status = of('status') ?? '';
  const aliases = of('aliases') ?? '{}';
  const endDate = of('end_date');
  return {
    id: of('external_id') ?? '',
    email: of('email'),
    aliases: aliases === '{}' ? [] : aliases.slice(2, -2).split('","'),
    status,
    isService: of('kind') === 'service',
    startDate: of('start_date'),
    isUsable: status === 'active' || status === 'unknown',
    hasEnded: endDate !== undefined && endDate < today,
  };
}

type Judged = {
  readonly row: Row;
  readonly count: number;
  /** Of the one person whose account it is. */
  readonly status?: string | undefined;
  readonly hasLeft: boolean;
  readonly hasBegun: boolean;
};

const isJudged = ({ row }: Judged): boolean => row.isUsable && !row.isService;
const FINDINGS: readonly (readonly [string, (of: Judged) => boolean])[] = [
  ['orphaned_account', (of) => isJudged(of) && of.count === 0],
  ['disputed_account', (of) => isJudged(of) && of.count > 1],
  ['leaver_account', (of) => isJudged(of) && of.hasLeft],
  [
    'inactive_account',
    ({ row, status, hasLeft, hasBegun }) => row.status === 'inactive' && status !== undefined && !hasLeft && hasBegun,
  ],
  ['service_account_unowned', ({ row }) => row.isService && row.status !== 'inactive'],
  ['lifecycle_conflict', ({ row }) => row.isUsable && row.hasEnded],
];

/** The rules that find something of one account and the people that it could belong to (contract §6, as in `duckdb.ts`). */
export function findingsOf(row: Row, people: readonly Row[], today: PlainDate): readonly string[] {
  const [person] = people.length === 1 ? people : [];
  const judged: Judged = {
    row,
    count: people.length,
    status: person?.status,
    hasLeft: person?.status === 'inactive' || person?.hasEnded === true,
    hasBegun: (person?.startDate ?? today) <= today,
  };
  return FINDINGS.filter(([, isFound]) => isFound(judged)).map(([rule]) => rule);
}
