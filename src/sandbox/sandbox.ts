import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import { toJsonAnswer, toTextAnswer, type Answer, type SandboxRequest, type Vendor } from './answer.ts';
import { toServerNow, toTrueNow } from './clock.ts';
import { deliver } from './delivery.ts';
import { applyChange } from './drift.ts';
import { readRequest, send } from './exchange.ts';
import { bendAnswer, bendRequest, toLens, type FaultEffect } from './fault.ts';
import { answerIdentities } from './identities.ts';
import { answerNamely } from './namely.ts';
import { answerNimble } from './nimble.ts';
import { Schedule } from './schedule.ts';
import { answerScim } from './scim.ts';
import { answerSlack, type SlackMessage } from './slack.ts';
import { copiedToken, TokenOffice } from './token-office.ts';
import { SANDBOX_SECRETS, type World } from './world.ts';

const NOT_DONE: ReadonlySet<FaultEffect['kind']> = new Set(['status', 'html', 'body', 'redirect']);
/** Requests and messages that are remembered: the container's sandbox runs for days. */
const REMEMBERED_MAX = 20_000;

export type SandboxOptions = {
  readonly world: World;
  readonly bind?: string | undefined;
  /** 0 or absent: any free port. */
  readonly port?: number | undefined;
};

export type LoggedRequest = {
  readonly vendor: Vendor;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Whether the credential was the right one; undefined where none is asked for. */
  readonly authorised?: boolean | undefined;
  readonly status: number;
  /** Id of the fault that met it. */
  readonly fault?: string | undefined;
};

/**
 * Starts the simulated Nimble, Namely, SCIM directory, Slack and identity list as one real HTTP server; the prefixes `/nimble`,
 * `/namely`, `/scim` and `/slack` tell them apart, so that a container needs one port.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const sandbox = new Sandbox(options.world);
  await sandbox.listen(options.bind ?? '127.0.0.1', options.port ?? 0);
  return sandbox;
}

export class Sandbox implements AsyncDisposable {
  #world: World;
  #origin = '';
  readonly #server: Server;
  readonly #requests: LoggedRequest[] = [];
  readonly #messages: SlackMessage[] = [];
  readonly #schedule: Schedule;
  readonly #closing = new AbortController();
  /** Tokens outlive the worlds: a company that changes does not sign anybody out. */
  readonly tokens = new TokenOffice();

  constructor(world: World) {
    this.#world = world;
    this.#schedule = new Schedule(world);
    this.#server = createServer((request, response) => {
      // A bug of the sandbox must look like one, not like a vendor that hung up.
      this.#handle(request, response).catch((error: unknown) => {
        if (response.headersSent) response.destroy();
        else send(response, toTextAnswer(500, `sandbox failed: ${String(error)}`));
      });
    });
  }

  /** `http://127.0.0.1:PORT`; `GET /` answers `ok` and shows the messages that Slack has received. */
  get url(): string {
    return this.#origin;
  }
  get nimbleUrl(): string {
    return `${this.#origin}/nimble`;
  }
  get namelyUrl(): string {
    return `${this.#origin}/namely`;
  }
  /** Up to what comes before `/Users`. */
  get scimUrl(): string {
    return `${this.#origin}/scim/v2`;
  }
  /** The whole webhook address. */
  get slackUrl(): string {
    return `${this.#origin}/slack${SANDBOX_SECRETS.slackPath}`;
  }
  get identitiesUrl(): string {
    return `${this.#origin}/identities.csv`;
  }
  /** As it is now, the drifts that have happened included. */
  get world(): World {
    return this.#world;
  }
  /** Requests to the vendors since the start or the last `forget`, oldest first. */
  get requests(): readonly LoggedRequest[] {
    return [...this.#requests];
  }
  /** What was posted to Slack's webhook, refused messages included, oldest first. */
  get messages(): readonly SlackMessage[] {
    return [...this.#messages];
  }

  /** The next request sees this world; attempts count from 1 again, and its drifts are all still to come. */
  setWorld(world: World): void {
    this.#schedule.replace(world);
    this.#world = world;
  }

  /** Forgets requests and messages, so that a test can speak of one run alone. */
  forget(): void {
    this.#requests.length = 0;
    this.#messages.length = 0;
  }

  /** How often each fault and drift of this world has fired; one that is 0 proves nothing. */
  firedCounts(): Readonly<Record<string, number>> {
    return this.#schedule.firedCounts();
  }

  /**
   * Ids of the faults and drifts that were declared since the start, in this world or one before it, and never fired. An entry
   * that two worlds share is one declaration; the same id on another object is another.
   */
  unfired(): readonly string[] {
    return this.#schedule.unfired();
  }

  async listen(bind: string, port: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.#server.once('error', reject);
    this.#server.listen(port, bind, () => resolve(undefined));
    await promise;
    this.#server.off('error', reject);
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the sandbox listens on no port');
    const host = bind === '0.0.0.0' || bind === '::' ? '127.0.0.1' : bind;
    this.#origin = `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#server.close(() => resolve(undefined));
    this.#server.closeAllConnections();
    await promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    if (request === undefined) {
      const texts = this.#messages.map(({ text }) => text);
      send(response, toTextAnswer(incoming.url === '/' ? 200 : 404, ['ok', ...texts].join('\n\n')));
      return;
    }
    const fault = this.#schedule.takeFault(request);
    if (fault?.effect.kind === 'slow') await delay(fault.effect.delayMs, undefined, { signal: this.#closing.signal });
    const answer = this.#date(this.#answer(request, fault?.effect));
    // Before the answer leaves, so that whoever has read it meets the changed world.
    this.#schedule.drift(request, ({ change }) => {
      this.#world = applyChange(this.#world, change, toTrueNow(this.#world));
    });
    remember(this.#requests, { ...this.#toLogged(request), status: answer.status, fault: fault?.id });
    await deliver(response, { answer, effect: fault?.effect, signal: this.#closing.signal });
  }

  /** Node would send this machine's time. A fault's own `date` stays. */
  #date(answer: Answer): Answer {
    return { ...answer, headers: { date: toServerNow(this.#world).toUTCString(), ...answer.headers } };
  }

  #answer(request: SandboxRequest, effect: FaultEffect | undefined): Answer {
    // A refused message was not received: the sender must try again, and a test counts what arrived.
    if (request.vendor === 'slack' && effect !== undefined && effect.kind !== 'slow') {
      return bendAnswer(effect, 'slack', toTextAnswer(200, 'ok'));
    }
    // Nor has a token endpoint that gives another answer rotated anything; where the answer is only lost, it has.
    if (request.method === 'POST' && effect !== undefined && NOT_DONE.has(effect.kind)) {
      return bendAnswer(effect, request.vendor, toJsonAnswer(200, {}));
    }
    const answer = this.#answerVendor(bendRequest(effect, request), effect);
    return effect === undefined ? answer : bendAnswer(effect, request.vendor, answer);
  }

  #answerVendor(request: SandboxRequest, effect: FaultEffect | undefined): Answer {
    if (request.vendor === 'slack') {
      const { answer, message } = answerSlack(request);
      if (message !== undefined) remember(this.#messages, message);
      return answer;
    }
    const nowMs = toTrueNow(this.#world).getTime();
    const tokenAnswer = this.tokens.answer(request, nowMs);
    if (tokenAnswer !== undefined) return tokenAnswer;
    if (request.method !== 'GET') return toTextAnswer(405, '');
    const lens = toLens(effect);
    if (request.vendor === 'identities') {
      return answerIdentities(this.#world, request, { lens, now: toServerNow(this.#world) });
    }
    if (request.vendor === 'scim') return answerScim(this.#world, request, lens);
    const isAccepted = this.tokens.accepts(request.vendor, request.bearer, nowMs);
    const known = { ...request, bearer: isAccepted ? copiedToken(request.vendor) : undefined };
    return request.vendor === 'nimble'
      ? answerNimble(this.#world, known, lens)
      : answerNamely(this.#world, known, lens);
  }

  #toLogged({ vendor, method, path, query, bearer }: SandboxRequest): Omit<LoggedRequest, 'status' | 'fault'> {
    return { vendor, method, path, query, authorised: this.#isAuthorised(vendor, bearer) };
  }

  #isAuthorised(vendor: Vendor, bearer: string | undefined): boolean | undefined {
    if (vendor === 'scim') return bearer === SANDBOX_SECRETS.scimToken;
    if (vendor !== 'nimble' && vendor !== 'namely') return undefined;
    return this.tokens.accepts(vendor, bearer, toTrueNow(this.#world).getTime());
  }
}

function remember<T>(list: T[], item: T): void {
  list.push(item);
  if (list.length > REMEMBERED_MAX) list.shift();
}
