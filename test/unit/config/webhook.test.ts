import { describe, expect, test } from 'vitest';
import { GOOD_YAML, load, loadWell } from './folder.ts';

const NAMELY = `${GOOD_YAML}  - { name: namely, type: namely, company: acme, token: t }\n`;

function withHeaders(webhook: string): string {
  return `${NAMELY}http: { webhookSecrets: [a-secret-of-sixteen], webhook: { ${webhook} } }\n`;
}

describe('headers by which no call could be accepted', () => {
  test.each([
    { webhook: 'timestampHeader: None', key: 'timestampHeader', message: 'write none for calls that carry no time' },
    { webhook: 'timestampHeader: NONE', key: 'timestampHeader', message: 'write none for calls that carry no time' },
    {
      webhook: 'signatureHeader: none',
      key: 'signatureHeader',
      message: 'no call is taken without a signature; name its header',
    },
    {
      webhook: 'signatureHeader: none, timestampHeader: none',
      key: 'signatureHeader',
      message: 'no call is taken without a signature; name its header',
    },
    {
      webhook: 'signatureHeader: X-Hook, timestampHeader: x-hook',
      key: 'timestampHeader',
      message: 'is the header of the signature too; they are two',
    },
    {
      webhook: 'signatureHeader: x-namely-timestamp',
      key: 'timestampHeader',
      message: 'is the header of the signature too; they are two',
    },
    {
      webhook: 'signatureHeader: Content-Length',
      key: 'signatureHeader',
      message: 'HTTP uses Content-Length itself; name the header that the sender adds',
    },
    {
      webhook: 'timestampHeader: date',
      key: 'timestampHeader',
      message: 'HTTP uses date itself; name the header that the sender adds',
    },
  ])('$webhook', ({ webhook, key, message }) => {
    const { lines } = load({ yaml: withHeaders(webhook) });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`http\\.webhook\\.${key}: ${message}$`, 'u'));
  });

  test.each(['timestampHeader: none', 'signatureHeader: X-Hub-Signature-256', 'timestampHeader: X-None'])(
    '%s is none of them',
    (webhook) => {
      expect(loadWell({ yaml: withHeaders(webhook) }).warnings).toEqual([]);
    },
  );
});

test('how calls are signed, said without a secret, is doubted', () => {
  const { warnings } = loadWell({ yaml: `${NAMELY}http:\n  webhook: { encoding: base64 }\n` });
  expect(warnings).toEqual([
    expect.stringMatching(/http\.webhook: has no effect: http\.webhookSecrets names no secret/),
  ]);
  expect(loadWell({ yaml: `${NAMELY}http: { port: 8081 }\n` }).warnings).toEqual([]);
});
