import fc from '../../support/property.ts';
import { describe, expect, test } from 'vitest';
import type { AccountCase, Case, Judgement, Known, Transition } from '../../../src/core/case.ts';
import { canonicalJson } from '../../../src/core/canonical-json.ts';
import { classify } from '../../../src/core/classify.ts';
import { chargeDigest, fingerprintOf, settle } from '../../../src/core/ledger.ts';
import type { RosterRow } from '../../../src/core/row.ts';
import { RULES, type Rule } from '../../../src/core/rule.ts';
import {
  aCandidate,
  aJudging,
  aKnown,
  aLinkedCase,
  aManager,
  anAccountCase,
  anIdentity,
  anIdentityCase,
  aRow,
} from '../../support/builders.ts';

const ALL: ReadonlySet<Rule> = new Set(RULES);
const gone = anIdentity({ present: false, leftOn: '2026-11-20', leftBy: 'absence' });
const leaver = aLinkedCase(gone);
const leaverCharge = onlyCharge(leaver);
const LEAVER_PRINT = '2:leaver_account:n-1';

function onlyCharge(of: Case) {
  const [charge] = classify(of, aJudging()).charges;
  if (charge === undefined) throw new Error('the case of this test charges something');
  return charge;
}

function settled(of: Case, ran: ReadonlySet<Rule> = ALL): readonly Transition[] {
  return settle(of, classify(of, aJudging()), { ran, isOther: false });
}

function known(rule: Rule, status: Known['status'] = 'open'): Known {
  return aKnown({ ...leaverCharge, rule }, { status });
}

describe('fingerprintOf', () => {
  test('is of source, rule and subject, and no two findings share one', () => {
    expect(fingerprintOf(2, 'leaver_account', 'n-1')).toBe(LEAVER_PRINT);
    expect(fingerprintOf(2, 'leaver_account', 'a:b')).not.toBe(fingerprintOf(2, 'leaver_account', 'a'));
  });
});

describe('chargeDigest', () => {
  test('is the same for the same charge, in any order of keys', () => {
    const reversed = Object.fromEntries(Object.entries(leaverCharge.evidence).toReversed());
    expect(chargeDigest({ ...leaverCharge, evidence: reversed })).toBe(chargeDigest(leaverCharge));
    expect(chargeDigest(leaverCharge)).toMatch(/^[0-9a-f]{16}$/);
  });

  test('changes with everything that a finding says', () => {
    const changes = [
      {},
      { severity: 'critical' },
      { subject: 'n-2' },
      { account: undefined },
      { accountEmail: 'x@example.com' },
      { accountName: 'X' },
      { identity: { sourceId: 1, externalId: 'p-2' } },
      { identityEmail: undefined },
      { summary: 'x' },
      { evidence: {} },
      { evidence: { ...leaverCharge.evidence, left_on: '2026-11-19' } },
    ] as const;
    const digests = changes.map((change) => chargeDigest({ ...leaverCharge, ...change }));
    expect(new Set(digests).size).toBe(changes.length);
  });

  test('no two of many texts share one', () => {
    const digests = Array.from({ length: 20_000 }, (_, i) => chargeDigest({ ...leaverCharge, subject: `n-${i}` }));
    expect(new Set(digests).size).toBe(20_000);
  });

  test('canonical JSON means the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json: unknown = JSON.parse(JSON.stringify(value));
        expect(JSON.parse(canonicalJson(JSON.parse(JSON.stringify(value))))).toEqual(json);
      }),
    );
  });
});

describe('settle', () => {
  test('unknown and charged: opens', () => {
    expect(settled(leaver)).toEqual([{ kind: 'open', fingerprint: LEAVER_PRINT, charge: leaverCharge }]);
  });

  test.each<[string, Partial<Known>, string | undefined]>([
    ['open and the same: nothing', {}, undefined],
    ['held and the same: nothing', { status: 'held' }, undefined],
    ['waived and the same: nothing', { status: 'waived' }, undefined],
    ['resolved: reopens', { status: 'resolved' }, 'reopen'],
    ['open and it says something else: updates', { chargeDigest: 'other' }, 'update'],
    ['held and it says something else: updates', { status: 'held', chargeDigest: 'other' }, 'update'],
    ['waived and it says something else: stays waived', { status: 'waived', chargeDigest: 'other' }, 'update'],
    ['waived and the severity rises: reopens', { status: 'waived', severity: 'medium' }, 'reopen'],
    ['waived and the severity falls: stays waived', { status: 'waived', severity: 'critical' }, undefined],
    [
      'waived and it is about somebody else: reopens',
      { status: 'waived', identity: { sourceId: 1, externalId: 'p-9' } },
      'reopen',
    ],
    ['waived and nobody was concerned before: reopens', { status: 'waived', identity: undefined }, 'reopen'],
    ['resolved, and its waiver is in force: waived again', { status: 'resolved', waiver: true }, 'waive'],
    [
      'resolved, its waiver is in force, and the severity is higher: reopens',
      { status: 'resolved', waiver: true, severity: 'medium' },
      'reopen',
    ],
    [
      'resolved, its waiver is in force, and it is about somebody else: reopens',
      { status: 'resolved', waiver: true, identity: { sourceId: 1, externalId: 'p-9' } },
      'reopen',
    ],
    ['open while a waiver is in force (nobody writes that): nothing', { waiver: true }, undefined],
  ])('%s', (_name, known, kind) => {
    const transitions = settled({ ...leaver, findings: [aKnown(leaverCharge, known)] });
    expect(transitions.map((transition) => transition.kind)).toEqual(kind === undefined ? [] : [kind]);
  });

  test.each<[string, Partial<Known>, string | undefined]>([
    ['a waived one, of a higher severity', { status: 'waived', severity: 'medium' }, 'severity rose'],
    ['a waived one, of somebody else', { status: 'waived', identity: undefined }, 'another identity'],
    [
      'a resolved one, waived, of a higher severity',
      { status: 'resolved', waiver: true, severity: 'low' },
      'severity rose',
    ],
    ['a resolved one of a higher severity that nobody waives', { status: 'resolved', severity: 'low' }, undefined],
  ])('what opens again says why its waiver does not cover it: %s', (_name, known, because) => {
    const [transition] = settled({ ...leaver, findings: [aKnown(leaverCharge, known)] });
    expect(transition).toEqual({
      kind: 'reopen',
      fingerprint: LEAVER_PRINT,
      charge: leaverCharge,
      ...(because === undefined ? {} : { because }),
    });
  });

  test('a person whom another list names now is the same person, and the waiver holds', () => {
    const named = anIdentity({
      ref: { sourceId: 1, externalId: 'p-1' },
      present: false,
      leftOn: '2026-11-20',
      leftBy: 'absence',
    });
    const before = { ...named, ref: { sourceId: 5, externalId: 'hr-1' }, sourceName: 'hr', sourceRank: 1 };
    const of = aLinkedCase([named, before], { link: { identity: before.ref, rule: 'email' } });
    const waived = aKnown(onlyCharge(of), { status: 'waived', identity: before.ref, chargeDigest: 'other' });
    expect(settled({ ...of, findings: [waived] }).map(({ kind }) => kind)).toEqual(['update']);
    // Two people of one list who share an address are two.
    const twin = { ...before, ref: { sourceId: 1, externalId: 'p-7' } };
    const other = aLinkedCase([named, twin], { link: { identity: named.ref, rule: 'email' } });
    const ofTwin = aKnown(onlyCharge(other), { status: 'waived', identity: twin.ref });
    expect(settled({ ...other, findings: [ofTwin] })).toMatchObject([{ kind: 'reopen', because: 'another identity' }]);
  });

  const boss = anIdentity({ row: { externalId: 'p-9', email: 'max@example.com' } });
  const ofBoss = { ...known('manager_left'), identity: boss.ref };
  const linkedNow = anAccountCase({ candidates: [aCandidate()], findings: [known('orphaned_account')] });
  test.each<[string, AccountCase, string]>([
    ['the account is gone', { ...leaver, present: false, findings: [known('leaver_account')] }, 'account gone'],
    [
      'the account is inactive',
      aLinkedCase(gone, { row: { status: 'inactive' }, findings: [known('leaver_account')] }),
      'access removed',
    ],
    [
      'an orphan is inactive',
      anAccountCase({ row: { status: 'inactive' }, findings: [known('orphaned_account')] }),
      'access removed',
    ],
    ['the identity is current', aLinkedCase(anIdentity(), { findings: [known('leaver_account')] }), 'identity current'],
    [
      'a person said that it is not of the leaver',
      anAccountCase({ denied: [gone.ref], findings: [{ ...known('leaver_account'), identity: gone.ref }] }),
      'decided by a person',
    ],
    [
      'a person said that it is of somebody else, who is current',
      aLinkedCase(boss, {
        link: { identity: boss.ref, rule: 'pinned' },
        findings: [{ ...known('leaver_account'), identity: gone.ref }],
      }),
      'decided by a person',
    ],
    [
      'the leaver to whom a person linked it is back',
      aLinkedCase(anIdentity(), {
        link: { identity: gone.ref, rule: 'pinned' },
        findings: [{ ...known('leaver_account'), identity: gone.ref }],
      }),
      'identity current',
    ],
    ['an orphan is linked now', linkedNow, 'linked'],
    ['an orphan was linked meanwhile', aLinkedCase(anIdentity(), { findings: [known('orphaned_account')] }), 'linked'],
    ['a dispute is settled by a link', aLinkedCase(anIdentity(), { findings: [known('disputed_account')] }), 'linked'],
    [
      'an account is active again',
      aLinkedCase(anIdentity(), { findings: [known('inactive_account')] }),
      'record changed',
    ],
    [
      'the account is a service account now',
      aLinkedCase(gone, { row: { kind: 'service' }, findings: [known('leaver_account')] }),
      'record changed',
    ],
    [
      'the person with an inactive account has left',
      aLinkedCase(gone, { row: { status: 'inactive' }, findings: [known('inactive_account')] }),
      'record changed',
    ],
    [
      'the person has started, or will soon',
      aLinkedCase(anIdentity(), { findings: [known('early_account')] }),
      'identity current',
    ],
    ['the person never came', aLinkedCase(gone, { findings: [known('early_account')] }), 'record changed'],
    [
      'the manager whom the finding names is back',
      aLinkedCase(anIdentity({ manager: [boss] }), { findings: [ofBoss] }),
      'identity current',
    ],
    [
      'the manager’s account there is back',
      aLinkedCase(anIdentity(), { manager: aManager({ linked: [boss] }), findings: [ofBoss] }),
      'identity current',
    ],
    [
      'another manager is named',
      aLinkedCase(anIdentity({ manager: [anIdentity({ row: { externalId: 'p-8', email: 'eva@example.com' } })] }), {
        findings: [ofBoss],
      }),
      'record changed',
    ],
    [
      'of two managers the one whom the finding names is back',
      aLinkedCase(anIdentity({ manager: [anIdentity({ row: { externalId: 'p-8', email: 'eva@example.com' } })] }), {
        manager: aManager({ linked: [boss] }),
        findings: [ofBoss],
      }),
      'identity current',
    ],
    [
      'the manager’s account is back, and nobody knew whose it was',
      aLinkedCase(anIdentity(), {
        manager: aManager({ linked: [boss] }),
        findings: [{ ...known('manager_left'), identity: undefined }],
      }),
      'record changed',
    ],
    ['no manager is named any more', aLinkedCase(anIdentity(), { findings: [ofBoss] }), 'record changed'],
    [
      'the account of the reporting person is inactive',
      aLinkedCase(anIdentity({ manager: [boss] }), { row: { status: 'inactive' }, findings: [ofBoss] }),
      'access removed',
    ],
    [
      'an inactive account agrees with the identity again',
      aLinkedCase(gone, { row: { status: 'inactive' }, findings: [known('attribute_mismatch')] }),
      'record changed',
    ],
    [
      'somebody uses the account',
      aLinkedCase(anIdentity(), {
        row: { lastActiveAt: '2026-11-20T08:00:00Z' },
        findings: [known('dormant_account')],
      }),
      'record changed',
    ],
    ['the end date was corrected', anAccountCase({ findings: [known('lifecycle_conflict')] }), 'record changed'],
    [
      'a held finding has lost its ground',
      aLinkedCase(anIdentity(), { findings: [known('leaver_account', 'held')] }),
      'identity current',
    ],
    [
      'a waived finding has lost its ground',
      aLinkedCase(anIdentity(), { findings: [known('leaver_account', 'waived')] }),
      'identity current',
    ],
  ])('no longer charged, because %s', (_name, of, resolution) => {
    const resolved = settled(of).filter((transition) => transition.kind === 'resolve');
    expect(resolved).toEqual([{ kind: 'resolve', fingerprint: of.findings[0]?.fingerprint, resolution }]);
  });

  test('a duplicate is resolved when one account is inactive, or one is not linked any more', () => {
    const two = anIdentityCase();
    const findings = [aKnown(onlyCharge(two))];
    const inactive = [aRow({ externalId: 'n-1' }), aRow({ externalId: 'n-2', status: 'inactive' })];
    expect(settled({ ...two, findings, accounts: inactive })).toMatchObject([
      { kind: 'resolve', resolution: 'access removed' },
    ]);
    expect(settled({ ...two, findings, accounts: [aRow()] })).toMatchObject([{ resolution: 'record changed' }]);
  });

  test('a missing account is resolved as linked when there is one now, be it inactive, else because the record changed', () => {
    const two = anIdentityCase();
    const findings = [aKnown({ ...onlyCharge(two), rule: 'missing_account' })];
    const resolutionWith = (accounts: readonly RosterRow[]) => settled({ ...two, findings, accounts });
    expect(resolutionWith([aRow({ status: 'inactive' })])).toMatchObject([{ resolution: 'linked' }]);
    expect(resolutionWith([])).toMatchObject([{ resolution: 'record changed' }]);
  });

  test.each<[string, AccountCase, ReadonlySet<Rule>]>([
    ['the rule did not run: nothing opens', leaver, new Set()],
    [
      'the rule did not run: nothing resolves',
      aLinkedCase(anIdentity(), { findings: [known('leaver_account')] }),
      new Set(),
    ],
    [
      'the rule could not decide: nothing resolves',
      aLinkedCase(anIdentity({ row: { status: 'unknown' } }), { findings: [known('leaver_account')] }),
      ALL,
    ],
    [
      'a resolved finding stays resolved',
      aLinkedCase(anIdentity(), { findings: [known('leaver_account', 'resolved')] }),
      ALL,
    ],
  ])('%s', (_name, of, ran) => {
    expect(settled(of, ran)).toEqual([]);
  });

  test('a charge that the judgement calls undecided does not open', () => {
    const judgement: Judgement = { link: { kind: 'keep' }, charges: [leaverCharge], undecided: ['leaver_account'] };
    expect(settle(leaver, judgement, { ran: ALL, isOther: false })).toEqual([]);
  });

  test('the same judgement applied twice changes nothing the second time', () => {
    const status = fc.constantFrom('open', 'held', 'waived', 'resolved');
    const severity = fc.constantFrom('low', 'high', 'critical');
    const knowns = fc.uniqueArray(fc.tuple(fc.constantFrom(...RULES), status, fc.boolean(), severity), {
      selector: ([rule]) => rule,
    });
    const cases = fc.constantFrom(leaver, linkedNow, anAccountCase(), aLinkedCase(anIdentity()), {
      ...leaver,
      present: false,
    });
    fc.assert(
      fc.property(cases, knowns, fc.subarray([...RULES]), (of, before, rules) => {
        const findings = before.map(([rule, state, isWaived, severity]) => ({
          ...known(rule, state),
          severity,
          waiver: state === 'waived' || (state === 'resolved' && isWaived),
        }));
        const ran = new Set(rules);
        const judgement = classify(of, aJudging());
        const after = applied(findings, settle({ ...of, findings }, judgement, { ran, isOther: false }));
        expect(settle({ ...of, findings: after }, judgement, { ran, isOther: false })).toEqual([]);
      }),
    );
  });
});

/** The ledger after these transitions, as the store would have it. */
function applied(findings: readonly Known[], transitions: readonly Transition[]): readonly Known[] {
  const after = new Map(findings.map((finding) => [finding.fingerprint, finding]));
  for (const transition of transitions) {
    const before = after.get(transition.fingerprint);
    const changed =
      transition.kind === 'resolve'
        ? before && { ...before, status: 'resolved' as const }
        : charged(before, transition);
    if (changed !== undefined) after.set(changed.fingerprint, changed);
  }
  return [...after.values()];
}

/** Whatever opens has no waiver any more. */
function charged(before: Known | undefined, { kind, charge }: Exclude<Transition, { kind: 'resolve' }>): Known {
  if (kind === 'update') return aKnown(charge, { status: before?.status ?? 'open', waiver: before?.waiver });
  return kind === 'waive' ? aKnown(charge, { status: 'waived', waiver: true }) : aKnown(charge);
}
