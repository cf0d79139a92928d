import { toJsonAnswer, toTextAnswer, type Answer, type Vendor } from './answer.ts';
import type { Json } from './world.ts';

/** The vendors' words for a status, as recorded or documented; throttling has no recorded body and gets an empty one. */
export function toRefusal(vendor: Vendor, status: number): Answer {
  if (vendor === 'slack') return toTextAnswer(status, SLACK_WORDS[status] ?? 'error');
  const body = vendor === 'identities' ? undefined : RECORDED[vendor][status];
  return body === undefined ? toTextAnswer(status, '') : toJsonAnswer(status, body);
}

function toScimError(status: number): Json {
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:Error'];
  return { schemas, status: String(status), detail: 'canary-private-detail' };
}

const NIMBLE_FAILURE = { message: 'Internal error handling request', code: 107 };
const RECORDED: Readonly<Record<'nimble' | 'namely' | 'scim', Readonly<Record<number, Json>>>> = {
  nimble: {
    403: { message: "Can't authenticate request" },
    404: { object_type: 'members', object_id: '' },
    500: NIMBLE_FAILURE,
    503: NIMBLE_FAILURE,
  },
  namely: { 401: { error: '' }, 404: { message: 'Profile not found', errors: [] } },
  scim: Object.fromEntries([400, 401, 403, 404, 429, 500, 501].map((status) => [status, toScimError(status)])),
};

const SLACK_WORDS: Readonly<Record<number, string>> = {
  400: 'invalid_payload',
  403: 'action_prohibited',
  404: 'no_service',
  410: 'channel_is_archived',
  429: 'rate_limited',
  500: 'rollup_error',
};
