import { toTextAnswer, type Answer, type SandboxRequest } from './answer.ts';
import { SlackBlocks, SlackPayload } from './schema.ts';
import { SANDBOX_SECRETS } from './world.ts';

/** A message that the simulated Slack accepted or refused. */
export type SlackMessage = {
  readonly accepted: boolean;
  /** Slack's word: `ok`, or why not. */
  readonly reply: string;
  readonly text: string;
  readonly blocks: readonly unknown[];
  readonly raw: string;
};

/** What Slack's incoming webhook says to a request, and the message it would show. */
export function answerSlack(request: SandboxRequest): { readonly answer: Answer; readonly message?: SlackMessage } {
  if (request.path !== SANDBOX_SECRETS.slackPath) return { answer: toTextAnswer(404, 'no_service') };
  if (request.method !== 'POST') return { answer: toTextAnswer(400, 'invalid_payload') };
  const message = checkMessage(request.body);
  return { answer: toTextAnswer(message.accepted ? 200 : 400, message.reply), message };
}

function checkMessage(raw: string): SlackMessage {
  const payload = SlackPayload.safeParse(parseJson(raw));
  if (!payload.success) return { accepted: false, reply: 'invalid_payload', text: '', blocks: [], raw };
  const { text = '', blocks = [] } = payload.data;
  if (text === '' && blocks.length === 0) return { accepted: false, reply: 'no_text', text, blocks, raw };
  const accepted = SlackBlocks.safeParse(blocks).success;
  return { accepted, reply: accepted ? 'ok' : 'invalid_blocks', text, blocks, raw };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is one of the answers this simulation gives, not an error of its own.
    return undefined;
  }
}
