import { isIPv6 } from 'node:net';
import { refuseUrl } from '../net/hosts.ts';
import type { Fault, Path } from './faults.ts';
import { blockAt, isBlock, listAt, textAt, type Block } from './tree.ts';

const SLACK_HOSTS = ['hooks.slack.com', 'hooks.slack-gov.com'];

/** Everything that names a host: `network.allow`, `url` and `baseUrl` of sources, Slack's webhook, the HTTP server's address. */
export function checkNetwork(tree: Block): readonly Fault[] {
  const allow = listAt(blockAt(tree, 'network'), 'allow').filter((entry) => typeof entry === 'string');
  return [
    ...allow.flatMap((entry, index) => checkAllowEntry(entry, ['network', 'allow', index])),
    ...listAt(tree, 'sources').flatMap((source, index) => checkSourceUrls(source, index, allow)),
    ...listAt(tree, 'sources').flatMap((source, index) => (isBlock(source) ? checkOAuth(source, index, allow) : [])),
    ...checkSlack(tree, allow),
    ...checkDatabaseUrl(blockAt(tree, 'database'), ['database', 'url']),
    ...checkHttp(blockAt(tree, 'http')),
  ];
}

function checkAllowEntry(entry: string, path: Path): readonly Fault[] {
  // The schema tells of an empty one.
  if (entry === '') return [];
  const host = isIPv6(entry) ? `[${entry}]` : entry;
  const url = URL.parse(`http://${host}/`);
  const plain = /^[A-Za-z0-9.:[\]_-]+$/.test(entry) && url !== null && url.username === '';
  return plain ? [] : [{ path, message: 'must be a host name or an address alone, such as localhost or 10.0.0.5' }];
}

function checkSourceUrls(source: unknown, index: number, allow: readonly string[]): readonly Fault[] {
  if (!isBlock(source)) return [];
  // What a database is called is no request of ours (contract §1).
  if (source['type'] === 'sql') return checkDatabaseUrl(source, ['sources', index, 'url']);
  return ['url', 'baseUrl'].flatMap((key) => {
    const text = textAt(source, key);
    if (text === undefined) return [];
    const path = ['sources', index, key];
    const url = URL.parse(text);
    if (url === null) return [{ path, message: 'must be a URL that begins with https://' }];
    const refused = refuseUrl(url, { vendorHosts: [], configuredHost: url.hostname, allow });
    if (refused !== undefined) return [{ path, message: refused }];
    const tail = key === 'baseUrl' && (url.search !== '' || url.hash !== '' || /[?#]/.test(text));
    return tail ? [{ path, message: 'must end before any ? or #' }] : [];
  });
}

/** Where a person is sent to, where tokens come from, and where the answer comes back to. */
function checkOAuth(source: Block, index: number, allow: readonly string[]): readonly Fault[] {
  const oauth = blockAt(source, 'oauth');
  const faults = ['authorizeUrl', 'tokenUrl'].flatMap((key): readonly Fault[] => {
    const text = textAt(oauth, key);
    if (text === undefined) return [];
    const path = ['sources', index, 'oauth', key];
    const url = URL.parse(text);
    if (url === null) return [{ path, message: 'must be a URL that begins with https://' }];
    const refused = refuseUrl(url, { vendorHosts: [], configuredHost: url.hostname, allow });
    return refused === undefined ? [] : [{ path, message: refused }];
  });
  const redirect = textAt(oauth, 'redirectUri');
  const message = redirect === undefined ? undefined : refuseRedirect(URL.parse(redirect));
  return message === undefined ? faults : [...faults, { path: ['sources', index, 'oauth', 'redirectUri'], message }];
}

/** The vendor sends the browser to exactly this address, and `login` listens there. */
function refuseRedirect(url: URL | null): string | undefined {
  const isHere =
    url?.protocol === 'http:' && url.port !== '' && url.search + url.hash === '' && isLoopback(url.hostname);
  if (!isHere) return 'must be on this machine, with a port, such as http://127.0.0.1:8976/callback';
  if (url.port === '0') return 'must name a port above 0, the one that is registered at the vendor';
  return url.username + url.password === '' ? undefined : 'must have no user and no password before the host';
}

function checkSlack(tree: Block, allow: readonly string[]): readonly Fault[] {
  const text = textAt(blockAt(tree, 'slack'), 'webhookUrl');
  if (text === undefined) return [];
  const path = ['slack', 'webhookUrl'];
  const url = URL.parse(text);
  if (url === null) return [{ path, message: `must be a URL such as https://${SLACK_HOSTS[0]}/services/…` }];
  const refused = refuseUrl(url, { vendorHosts: SLACK_HOSTS, allow });
  return refused === undefined
    ? []
    : [{ path, message: `must be a webhook of ${SLACK_HOSTS.join(' or ')}: ${refused}` }];
}

function checkDatabaseUrl(block: Block, path: Path): readonly Fault[] {
  const text = textAt(block, 'url');
  if (text === undefined || !/^postgres(ql)?:\/\//.test(text)) return [];
  const url = URL.parse(text);
  // An @ behind the host: the password has ended too early, and the rest of it would be taken for a path.
  if (url !== null && !`${url.pathname}${url.search}${url.hash}`.includes('@')) return [];
  const message = 'is no URL; write the characters / ? # @ : of a password as %2F %3F %23 %40 %3A';
  return [{ path, message }];
}

function checkHttp(http: Block): readonly Fault[] {
  const bind = textAt(http, 'bind');
  if (bind === undefined || isLoopback(bind) || textAt(http, 'token') !== undefined) return [];
  const message = 'is not a loopback address; set http.token (ROLLCALL_HTTP_TOKEN) or bind 127.0.0.1';
  return [{ path: ['http', 'bind'], message }];
}

function isLoopback(bind: string): boolean {
  return bind === 'localhost' || bind === '::1' || bind === '[::1]' || /^127(\.\d{1,3}){3}$/.test(bind);
}
