import { answerNimble } from '../../../src/sandbox/nimble.ts';
import type { Vendor } from '../../../src/sandbox/answer.ts';
import type { Drift } from '../../../src/sandbox/drift.ts';
import type { Fault, FaultEffect, FaultMatch } from '../../../src/sandbox/fault.ts';
import { renderIdentitiesCsv } from '../../../src/sandbox/identities.ts';
import { SANDBOX_SECRETS, type World } from '../../../src/sandbox/world.ts';
import type { Verdict } from './believed.ts';
import type { SourceName } from './rows.ts';

/** One thing that goes wrong while a source is read, with what must come of it: written down here, from the contract. */
export type Trouble = {
  readonly what: string;
  readonly source: SourceName;
  /** Absent: whatever is due. `full` and `delta`: fits only such a run. */
  readonly fits?: 'full' | 'delta' | undefined;
  readonly verdict: Verdict;
  /** Which rows of the list the answer holds, by position; absent: all. */
  readonly shows?: ((index: number, count: number) => boolean) | undefined;
  /** A reading of changes that must end as a full one in the same run. */
  readonly turnsFull?: boolean | undefined;
  /** So long it must not be asked again: the vendor said until when. */
  readonly silencesHours?: number | undefined;
  /** How old the identity list is, in seconds. */
  readonly ageSeconds?: number | undefined;
  readonly declare: (world: World) => { readonly faults?: readonly Planned[]; readonly drift?: Drift['change'] };
};
type Planned = { readonly match?: Partial<FaultMatch>; readonly effect: FaultEffect };

const nothing = (): boolean => false;
const firstHalf = (index: number, count: number): boolean => index < Math.floor(count / 2);
const fault =
  (effect: FaultEffect, match: Partial<FaultMatch> = {}) =>
  () => ({ faults: [{ match, effect }] });
const ONCE = { attempts: { from: 1, to: 1 } };
const TWICE = { attempts: { from: 1, to: 2 } };
const OUTAGE: FaultEffect = { kind: 'status', status: 503 };
const CUT: FaultEffect = { kind: 'cut', afterBytes: 200 };

const PATHS = { directory: '/identities.csv', nimble: '/api/v1/team/members', namely: '/api/v1/profiles' } as const;
export const PER_PAGE = 20;

/** Taken in this order, each when a run comes that it fits. */
export const TROUBLES: readonly Trouble[] = [
  { what: 'Nimble is down', source: 'nimble', verdict: 'incomplete', shows: nothing, declare: fault(OUTAGE) },
  {
    what: 'the identity list is down',
    source: 'directory',
    verdict: 'incomplete',
    shows: nothing,
    declare: fault(OUTAGE),
  },
  { what: 'Namely is down', source: 'namely', verdict: 'incomplete', shows: nothing, declare: fault(OUTAGE) },
  {
    what: 'Namely throttles twice (406)',
    source: 'namely',
    verdict: 'complete',
    declare: fault({ kind: 'status', status: 406 }, TWICE),
  },
  {
    what: 'an empty Nimble',
    source: 'nimble',
    verdict: 'suspicious',
    shows: nothing,
    declare: fault({ kind: 'empty' }),
  },
  {
    what: 'half an identity list',
    source: 'directory',
    verdict: 'suspicious',
    shows: firstHalf,
    declare: halfDirectory,
  },
  {
    what: 'page 3 of Namely is down',
    source: 'namely',
    fits: 'full',
    verdict: 'incomplete',
    shows: (index) => Math.floor(index / PER_PAGE) !== 2,
    declare: fault(OUTAGE, { page: 3 }),
  },
  {
    what: 'a login page in place of the identity list',
    source: 'directory',
    verdict: 'incomplete',
    shows: nothing,
    declare: fault({ kind: 'html' }),
  },
  { what: 'Nimble cuts the first body', source: 'nimble', verdict: 'complete', declare: fault(CUT, ONCE) },
  {
    what: 'Namely does not sort',
    source: 'namely',
    fits: 'delta',
    turnsFull: true,
    verdict: 'complete',
    declare: fault({ kind: 'ignore', parameters: ['sort'] }),
  },
  {
    what: 'Nimble asks to wait eight hours (429)',
    source: 'nimble',
    verdict: 'deferred',
    shows: nothing,
    silencesHours: 8,
    declare: fault({ kind: 'status', status: 429, headers: { 'retry-after': String(8 * 3600) } }),
  },
  {
    what: 'an empty Namely',
    source: 'namely',
    verdict: 'suspicious',
    turnsFull: true,
    shows: nothing,
    declare: fault({ kind: 'empty' }),
  },
  {
    what: 'the identity list is 30 hours old',
    source: 'directory',
    verdict: 'complete',
    ageSeconds: 30 * 3600,
    declare: () => ({}),
  },
  { what: 'the total of Nimble is five too high', source: 'nimble', verdict: 'incomplete', declare: liesInNimble },
  {
    what: 'a profile is deleted between two pages',
    source: 'namely',
    fits: 'full',
    verdict: 'complete',
    declare: slip,
  },
  { what: 'the identity list names somebody twice', source: 'directory', verdict: 'incomplete', declare: repeatedRow },
  {
    what: 'Nimble refuses the token (403)',
    source: 'nimble',
    verdict: 'incomplete',
    shows: nothing,
    declare: fault({ kind: 'status', status: 403 }),
  },
  {
    what: 'Namely throttles to the end (406)',
    source: 'namely',
    verdict: 'incomplete',
    shows: nothing,
    declare: fault({ kind: 'status', status: 406 }),
  },
  {
    what: 'Namely throttles page 2 (429)',
    source: 'namely',
    fits: 'full',
    verdict: 'complete',
    declare: fault({ kind: 'status', status: 429, headers: { 'retry-after': '7' } }, { page: 2, ...ONCE }),
  },
  {
    what: 'the identity list is cut each time',
    source: 'directory',
    verdict: 'incomplete',
    shows: nothing,
    declare: fault(CUT),
  },
  {
    what: 'Nimble sends pages that it does not document',
    source: 'nimble',
    verdict: 'complete',
    declare: fault({ kind: 'cap', perPage: 30 }),
  },
  {
    what: 'Namely sends a login page',
    source: 'namely',
    verdict: 'incomplete',
    shows: nothing,
    declare: fault({ kind: 'html' }),
  },
  { what: 'half of Nimble', source: 'nimble', verdict: 'suspicious', shows: firstHalf, declare: halfNimble },
  {
    what: 'the total of Namely is three too high',
    source: 'namely',
    fits: 'full',
    verdict: 'incomplete',
    declare: liesInNamely,
  },
  {
    what: 'an identity list without rows',
    source: 'directory',
    // A header alone is a file that broke off, not a company without people (docs/sources/file.md).
    verdict: 'incomplete',
    shows: nothing,
    declare: fault({ kind: 'empty' }),
  },
  {
    what: 'Nimble sends half a JSON document',
    source: 'nimble',
    verdict: 'incomplete',
    shows: nothing,
    declare: fault({ kind: 'body', body: '{"resources":[{"id":"n-w001","em' }),
  },
  {
    what: 'every page of Namely is the first',
    source: 'namely',
    fits: 'full',
    verdict: 'incomplete',
    shows: (index) => index < PER_PAGE,
    declare: fault({ kind: 'ignore', parameters: ['page'] }),
  },
  {
    what: 'the identity list comes at the third try',
    source: 'directory',
    verdict: 'complete',
    declare: fault(OUTAGE, TWICE),
  },
  {
    what: 'Namely refuses the token (401)',
    source: 'namely',
    verdict: 'incomplete',
    shows: nothing,
    declare: fault({ kind: 'status', status: 401 }),
  },
  {
    what: 'Nimble throttles twice (429)',
    source: 'nimble',
    verdict: 'complete',
    declare: fault({ kind: 'status', status: 429 }, TWICE),
  },
  { what: 'Namely cuts page 1 once', source: 'namely', verdict: 'complete', declare: fault(CUT, ONCE) },
];

/** The faults and drifts of one run. */
export function declare(trouble: Trouble, id: string, world: World): Pick<World, 'faults' | 'drift'> {
  const vendor: Vendor = trouble.source === 'directory' ? 'identities' : trouble.source;
  const path = PATHS[trouble.source];
  const { faults = [], drift } = trouble.declare(world);
  const declared: readonly Fault[] = faults.map(({ match, effect }) => ({
    id,
    effect,
    match: { vendor, path, ...match },
  }));
  const firstPage = { vendor, path, page: 1 } as const;
  return {
    faults: declared,
    drift: drift === undefined ? [] : [{ id: `${id}-drift`, match: firstPage, change: drift }],
  };
}

function halfDirectory(world: World): ReturnType<Trouble['declare']> {
  const listed = world.people.filter(({ identity }) => identity !== undefined);
  const people = listed.slice(0, Math.floor(listed.length / 2));
  return { faults: [{ effect: { kind: 'body', body: renderIdentitiesCsv({ ...world, people }) } }] };
}

function repeatedRow(world: World): ReturnType<Trouble['declare']> {
  const body = renderIdentitiesCsv(world);
  const last = body.trimEnd().split('\n').at(-1) ?? '';
  return { faults: [{ effect: { kind: 'body', body: `${body}${last}\n` } }] };
}

function halfNimble(world: World): ReturnType<Trouble['declare']> {
  const members = world.people.flatMap(({ nimble = [] }) => nimble.map((member) => ({ nimble: [member] })));
  const people = members.slice(0, Math.floor(members.length / 2));
  const request = { vendor: 'nimble', method: 'GET', path: PATHS.nimble, query: {}, body: '' } as const;
  const asked = { ...request, bearer: SANDBOX_SECRETS.nimbleToken };
  const { body } = answerNimble({ ...world, people }, asked, { empty: false });
  return { faults: [{ effect: { kind: 'body', body } }] };
}

function liesInNimble({ people }: World): ReturnType<Trouble['declare']> {
  const count = people.flatMap(({ nimble = [] }) => nimble).length;
  return { faults: [{ effect: { kind: 'total', total: count + 5 } }] };
}

function liesInNamely({ people }: World): ReturnType<Trouble['declare']> {
  const count = people.flatMap(({ namely = [] }) => namely).length;
  return { faults: [{ effect: { kind: 'total', total: count + 3 } }] };
}

/** A row of page 1 goes right after that page was read, so that the first row of page 2 is on no page. */
function slip({ people }: World): ReturnType<Trouble['declare']> {
  const rows = people.flatMap(({ namely = [] }) => namely).slice(0, PER_PAGE);
  const gone = rows.find(({ status }) => status === 'inactive') ?? rows[0];
  if (gone === undefined) throw new Error('Namely has nobody');
  return { drift: { kind: 'delete', list: 'namely', rowId: gone.id } };
}
