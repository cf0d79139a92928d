import type { CheckResult } from '../cli/doctor.ts';
import type { Config, SourceConfig } from '../config/config.ts';
import { oauthOf } from '../config/oauth-of.ts';
import { tokenAgeWarning } from '../core/token-age.ts';
import { OperationalError } from '../errors.ts';
import { createGuardedFetch } from '../net/guarded-fetch.ts';
import type { CredentialStore } from '../ports/credentials.ts';
import type { Capacity, Source, TokenOwner } from '../ports/sources.ts';
import { settlesWithin } from '../store/within.ts';
import { RENEWAL_MS, type Surroundings } from '../wire.ts';
import { openCredentials, openSource } from '../wire-sources.ts';
import { adviseVendor, describeAnswer, signIn, type Step, type Trouble, type VendorSource } from './advice.ts';
import { watchAnswers, type Watched } from './answers.ts';
import type { Known } from './known.ts';
import { checkList } from './list.ts';
import { findOtherAddress } from './other-address.ts';
import { doubtHeaders, doubtRoster, factsOf, type RosterFacts } from './roster-doubts.ts';
import type { SharedStore } from './shared-store.ts';
import { ASK_TIMEOUT_MS } from './times.ts';
import { toFailure } from './to-failure.ts';

/** So full that somebody should know. */
const NEARLY_FULL = 0.95;

export type Asking = {
  readonly config: Config;
  readonly surroundings: Surroundings;
  readonly shared: SharedStore;
  readonly known: () => Promise<Known>;
};

export function nameOf({ name }: SourceConfig): string {
  return `source ${name}`;
}

/** Asks a vendor as a run would, for the first page alone; a list is read to its end. Nothing is stored. */
export async function checkSource(source: SourceConfig, asking: Asking): Promise<readonly CheckResult[]> {
  if (source.type === 'file' || source.type === 'nimbus' || source.type === 'sql') {
    return await checkList(nameOf(source), source, asking);
  }
  const { config, surroundings, shared } = asking;
  // Only tokens that rotate are in the database.
  if (oauthOf(source) === undefined) return await checkVendor(source, asking);
  try {
    return await shared.use(async (store) => {
      const credentials = openCredentials(config, store, surroundings.clock);
      try {
        return await checkVendor(source, asking, credentials);
      } finally {
        await settlesWithin(credentials.settled(), RENEWAL_MS);
      }
    });
  } catch (error) {
    return [toFailure(nameOf(source), error, signIn(source))];
  }
}

async function checkVendor(
  source: VendorSource,
  { config, surroundings, known }: Asking,
  credentials?: CredentialStore,
): Promise<readonly CheckResult[]> {
  const name = nameOf(source);
  const watched = watchAnswers(createGuardedFetch(config.network), () => surroundings.clock().getTime());
  const open = (asked: VendorSource): Source => openSource(asked, config, credentials, watched.fetch);
  const tryOthers = async (trouble: Trouble): Promise<string | undefined> =>
    await findOtherAddress(source, trouble, async (asked) => await refusalOfRoster(open(asked), watched));
  try {
    const adapter = open(source);
    const owner = await adapter.whoami?.(AbortSignal.timeout(ASK_TIMEOUT_MS));
    const trouble = await refusalOfRoster(adapter, watched);
    const around = doubtHeaders(name, await watched.answers());
    if (trouble !== undefined) {
      return [failed(name, source, { trouble, owner, other: await tryOthers(trouble) }), ...around];
    }
    const facts = factsOf(source, await watched.answers(), (await known()).accounts.get(source.name));
    const room = await adapter.capacity?.(AbortSignal.timeout(ASK_TIMEOUT_MS));
    return [
      { name, status: 'ok', detail: `${describeOwner(owner)}; ${describePeople(facts)}` },
      ...(facts === undefined ? [] : doubtRoster(name, source, facts)),
      ...around,
      ...(room === undefined ? [] : [describeCapacity(name, room)]),
      ...describeAge(name, source, surroundings),
    ];
  } catch (error) {
    return await ownerFailed(name, source, { error, watched, tryOthers });
  }
}

type OwnerFailed = {
  readonly error: unknown;
  readonly watched: Watched;
  readonly tryOthers: (trouble: Trouble) => Promise<string | undefined>;
};

/** Nobody is known to own the token, or nothing could be asked at all. */
async function ownerFailed(
  name: string,
  source: VendorSource,
  { error, watched, tryOthers }: OwnerFailed,
): Promise<readonly CheckResult[]> {
  if (!(error instanceof OperationalError) || error.code === 'config-invalid' || error.code.startsWith('database-')) {
    return [toFailure(name, error, 'mend what the message names')];
  }
  // A SCIM server need not know whose token it is: then its roster was asked.
  const step = source.type === 'scim' ? 'roster' : 'owner';
  const trouble = await toTrouble(step, { code: error.code, detail: error.message }, watched);
  const other = step === 'roster' ? await tryOthers(trouble) : undefined;
  return [failed(name, source, { trouble, other }), ...doubtHeaders(name, await watched.answers())];
}

type Failed = {
  readonly trouble: Trouble;
  readonly owner?: TokenOwner | undefined;
  /** A setting with which the roster answers. */
  readonly other?: string | undefined;
};

function failed(name: string, source: VendorSource, { trouble, owner, other }: Failed): CheckResult {
  const what = describeAnswer(source, trouble);
  const detail = owner === undefined ? what : `${describeOwner(owner)}, but ${what}`;
  return { name, status: 'fail', detail, fix: other ?? adviseVendor(source, trouble), code: trouble.code };
}

/** Why the roster cannot be read. Its first rows are enough; the rest is not asked for, and nothing is stored. */
async function refusalOfRoster(source: Source, watched: Watched): Promise<Trouble | undefined> {
  const ended = new AbortController();
  const signal = AbortSignal.any([AbortSignal.timeout(ASK_TIMEOUT_MS), ended.signal]);
  const listing = source.list({ mode: 'full', budgetMs: 0, signal, progress: () => undefined });
  try {
    const first = await listing.next();
    // Before pages that were asked for ahead are cut off: the first has been read, and is looked at.
    await watched.answers();
    if (first.done !== true) return undefined;
    const { outcome } = first.value;
    if (outcome.kind === 'ended') return undefined;
    const late = `no answer within ${ASK_TIMEOUT_MS / 1000} s`;
    const detail = signal.aborted ? late : outcome.detail;
    const code = outcome.kind === 'deferred' ? 'source-deferred' : 'code' in outcome ? outcome.code : 'source-contract';
    return await toTrouble('roster', { code, detail }, watched);
  } finally {
    ended.abort();
  }
}

async function toTrouble(step: Step, what: Pick<Trouble, 'code' | 'detail'>, watched: Watched): Promise<Trouble> {
  return { step, ...what, answer: (await watched.answers()).at(-1) };
}

function describePeople(facts: RosterFacts | undefined): string {
  if (facts === undefined) return 'the roster answers';
  const { people, atLeast } = facts;
  return `the roster answers, with ${atLeast ? 'at least ' : ''}${people} ${people === 1 ? 'row' : 'rows'}`;
}

function describeAge(name: string, source: SourceConfig, { clock }: Surroundings): readonly CheckResult[] {
  const issued = source.type === 'namely' ? source.tokenIssued : undefined;
  const detail =
    issued === undefined ? undefined : tokenAgeWarning(issued, clock().toISOString().slice(0, issued.length));
  return detail === undefined
    ? []
    : [{ name, status: 'warn', detail, fix: 'the vendor ends a personal token after two years' }];
}

function describeOwner(owner: TokenOwner | undefined): string {
  if (owner === undefined) return 'the token is accepted; the vendor does not say whose it is';
  return `the token belongs to ${owner.email ?? owner.externalId ?? 'an unnamed user'} (${owner.shape})`;
}

function describeCapacity(name: string, { what, used, limit }: Capacity): CheckResult {
  const detail = `${used} of ${limit} ${what}`;
  if (used < limit * NEARLY_FULL) return { name, status: 'ok', detail };
  return { name, status: 'warn', detail, fix: `make room: the vendor takes no more ${what} than that` };
}
