import { describe, expect, test } from 'vitest';
import { linkCommand, type LinkDeps } from '../../../src/cli/link.ts';
import type { LinkCommand } from '../../../src/cli/link-command.ts';
import type { LinkChange, LinkRequest } from '../../../src/ports/reading.ts';
import { createMemoryOutput } from '../../support/memory-output.ts';

const NOW = new Date('2026-11-21T09:00:00.000Z');
const CHANGE: LinkChange = {
  action: 'add',
  changed: true,
  source: 'nimble',
  account_id: 'n-1',
  account_label: 'Jane Doe (jane@example.com)',
  identity_source: 'directory',
  identity_id: 'p-1',
  identity_label: 'Jane Smith (jane.smith@example.com)',
  removed: 0,
  reuse_decided: false,
};
const ARGS: LinkCommand = {
  name: 'link',
  action: 'add',
  source: 'nimble',
  account: 'n-1',
  identity: 'p-1',
  reason: 'asked her',
  json: false,
};

async function said(change: Partial<LinkChange>, args: Partial<LinkCommand> = {}): Promise<string> {
  const out = createMemoryOutput();
  const deps: LinkDeps = {
    clock: () => NOW,
    author: () => 'ann',
    operator: { changeLink: async () => ({ ...CHANGE, ...change }) },
  };
  expect(await linkCommand(deps, { ...ARGS, ...args }, out)).toBe(0);
  return out.text();
}

describe('link', () => {
  test('who, when and why go to the store', async () => {
    const asked: LinkRequest[] = [];
    const deps: LinkDeps = {
      clock: () => NOW,
      author: () => 'ann',
      operator: {
        changeLink: async (request) => {
          asked.push(request);
          return CHANGE;
        },
      },
    };
    await linkCommand(deps, ARGS, createMemoryOutput());
    expect(asked).toEqual([
      {
        action: 'add',
        source: 'nimble',
        account: 'n-1',
        identity: 'p-1',
        author: 'ann',
        reason: 'asked her',
        now: NOW,
      },
    ]);
  });

  const jane = 'Jane Doe (jane@example.com) in nimble';
  const smith = 'Jane Smith (jane.smith@example.com) in directory';
  const nobody = { identity_source: null, identity_id: null, identity_label: null };
  const self = { source: 'directory', identity_id: 'n-1' };
  const when = 'The next reconciliation goes by it: `rollcall run` does so now.';
  test.each<{ name: string; change: Partial<LinkChange>; says: string }>([
    { name: 'add', change: {}, says: `${jane} is pinned to ${smith} (ann). ${when}` },
    {
      name: 'add that replaces a link and settles a doubt',
      change: { removed: 1, reuse_decided: true },
      says: `${jane} is pinned to ${smith} (ann). 1 link or denial was taken away. That settles reused_account. ${when}`,
    },
    {
      name: 'deny',
      change: { action: 'deny', removed: 2 },
      says: `${jane} is never linked to ${smith} (ann). 2 links or denials were taken away. ${when}`,
    },
    { name: 'clear', change: { action: 'clear' }, says: `${jane} and ${smith} are left to the rules (ann). ${when}` },
    {
      name: 'clear of everything',
      change: { action: 'clear', ...nobody },
      says: `${jane} is left to the rules (ann). ${when}`,
    },
    {
      name: 'what was so already',
      change: { changed: false },
      says: `Nothing changed: ${jane} is pinned to ${smith} already.`,
    },
    {
      name: 'an identity that is the same person',
      change: self,
      says: `Jane Doe (jane@example.com) in directory is the same person as before (ann). ${when}`,
    },
    {
      name: 'an identity that is another person',
      change: { ...self, action: 'deny' },
      says: `Jane Doe (jane@example.com) in directory is another person than before (ann). ${when}`,
    },
  ])('$name is one line that says what is so now', async ({ change, says }) => {
    expect(await said(change)).toBe(`${says}\n`);
  });

  test('a hostile name stays in its line', async () => {
    const text = await said({ account_label: 'x\u001b[2J\nNothing changed' });
    expect(text.match(/\n/gu)).toHaveLength(1);
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  test('as JSON it is the change, with author and reason', async () => {
    expect(JSON.parse(await said({}, { json: true }))).toEqual({ ...CHANGE, author: 'ann', reason: 'asked her' });
  });
});
