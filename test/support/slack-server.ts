import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** The secret part of every webhook here: found anywhere but in a request, it has leaked. */
export const SLACK_SECRET = '/services/T000/B000/CANARYSECRET';

export type SlackHandler = (request: IncomingMessage, response: ServerResponse, body: string) => void;
export type SlackRequest = { readonly at: number; readonly body: string };

/** A webhook on a free port that remembers what was posted and when. Without a handler it takes everything, as Slack does. */
export async function serveSlack(handle: SlackHandler = takeAll) {
  let answer = handle;
  const requests: SlackRequest[] = [];
  const server = createServer((request, response) => {
    const at = performance.now();
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      requests.push({ at, body });
      answer(request, response, body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}${SLACK_SECRET}`,
    requests,
    /** What was posted, as JSON; a question whether anybody is there has no text. */
    get bodies(): readonly unknown[] {
      return requests.map(({ body }): unknown => JSON.parse(body));
    },
    /** Texts that people would have read, or tried to. */
    get texts(): readonly string[] {
      return requests.map(({ body }) => textOf(body)).filter((text) => text !== '');
    },
    answer: (other: SlackHandler) => {
      answer = other;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

export function answering(status: number, body: string, headers: Record<string, string> = {}): SlackHandler {
  return (_, response) => void response.writeHead(status, headers).end(body);
}

/** As Slack does: nothing to show is refused. */
export const takeAll: SlackHandler = (_, response, body) => {
  const isEmpty = textOf(body) === '';
  response.writeHead(isEmpty ? 400 : 200).end(isEmpty ? 'no_text' : 'ok');
};

/** Milliseconds between one request and the next. */
export function gapsOf(requests: readonly SlackRequest[]): readonly number[] {
  return requests.slice(1).map(({ at }, index) => at - (requests[index]?.at ?? at));
}

function textOf(body: string): string {
  const parsed: unknown = JSON.parse(body);
  if (typeof parsed !== 'object' || parsed === null || !('text' in parsed)) return '';
  return typeof parsed.text === 'string' ? parsed.text : '';
}
