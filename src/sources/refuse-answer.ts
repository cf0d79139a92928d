import type { OperationalError } from '../errors.ts';
import { contract, statusFailure, type Asked } from './failures.ts';

/** Why this answer is not read at all. */
export function refuseAnswer(
  { source, address }: Pick<Asked, 'source' | 'address'>,
  get: { readonly json: boolean; readonly alsoStatuses: ReadonlySet<number> },
  response: Response,
): OperationalError | undefined {
  if (!response.ok && !get.alsoStatuses.has(response.status)) return statusFailure(source, response.status, address);
  if (response.status === 204) return contract(source, `the answer is empty (HTTP 204); check ${address}`);
  const type = response.headers.get('content-type') ?? '';
  if (get.json && !JSON_TYPE.test(type)) {
    return contract(source, `the answer is not JSON, perhaps a login page; check ${address}`);
  }
  if (/^\s*text\/html\b/iu.test(type)) {
    return contract(source, `the answer is an HTML page, perhaps a login page; check ${address}`);
  }
  return undefined;
}

const JSON_TYPE = /^\s*(?:application|text)\/(?:[\w.-]+\+)?json\s*(?:;|$)/iu;
