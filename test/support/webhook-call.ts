import { createHmac } from 'node:crypto';

/** A call of `/webhooks/namely` as Namely signs it now. */
export function signedCall(secret: string, event: object): RequestInit {
  const body = JSON.stringify(event);
  const timestamp = new Date().toISOString();
  return {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-namely-timestamp': timestamp,
      'x-namely-signature': `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`,
    },
  };
}
