import { createInterface } from 'node:readline';
import { authorOf } from './cli/author.ts';
import type { LoginDeps } from './cli/login.ts';
import type { Config, OAuthConfig, SourceConfig } from './config/config.ts';
import { oauthOf } from './config/oauth-of.ts';
import { OperationalError } from './errors.ts';
import type { CredentialStore } from './ports/credentials.ts';
import { awaitLoginAnswer } from './http/login-answer.ts';
import type { App } from './wire.ts';
import { openOAuthClient } from './wire-sources.ts';

type Person = { readonly env: Readonly<Record<string, string | undefined>>; readonly signal: AbortSignal };

type Asked = {
  /** Its name, or its type if there is one of it. */
  readonly source: string;
  readonly newKey: boolean;
};

/** What `rollcall login` needs for a source. */
export async function prepareLogin(app: App, asked: Asked, { env, signal }: Person): Promise<LoginDeps> {
  const { config, worker, credentials } = app;
  const { spec, oauth } = findSource(config, asked.source);
  const source = spec.name;
  const client = openOAuthClient(source, oauth, config);
  if (!asked.newKey) await checkKey(credentials);
  return {
    source,
    scope: oauth.scope,
    redirectUri: oauth.redirectUri,
    store: async (tokens) => {
      const knownAs = await worker.sourceStore.introduce(spec, worker.specs, worker.clock());
      await credentials.signIn(knownAs, tokens, authorOf(env));
    },
    begin: async () => {
      const login = await client.begin();
      return {
        url: login.url,
        read: (answer) => client.readAnswer(answer, login),
        exchange: async (answer) => await client.exchange(answer, login),
      };
    },
    listen: async (read) => await awaitLoginAnswer(new URL(oauth.redirectUri), read, signal),
    readLine: async () => await readLine(signal),
  };
}

/** Somebody signs in for a worker that must open what is stored: the first thing that shows another key is a worker that does not start. */
async function checkKey(credentials: CredentialStore): Promise<void> {
  const others = await credentials.sealedByOthers();
  if (others.length === 0) return;
  const text = [
    `the stored tokens of ${others.join(', ')} do not open with this ROLLCALL_KEY: the worker has another one, and could not open what this login stores.`,
    "Set the worker's key here, or this one as its new key and the old one as ROLLCALL_KEY_PREVIOUS.",
    'If that key is lost, sign in to each of them again with --new-key.',
  ];
  throw new OperationalError('config-invalid', text.join(' '));
}

function findSource({ sources }: Config, asked: string): { readonly spec: SourceConfig; readonly oauth: OAuthConfig } {
  const named = sources.filter(({ name }) => name === asked);
  const found = named.length > 0 ? named : sources.filter(({ type }) => type === asked);
  const [first, second] = found;
  const names = sources.filter((each) => oauthOf(each) !== undefined).map(({ name }) => name);
  const known = names.length === 0 ? 'no source has `oauth`' : `sources with \`oauth\`: ${names.join(', ')}`;
  if (first === undefined) throw new OperationalError('usage', `there is no source ${asked}; ${known}`);
  if (second !== undefined)
    throw new OperationalError('usage', `there are several sources of type ${asked}; say which: ${known}`);
  const oauth = oauthOf(first);
  if (oauth !== undefined) return { spec: first, oauth };
  throw new OperationalError('usage', `${first.name} is read without signing in; ${known}`);
}

/** One line of standard input; undefined when it ends without one. */
async function readLine(signal: AbortSignal): Promise<string | undefined> {
  const lines = createInterface({ input: process.stdin, signal });
  try {
    for await (const line of lines) return line;
    return undefined;
  } finally {
    lines.close();
    process.stdin.destroy();
  }
}
