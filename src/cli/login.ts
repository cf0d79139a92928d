import { OperationalError } from '../errors.ts';
import type { LoginAnswer, TokenSet } from '../ports/credentials.ts';
import type { Command } from './command.ts';
import type { Output } from './output.ts';
import { renderJson } from './render/json.ts';

/** Any page that the browser shows can send requests here. */
const STRAYS_TOLD_MAX = 10;

type LoginCommand = Extract<Command, { readonly name: 'login' }>;

/** One that ends the wait. */
type Answer = Exclude<LoginAnswer, { readonly kind: 'stray' }>;
type Take = (answer: URL) => Answer | undefined;
type Exchanged =
  | { readonly kind: 'tokens'; readonly tokens: TokenSet; readonly scope?: string | undefined }
  | { readonly kind: 'ended' }
  | { readonly kind: 'busy'; readonly reason: string };

export type LoginDeps = {
  readonly source: string;
  /** What was asked for, if anything in particular. */
  readonly scope?: string | undefined;
  readonly redirectUri: string;
  readonly begin: () => Promise<{
    readonly url: URL;
    readonly read: (answer: URL) => LoginAnswer;
    readonly exchange: (answer: URLSearchParams) => Promise<Exchanged>;
  }>;
  /** Waits for the browser. */
  readonly listen: (take: Take) => Promise<Answer>;
  /** The next line of standard input. */
  readonly readLine: () => Promise<string | undefined>;
  /** Stores what the vendor has given, and nothing else. */
  readonly store: (tokens: TokenSet) => Promise<void>;
};

/** `login`: a person says yes in a browser, and the tokens are stored. Throws `source-auth` when nobody did. */
export async function loginCommand(deps: LoginDeps, args: LoginCommand, out: Output): Promise<number> {
  const { source, scope } = deps;
  const login = await deps.begin();
  const where = args.paste
    ? 'Then paste the address that the browser ended at; it need not have found a page there.'
    : `The answer is awaited on ${deps.redirectUri} for 5 minutes.`;
  await out.stderr(
    `Open this address in a browser${args.paste ? '' : ' on this machine'}, and say yes:\n\n  ${login.url.href}\n\n${where}\n`,
  );
  const answer = args.paste
    ? readPasted(await deps.readLine(), login.read)
    : await deps.listen(tellStrays(login.read, out));
  if (answer.kind === 'refused')
    throw new OperationalError('source-auth', `${source}: the vendor refuses: ${answer.why}. Nothing is stored`);
  const exchanged = await login.exchange(answer.parameters);
  if (exchanged.kind !== 'tokens') {
    const why = exchanged.kind === 'busy' ? exchanged.reason : 'the vendor does not take its own code';
    throw new OperationalError('source-auth', `${source}: ${why}; nothing is stored, begin again`);
  }
  await deps.store(exchanged.tokens);
  const warnings = findDoubts(exchanged.tokens, exchanged.scope, scope);
  for (const warning of warnings) await out.stderr(`warning: ${warning}\n`);
  const said = `${source}: signed in. \`rollcall doctor\` shows whose right it is; a worker that runs takes it by itself.\n`;
  await out.stdout(args.json ? renderJson({ source, signed_in: true, warnings }) : said);
  return 0;
}

/** What does not belong to this login ends nothing: it is said, because it may be all that the vendor sends. */
function tellStrays(read: (answer: URL) => LoginAnswer, out: Output): Take {
  let told = 0;
  return (url) => {
    const answer = read(url);
    if (answer.kind !== 'stray') return answer;
    told += 1;
    if (told <= STRAYS_TOLD_MAX) void out.stderr(`Ignored: ${answer.what}. Still waiting.\n`);
    return undefined;
  };
}

function readPasted(line: string | undefined, read: (answer: URL) => LoginAnswer): Answer {
  const url = URL.parse(line?.trim() ?? '');
  const answer = url === null ? undefined : read(url);
  if (answer !== undefined && answer.kind !== 'stray') return answer;
  const what = answer === undefined ? 'no address' : answer.what;
  throw new OperationalError(
    'source-auth',
    `that is not the answer to this login, but ${what}: paste the whole address, and begin again`,
  );
}

function findDoubts({ refresh }: TokenSet, given: string | undefined, asked: string | undefined): readonly string[] {
  const doubts: string[] = [];
  const granted = new Set(given?.split(/\s+/u));
  const missing =
    given === undefined ? [] : (asked ?? '').split(/\s+/u).filter((each) => each !== '' && !granted.has(each));
  if (missing.length > 0) doubts.push(`the vendor did not grant ${missing.join(', ')}: the roster may not be readable`);
  if (refresh === undefined) doubts.push('the vendor gave no refresh token: sign in again when the access ends');
  return doubts;
}
