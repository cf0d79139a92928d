import { describe, expect, test } from 'vitest';
import { unwaiveCommand, waiveCommand, type WaiveDeps } from '../../../src/cli/waive.ts';
import type { WaiverRow } from '../../../src/core/views.ts';
import { createMemoryOutput } from '../../support/memory-output.ts';
import { aFinding } from '../../support/view-rows.ts';

const NOW = new Date('2026-11-21T09:00:00.000Z');
const WAIVER: WaiverRow = {
  id: 4,
  until: '2026-12-31',
  author: 'ann',
  reason: 'contractor',
  created_at: '2026-11-21T09:00:00.000Z',
  ended_at: null,
  ended_because: null,
  warned_at: null,
};

function depsOf(replaced?: WaiverRow, status: 'open' | 'resolved' = 'open') {
  const asked: unknown[] = [];
  const deps: WaiveDeps = {
    clock: () => NOW,
    author: () => 'ann',
    operator: {
      waive: async (request, now) => {
        asked.push({ ...request, now });
        return { finding: aFinding({ status: 'waived', account_name: 'Jane\u001b[2J Doe' }), waiver: WAIVER, replaced };
      },
      unwaive: async (request, now) => {
        asked.push({ ...request, now });
        return { finding: aFinding({ status }), waiver: WAIVER };
      },
    },
  };
  return { asked, deps };
}

describe('waive', () => {
  const args = { name: 'waive', id: 17, until: '2026-12-31', reason: 'contractor', json: false } as const;

  test('says in one line who is waived, until when, by whom, and when it opens again', async () => {
    const { asked, deps } = depsOf();
    const out = createMemoryOutput();
    expect(await waiveCommand(deps, args, out)).toBe(0);
    expect(out.text()).toBe(
      'Finding 17 (leaver_account, Jane[2J Doe (jane.doe@example.com) in nimble) is waived until 2026-12-31 by ann, and opens again on 2027-01-01.\n',
    );
    expect(asked).toEqual([{ findingId: 17, until: '2026-12-31', reason: 'contractor', author: 'ann', now: NOW }]);
  });

  test('says whose waiver it replaces', async () => {
    const out = createMemoryOutput();
    await waiveCommand(depsOf({ ...WAIVER, author: 'kim', until: '2026-11-30' }).deps, args, out);
    expect(out.text()).toContain('It replaces the waiver of kim until 2026-11-30.\n');
  });

  test('as JSON has the finding and the waiver with the names of their columns', async () => {
    const out = createMemoryOutput();
    await waiveCommand(depsOf().deps, { ...args, json: true }, out);
    const printed: unknown = JSON.parse(out.text());
    expect(printed).toMatchObject({ finding: { id: 17, status: 'waived' }, waiver: WAIVER });
  });
});

describe('unwaive', () => {
  const args = { name: 'unwaive', id: 17, json: false } as const;

  test('says that the finding is open again; a reason that is not given is recorded as such', async () => {
    const { asked, deps } = depsOf();
    const out = createMemoryOutput();
    expect(await unwaiveCommand(deps, args, out)).toBe(0);
    expect(out.text()).toContain('is open again: the waiver of ann until 2026-12-31 has ended.\n');
    expect(asked).toEqual([{ findingId: 17, reason: 'none given', author: 'ann', now: NOW }]);
  });

  test('says that a resolved one stays so', async () => {
    const out = createMemoryOutput();
    await unwaiveCommand(depsOf(undefined, 'resolved').deps, args, out);
    expect(out.text()).toContain('stays resolved: the waiver of ann');
  });
});
