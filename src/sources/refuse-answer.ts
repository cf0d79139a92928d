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
  if (!response.ok && !get.alsoStatuses.has(response.status)) {
    return (
      (isFile ? fileFailure(asked, response.status) : undefined) ?? statusFailure(source, response.status, address)
    );
  }
  const fault = faultOf(response, get.json);
  return fault === undefined
    ? undefined
    : contract(source, `${isFile ? 'the file' : 'the answer'} ${fault}; check ${address}`);
}

function faultOf({ status, headers }: Response, wantsJson: boolean): string | undefined {
  if (status === 204) return 'is empty (HTTP 204)';
  const type = headers.get('content-type') ?? '';
  if (wantsJson && !JSON_TYPE.test(type)) return 'is not JSON, perhaps a login page';
  return /^\s*text\/html\b/iu.test(type) ? 'is an HTML page, perhaps a login page' : undefined;
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
