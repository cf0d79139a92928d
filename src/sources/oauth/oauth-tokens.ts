import { OperationalError } from '../../errors.ts';
import type { CredentialChange, CredentialStore, StoredCredential, TokenSet } from '../../ports/credentials.ts';
import { deferred, exhausted, stopped } from '../failures.ts';
import { sleep } from '../pacer.ts';
import type { Reading } from '../reading.ts';
import type { Timing } from '../timing.ts';
import type { Tokens } from '../tokens.ts';
import type { OAuthClient, TokenReply } from './client.ts';
import { isDue, isOver } from './lifetime.ts';

type OAuthTokensOptions = {
  readonly source: string;
  readonly client: Pick<OAuthClient, 'refresh' | 'grantor'>;
  readonly store: CredentialStore;
  readonly timing: Timing;
};

/** What came of one attempt to renew, for all that wait for it. */
type Renewal =
  | { readonly kind: 'tokens'; readonly tokens: TokenSet }
  | { readonly kind: 'failed'; readonly failure: OperationalError }
  | { readonly kind: 'busy'; readonly reason: string; readonly waitMs: number; readonly asked: boolean };

/** `failure`: the refresh token alone could be used. */
type Unsaved = { readonly replaces: TokenSet; readonly tokens: TokenSet; readonly failure?: OperationalError };

type Decide = (stored: StoredCredential) => Promise<CredentialChange>;

const TRIES_MAX = 10;
const BACKOFF_FIRST_MS = 1000;
const BACKOFF_MAX_MS = 30_000;
/** After a renewal ahead of time failed, the old token is used so long before the next attempt. */
const AHEAD_AGAIN_MS = 30_000;

/**
 * The rotating token of one source. However many pages, sources and workers find it ended, one request renews it: the pages of
 * this process wait for one promise, the workers for the lock on the stored credential.
 */
export class OAuthTokens implements Tokens {
  readonly #options: OAuthTokensOptions;
  #held: TokenSet | undefined;
  #renewing: Promise<Renewal> | undefined;
  #busyInARow = 0;
  #aheadNotBeforeMs = 0;
  /** Obtained, but the database failed before it was stored: the next attempt stores it instead of asking again. */
  #unsaved: Unsaved | undefined;

  constructor(options: OAuthTokensOptions) {
    this.#options = options;
  }

  async current(reading: Reading): Promise<string> {
    const { store, timing } = this.#options;
    this.#held ??= this.#readable(await store.load(this.#options.source));
    const held = this.#held;
    if (!isDue(held, timing.wallMs())) return held.access;
    if (isOver(held, timing.wallMs())) return await this.#renewed(undefined, reading);
    // Ahead of time: should it fail, the old token still does for a while, and nobody waits.
    if (timing.monotonicMs() < this.#aheadNotBeforeMs) return held.access;
    const renewal = await this.#attempt(undefined, reading);
    if (renewal.kind === 'tokens') return renewal.tokens.access;
    const askedMs = renewal.kind === 'busy' && renewal.asked ? renewal.waitMs : 0;
    this.#aheadNotBeforeMs = timing.monotonicMs() + Math.max(AHEAD_AGAIN_MS, askedMs);
    return held.access;
  }

  readonly renew = async (refused: string, reading: Reading): Promise<string> => await this.#renewed(refused, reading);

  async #renewed(refused: string | undefined, reading: Reading): Promise<string> {
    const { source, timing } = this.#options;
    for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
      const wasUnderWay = this.#renewing !== undefined;
      const startedMs = timing.monotonicMs();
      const renewal = await this.#attempt(refused, reading);
      // An attempt that was under way for another reason may have found in order what was refused here.
      if (renewal.kind === 'tokens' && renewal.tokens.access === refused && wasUnderWay) continue;
      if (renewal.kind === 'tokens') return renewal.tokens.access;
      if (renewal.kind === 'failed') throw renewal.failure;
      const { reason, waitMs, asked } = renewal;
      // An endpoint that hangs costs patience as one that says "later" does.
      const isPaid = reading.charge(startedMs, timing.monotonicMs() + waitMs) !== undefined;
      if (!isPaid && asked) throw deferred(source, new Date(timing.wallMs() + waitMs));
      if (!isPaid) throw exhausted(source, reason, tries);
      reading.progress({ kind: 'wait', ms: waitMs, reason: `${source}: ${reason}` });
      await sleep({ source, timing }, waitMs, reading);
    }
    throw exhausted(source, 'no token', TRIES_MAX);
  }

  /** Not ended by the reading that began it: others wait too, and a token that was given must be stored. */
  async #attempt(refused: string | undefined, reading: Reading): Promise<Renewal> {
    this.#renewing ??= this.#renewOnce(refused).finally(() => {
      this.#renewing = undefined;
    });
    const { promise: stop, reject } = Promise.withResolvers<never>();
    const give = (): void => reject(stopped(this.#options.source));
    reading.signal.addEventListener('abort', give);
    if (reading.signal.aborted) give();
    try {
      return await Promise.race([this.#renewing, stop]);
    } finally {
      reading.signal.removeEventListener('abort', give);
    }
  }

  async #renewOnce(refused: string | undefined): Promise<Renewal> {
    const met: { other?: Renewal } = {};
    const decide: Decide = async (stored) => {
      if (stored.kind === 'ended' || this.#isRenewed(stored.tokens, refused)) return { kind: 'keep' };
      if (this.#unsaved === undefined || !isSame(this.#unsaved.replaces, stored.tokens)) {
        const reply = await this.#options.client.refresh(stored.tokens);
        if (reply.kind === 'ended') return { kind: 'end' };
        if (reply.kind === 'busy') met.other = this.#toBusy(reply);
        if (reply.kind === 'failed') met.other = reply;
        this.#unsaved = toUnsaved(stored.tokens, reply);
      }
      if (this.#unsaved === undefined) return { kind: 'keep' };
      const { tokens, failure } = this.#unsaved;
      if (failure !== undefined) met.other = { kind: 'failed', failure };
      return { kind: 'store', tokens };
    };
    const after = await this.#storeAgain(decide);
    if (after === 'busy') return this.#toBusy({ reason: 'another process is renewing the token' });
    this.#unsaved = undefined;
    if (met.other?.kind === 'busy') return met.other;
    this.#busyInARow = 0;
    this.#held = undefined;
    this.#held = this.#readable(after);
    return met.other ?? { kind: 'tokens', tokens: this.#held };
  }

  /** The process may end with this reading: what the vendor has given is offered to the database once more at once. */
  async #storeAgain(decide: Decide): Promise<StoredCredential | 'busy' | undefined> {
    const { source, store } = this.#options;
    try {
      return await store.renew(source, decide);
    } catch (error) {
      if (error instanceof OperationalError && error.code === 'busy') return 'busy';
      if (this.#unsaved === undefined) throw error;
      return await store.renew(source, decide);
    }
  }

  /** Whether another worker, or a person, was faster; or the tokens are none of this client's to ask with. */
  #isRenewed(stored: TokenSet, refused: string | undefined): boolean {
    if (stored.grantedBy !== this.#options.client.grantor) return true;
    return stored.access !== refused && !isDue(stored, this.#options.timing.wallMs());
  }

  #toBusy({ reason, askedMs }: { readonly reason: string; readonly askedMs?: number | undefined }): Renewal {
    this.#busyInARow += 1;
    const cap = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (this.#busyInARow - 1));
    const waitMs = askedMs ?? this.#options.timing.random() * cap;
    return { kind: 'busy', reason, waitMs, asked: askedMs !== undefined };
  }

  /** The tokens, or what a person has to do. No request is made for a credential that has ended, or with one that is somebody else's. */
  #readable(stored: StoredCredential | undefined): TokenSet {
    const { source, client } = this.#options;
    if (stored?.kind === 'tokens' && stored.tokens.grantedBy === client.grantor) return stored.tokens;
    throw new OperationalError('source-auth', `${source}: ${whyNot(stored)}; run \`rollcall login ${source}\``);
  }
}

/** What must be stored of a reply. A refresh token that came with nothing else is kept beside the access that was there. */
function toUnsaved(replaces: TokenSet, reply: TokenReply): Unsaved | undefined {
  if (reply.kind === 'tokens') return { replaces, tokens: reply.tokens };
  if (reply.kind !== 'failed' || reply.refresh === undefined || reply.refresh === replaces.refresh) return undefined;
  return { replaces, tokens: { ...replaces, refresh: reply.refresh }, failure: reply.failure };
}

function isSame(one: TokenSet, other: TokenSet): boolean {
  return one.access === other.access && one.refresh === other.refresh;
}

function whyNot(stored: StoredCredential | undefined): string {
  if (stored === undefined) return 'nobody has signed in yet';
  if (stored.kind === 'tokens') return 'somebody has signed in, but at another tokenUrl or with another clientId';
  return 'needs re-authorisation, the vendor has ended the right it gave';
}
