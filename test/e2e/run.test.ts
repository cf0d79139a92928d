import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import type { FindingRow } from '../../src/core/views.ts';
import type { SlackMessage } from '../../src/sandbox/slack.ts';
import { aWorld, type World } from '../../src/sandbox/world.ts';
import { startCompany, type Company } from '../support/sandbox-company.ts';
import { findingsAt, peopleAt, SERVICE_ACCOUNTS, tellScenario, toSorted } from './scenario.ts';
import type { Expected, Stage } from './scenario-types.ts';

const YAML = `serviceAccounts: ${JSON.stringify(SERVICE_ACCOUNTS)}`;
const TODAY = new Date().toISOString().slice(0, 10);
const STORIES = tellScenario(TODAY);

function worldAt(stage: Stage, overrides: Partial<World> = {}): World {
  return aWorld({ people: peopleAt(STORIES, stage), ...overrides });
}

/** `drift_findings` with the columns that the scenario speaks of. */
async function readFindings(company: Company): Promise<readonly Expected[]> {
  return toSorted(
    await company.rows<Expected>(
      `select source, rule, severity, status, account_id, identity_id, resolution from rollcall.drift_findings`,
    ),
  );
}

describe('the scenario', () => {
  test('is told to the end: baseline, a quiet run, things happening, and things coming back', async () => {
    await using company = await startCompany({ world: worldAt('first'), yaml: YAML });

    const first = await company.rollcall(['run', '--json']);
    expect(first).toMatchObject({ code: 0, signal: null });
    expect(await readFindings(company)).toEqual(findingsAt(STORIES, 'first'));
    expect(await readPrinted(first.stdout)).toEqual(findingsAt(STORIES, 'first'));
    expect(company.sandbox.messages).toMatchObject([{ accepted: true }]);
    expect(company.sandbox.requests.every(({ method, vendor }) => method === 'GET' || vendor === 'slack')).toBe(true);

    const before = await company.state();
    company.sandbox.forget();
    const quiet = await company.rollcall(['run']);
    expect(quiet.code).toBe(0);
    expect(await company.state()).toEqual(before);
    expect(company.sandbox.messages).toEqual([]);

    await company.tell(worldAt('later'));
    const later = await company.rollcall(['run', '--detailed-exitcode']);
    expect(later.code).toBe(2);
    expect(await readFindings(company)).toEqual(findingsAt(STORIES, 'later'));
    expect(company.sandbox.messages).toMatchObject([{ accepted: true }]);
    for (const { raw } of company.sandbox.messages) {
      // What is new: somebody who vanished from the identity list, and the orphan with the hostile name.
      expect(raw).toContain('vanished');
      expect(raw).toMatch(/hostile|boss/);
    }
    for (const text of company.sandbox.messages.flatMap(toMarkedUpTexts)) {
      expect(text).not.toMatch(/<[!@#]|<https?:[^>]*\||\*boss\*/);
    }

    await company.tell(worldAt('last'));
    expect((await company.rollcall(['run'])).code).toBe(0);
    expect(await readFindings(company)).toEqual(findingsAt(STORIES, 'last'));
    const reopened = await company.rows<{ count: number }>(
      `select count(*)::int as count from rollcall.drift_findings where rule = 'orphaned_account' and account_id = 'n-stray'`,
    );
    expect(reopened).toEqual([{ count: 1 }]);
  });

  test.each<{ name: string; overrides: Partial<World> }>([
    { name: 'the recorded dialect of Namely', overrides: { namely: { dialect: 'live' } } },
    { name: 'the other shape of /myself', overrides: { nimble: { dialect: 'live', userIds: true } } },
  ])('has the same findings in $name', async ({ overrides }) => {
    await using company = await startCompany({ world: worldAt('first', overrides), yaml: YAML });
    expect((await company.rollcall(['run'])).code).toBe(0);
    expect(await readFindings(company)).toEqual(findingsAt(STORIES, 'first'));
  });

  test('has the same findings when Nimble is read from /company/users', async () => {
    const world = worldAt('first', { nimble: { dialect: 'live', userIds: true } });
    await using company = await startCompany({ world, yaml: YAML });
    await company.write('rollcall.yaml', await readUsersConfig(company));
    expect((await company.rollcall(['run'])).code).toBe(0);
    expect(company.sandbox.requests.filter(({ path }) => path === '/api/v1/company/users')).toHaveLength(1);
    expect(await readFindings(company)).toEqual(findingsAt(STORIES, 'first'));
  });

  test('leaves no token, webhook or private field in output, Slack or database', async () => {
    await using company = await startCompany({ world: worldAt('first'), yaml: YAML });
    await company.rollcall(['run', '--json']);
    await company.tell(worldAt('later', { namely: { dialect: 'live' } }));
    for (const args of [['run'], ['report'], ['findings'], ['roster', 'namely'], ['doctor'], ['config', 'print']]) {
      await company.rollcall(args);
    }
    const posted = company.sandbox.messages.map(({ raw }) => raw).join('\n');
    for (const text of [company.outputs, posted, await company.dump()]) {
      expect(text.length).toBeGreaterThan(100);
      expect(text.match(/.{0,60}canary.{0,60}/i)?.[0]).toBeUndefined();
    }
  });
});

/** Every text of a message in which Slack looks for mentions, links and formatting. */
function toMarkedUpTexts(message: SlackMessage): readonly string[] {
  const texts = [message.text];
  JSON.stringify(message.blocks, (_key, value: unknown) => {
    const marked = MarkedUp.safeParse(value);
    if (marked.success) texts.push(marked.data.text);
    return value;
  });
  return texts;
}
const MarkedUp = z.object({ type: z.literal('mrkdwn'), text: z.string() });

async function readUsersConfig(company: Company): Promise<string> {
  const yaml = await readFile(join(company.directory, 'rollcall.yaml'), 'utf8');
  return yaml.replace('    type: nimble\n', '    type: nimble\n    rosterPath: /api/v1/company/users\n');
}

/** The findings in `run --json`, in the words of the scenario. */
async function readPrinted(stdout: string): Promise<readonly Expected[]> {
  const printed: { findings: readonly (FindingRow & Expected)[] } = JSON.parse(stdout);
  return toSorted(
    printed.findings.map(({ source, rule, severity, status, account_id, identity_id, resolution }) => ({
      source,
      rule,
      severity,
      status,
      account_id,
      identity_id,
      resolution,
    })),
  );
}
