import { describe, expect, test } from 'vitest';
import { aWorld, type World } from '../../src/sandbox/world.ts';
import { somePeople } from '../support/sandbox.ts';
import { startCompany } from '../support/sandbox-company.ts';

const STRAY = { nimble: [{ id: 'stray', email: 'stray@elsewhere.example' }] };
const robots = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ nimble: [{ id: `robot-${at}`, email: `robot${at}@robots.example` }] }));
const listedRobots = (count: number) =>
  robots(count).map((_, at) => ({ source: 'nimble', account: `robot${at}@robots.example`, owner: 'D1' }));

function anyWorld(overrides: Partial<World> = {}): World {
  return aWorld({ people: [...somePeople(10)], ...overrides });
}

type Printed = {
  readonly dry_run: boolean;
  readonly report: { readonly id: number | null };
  readonly findings: readonly {
    readonly id: number | null;
    readonly rule: string;
    readonly change: string;
    readonly account_id: string;
  }[];
  readonly breakers: readonly { readonly source: string; readonly kind: string }[];
};

describe('run --dry-run', () => {
  test('shows what a run would change, writes nothing, and tells nobody', async () => {
    await using company = await startCompany({ world: anyWorld() });
    expect((await company.rollcall(['run'])).code).toBe(0);
    await company.tell(anyWorld({ people: [...somePeople(10), STRAY] }));
    const before = await company.dump();

    const dry = await company.rollcall(['run', '--dry-run']);
    expect(dry.code).toBe(0);
    expect(dry.stdout).toContain('Dry run: nothing was written, and nobody was told. Findings: 1 would open.');
    expect(dry.stdout).toMatch(/WOULD OPEN \(orphaned_account 1\)/);
    expect(dry.stdout).toContain('stray@elsewhere.example');
    expect(await company.dump()).toBe(before);
    expect(company.sandbox.messages).toEqual([]);
    expect(company.sandbox.requests.length).toBeGreaterThan(0);
    expect(company.sandbox.requests.every(({ method }) => method === 'GET')).toBe(true);

    const json = await company.rollcall(['run', '--dry-run', '--json', '--detailed-exitcode']);
    expect(json.code).toBe(2);
    const printed: Printed = JSON.parse(json.stdout);
    expect(printed).toMatchObject({ dry_run: true, report: { id: null, opened: 1 }, breakers: [] });
    expect(printed.findings).toMatchObject([{ id: null, rule: 'orphaned_account', change: 'opened' }]);
    expect(await company.dump()).toBe(before);

    // What it said is what then comes.
    expect((await company.rollcall(['run'])).code).toBe(0);
    expect(await company.rows('select rule, status, account_id from rollcall.drift_findings')).toEqual([
      { rule: 'orphaned_account', status: 'open', account_id: printed.findings[0]?.account_id },
    ]);
    expect((await company.rollcall(['run', '--dry-run'])).stdout).toContain('No finding would change.');
  });

  test('case 86: serviceAccounts edited: the flood is shown first, then held, with one message', async () => {
    const yaml = `serviceAccounts: ${JSON.stringify(listedRobots(6))}`;
    const world = anyWorld({ people: [...somePeople(10), ...robots(6)] });
    await using company = await startCompany({ world, yaml });
    expect((await company.rollcall(['run'])).code).toBe(0);
    const config = await company.read('rollcall.yaml');
    await company.write('rollcall.yaml', config.replace(yaml, ''));
    company.sandbox.forget();
    const before = await company.dump();

    const dry = await company.rollcall(['run', '--dry-run']);
    expect(dry.code).toBe(3);
    expect(dry.stdout).toContain('6 would be held');
    expect(dry.stdout).toMatch(/BREAKERS THAT WOULD BE OPEN\n +nimble, conclusion: found 6/);
    expect(await company.dump()).toBe(before);
    expect(company.sandbox.messages).toEqual([]);

    expect((await company.rollcall(['run'])).code).toBe(3);
    expect(
      await company.rows(
        `select status, count(*)::int from rollcall.drift_findings where rule = 'orphaned_account' group by 1`,
      ),
    ).toEqual([{ status: 'held', count: 6 }]);
    const floods = company.sandbox.messages.filter(({ raw }) => raw.includes('new findings at once in nimble'));
    expect(floods).toHaveLength(1);
  });

  test('makes no tables, and says how to', async () => {
    await using company = await startCompany({ world: anyWorld() });
    const refused = await company.rollcall(['run', '--dry-run']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('a dry run makes none: run `rollcall migrate` first');
    expect(await company.rows(`select nspname from pg_namespace where nspname like 'rollcall%'`)).toEqual([]);
    expect((await company.rollcall(['migrate'])).code).toBe(0);
    const before = await company.dump();
    const first = await company.rollcall(['run', '--dry-run']);
    expect(first.code).toBe(0);
    expect(await company.dump()).toBe(before);
  });

  test('of a source with a typo is wrong usage', async () => {
    await using company = await startCompany({ world: anyWorld() });
    expect((await company.rollcall(['migrate'])).code).toBe(0);
    const refused = await company.rollcall(['run', '--dry-run', '--source', 'nimbel']);
    expect(refused.code).toBe(64);
    expect(refused.stderr).toContain('no source is called "nimbel"');
  });
});

describe('waive and unwaive', () => {
  test('from the command line to the report, and back', async () => {
    await using company = await startCompany({ world: anyWorld({ people: [...somePeople(10), STRAY] }) });
    expect((await company.rollcall(['run'])).code).toBe(0);
    const [finding] = await company.rows<{ id: string }>('select id::text from rollcall.drift_findings');
    const id = finding?.id ?? '';
    const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    const author = { ROLLCALL_AUTHOR: 'kim' };

    const waived = await company.rollcall(['waive', id, '--until', until, '--reason', 'auditor'], author);
    expect(waived).toMatchObject({ code: 0, stderr: '' });
    expect(waived.stdout).toMatch(
      new RegExp(
        `^Finding ${id} \\(orphaned_account, .*stray@elsewhere.example.* in nimble\\) is waived until ${until} by kim, and opens again on`,
      ),
    );
    expect((await company.rollcall(['findings'])).stdout).toBe('No finding matches.\n');
    expect((await company.rollcall(['findings', '--status', 'waived'])).stdout).toContain('stray@elsewhere.example');
    const run = await company.rollcall(['run', '--detailed-exitcode']);
    expect(run.code).toBe(0);
    expect(run.stdout).toContain('1 waived');
    const explained = (await company.rollcall(['explain', id])).stdout;
    expect(explained).toMatch(new RegExp(`WAIVERS\\n.*\\n.*${until}  kim  auditor  in force`));

    const again = await company.rollcall(['waive', id, '--until', until, '--reason', 'still', '--json'], {
      ROLLCALL_AUTHOR: 'lee',
    });
    const printed: unknown = JSON.parse(again.stdout);
    expect(printed).toMatchObject({
      finding: { id: Number(id), status: 'waived' },
      waiver: { until, author: 'lee', ended_at: null },
    });

    const back = await company.rollcall(['unwaive', id], author);
    expect(back.stdout).toContain(`is open again: the waiver of lee until ${until} has ended.`);
    expect((await company.rollcall(['explain', id])).stdout).toContain('unwaived by kim');
    expect(await company.rows('select author, action, reason from rollcall.audit order by id')).toEqual([
      { author: 'kim', action: 'waive', reason: 'auditor' },
      { author: 'lee', action: 'waive', reason: 'still' },
      { author: 'kim', action: 'unwaive', reason: 'none given' },
    ]);

    for (const [args, code, says] of [
      [['unwaive', id], 1, 'is not waived'],
      [['waive', id, '--until', '2020-01-01', '--reason', 'x'], 64, '2020-01-01 is past'],
    ] as const) {
      const refused = await company.rollcall(args);
      expect(refused.code).toBe(code);
      expect(refused.stderr).toContain(says);
    }
  });
});
