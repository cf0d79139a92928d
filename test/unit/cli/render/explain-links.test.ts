import { describe, expect, test } from 'vitest';
import { renderLink, renderSuggestions } from '../../../../src/cli/render/explain-links.ts';
import type { Explanation } from '../../../../src/core/views.ts';
import { aFinding, anExplanation } from '../../../support/view-rows.ts';

const PAGE = { width: 120, now: new Date('2026-11-21T09:00:00Z') };
const linked = anExplanation().link;
const denial = {
  identity_source: 'directory',
  identity_id: 'p-9',
  since: '2026-11-20T09:00:00Z',
  author: 'kim',
  reason: 'a namesake',
};
const suggestion: Explanation['suggestions'][number] = {
  source: 'directory',
  external_id: 'p-1',
  name: 'Jane Doe',
  email: 'jane.doe@example.com',
  status: 'active',
  reasons: ['same name', 'initial and family name'],
};

describe('the links of an explanation', () => {
  test('what a person pinned says who and why', () => {
    const link =
      linked === null ? null : { ...linked, rule: 'pinned', evidence: {}, author: 'kim', reason: 'asked her' };
    expect(renderLink(anExplanation({ link }), PAGE)).toContain(
      'Linked by rule “pinned” since 2026-11-01 00:00 UTC, by kim: asked her.',
    );
  });

  test('denied pairs say who and why, also of an account that is linked to nobody', () => {
    const text = renderLink(anExplanation({ link: null, identity: null, denied: [denial] }), PAGE);
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      'This account is linked to no identity. Never linked to p-9 in directory, since 2026-11-20 09:00 UTC, by kim: a namesake.',
    );
    expect(text).toContain('\n  To take that back: rollcall link clear nimble u-1 directory/p-9 --reason "why"\n');
  });
});

describe('whom an account could be of', () => {
  const finding = aFinding({ rule: 'orphaned_account', source: 'nimble', account_id: 'n-1' });

  test('each with why, and the command that says so', () => {
    expect(renderSuggestions(anExplanation({ finding, suggestions: [suggestion] }), PAGE)).toBe(
      `WHO IT COULD BE
  SOURCE     ID   NAME      E-MAIL                STATUS  WHY
  directory  p-1  Jane Doe  jane.doe@example.com  active  same name, initial and family name
  If it is the first: rollcall link add nimble n-1 directory/p-1 --reason "how you know"
`,
    );
  });

  test('a doubt about an id asks for a word, with the command for it, also where nobody is like it', () => {
    const doubt = { ...finding, rule: 'reused_account' as const };
    expect(renderSuggestions(anExplanation({ finding: doubt }), PAGE)).toBe(
      'WHO IT COULD BE\n  If you know whose it is: rollcall link add nimble n-1 IDENTITY --reason "how you know"\n',
    );
    const row = { source: 'hr', external_id: 'p-7', situation: 'identity' };
    const ofIdentity = { ...doubt, source: 'hr', account_id: 'p-7' };
    expect(renderSuggestions(anExplanation({ finding: ofIdentity, account: row }), PAGE)).toBe(
      'WHO IT COULD BE\n  If it is the same person: rollcall link add hr p-7 hr/p-7 --reason "how you know"\n',
    );
    expect(renderSuggestions(anExplanation({ finding: { ...doubt, status: 'resolved' } }), PAGE)).toBe('');
  });

  test('nobody: nothing', () => {
    expect(renderSuggestions(anExplanation(), PAGE)).toBe('');
  });

  test('hostile ids and names are inert, on the screen and in a shell', () => {
    const hostile = { ...suggestion, external_id: `x'; $(reboot) \u001b[2J`, name: 'a\nWHO IT COULD BE' };
    const text = renderSuggestions(anExplanation({ finding, suggestions: [hostile] }), PAGE);
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect(text.match(/^WHO IT COULD BE$/gmu)).toHaveLength(1);
    expect(text).toContain(String.raw`'directory/x'\''; $(reboot) [2J'`);
  });
});
