import { OperationalError } from '../errors.ts';
import { contract, statusFailure, type Asked } from './failures.ts';

type Refused = Pick<Asked, 'source' | 'address'> & {
  /** What signs in; absent for a file at a URL, which is no vendor. */
  readonly token?: unknown;
};

/** Why this answer is not read at all. */
export function refuseAnswer(
  asked: Refused,
  get: { readonly json: boolean; readonly alsoStatuses: ReadonlySet<number> },
  response: Response,
): OperationalError | undefined {
  const { source, address } = asked;
  const isFile = asked.token === undefined;
  const what = isFile ? 'the file' : 'the answer';
  if (!response.ok && !get.alsoStatuses.has(response.status)) {
    return (
      (isFile ? fileFailure(asked, response.status) : undefined) ?? statusFailure(source, response.status, address)
    );
  }
  if (response.status === 204) return contract(source, `${what} is empty (HTTP 204); check ${address}`);
  const type = response.headers.get('content-type') ?? '';
  if (get.json && !JSON_TYPE.test(type)) {
    return contract(source, `${what} is not JSON, perhaps a login page; check ${address}`);
  }
  if (/^\s*text\/html\b/iu.test(type)) {
    return contract(source, `${what} is an HTML page, perhaps a login page; check ${address}`);
  }
  return undefined;
}

/** A file has no token that could be wrong, and no roster. */
function fileFailure({ source, address }: Refused, status: number): OperationalError | undefined {
  const answer = `${source} answered HTTP ${status}`;
  if (status === 401 || status === 403) {
    const text = `${answer}: the file is behind a login, and none is sent; give a ${address} that opens without one`;
    return new OperationalError(status === 401 ? 'source-auth' : 'source-forbidden', text);
  }
  if (status !== 404) return undefined;
  return new OperationalError('source-contract', `${answer}: there is no file here; check ${address}`);
}

const JSON_TYPE = /^\s*(?:application|text)\/(?:[\w.-]+\+)?json\s*(?:;|$)/iu;
