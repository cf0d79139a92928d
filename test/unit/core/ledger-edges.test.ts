import { describe, expect, test } from 'vitest';
import type { AccountCase, Case, CredentialCase, IdentityRow, Judgement, Known } from '../../../src/core/case.ts';
import { classify } from '../../../src/core/classify.ts';
import { settle } from '../../../src/core/ledger.ts';
import type { Judging } from '../../../src/core/policy.ts';
import { RULES } from '../../../src/core/rule.ts';
import {
  aCandidate,
  aCredentialCase,
  aJudging,
  aKnown,
  aLinkedCase,
  anAccountCase,
  anIdentity,
  aService,
} from '../../support/builders.ts';

// Contract §6, status and resolution of findings: what the cases of ledger.test.ts leave out.

const gone = anIdentity({ present: false, leftOn: '2026-11-18', leftBy: 'absence' });
const ownedBy = (...rows: readonly IdentityRow[]) => ({ serviceAccounts: aService({}, rows) });
const john = anIdentity({ row: { externalId: 'p-9', email: 'john@example.com', givenName: 'John' } });

function settled(of: Case, judging: Partial<Judging> = {}) {
  return settle(of, classify(of, aJudging(judging)), { ran: new Set(RULES), isOther: false });
}

/** The finding that this case opens, as the ledger knows it from then on. */
function known(of: Case, overrides: Partial<Known> = {}, judging: Partial<Judging> = {}): Known {
  const [charge] = classify(of, aJudging(judging)).charges;
  if (charge === undefined) throw new Error('the case of this test charges something');
  // As it comes from a table: no object of the charge itself.
  return structuredClone(aKnown(charge, overrides));
}

describe('an open finding', () => {
  test.each(['open', 'held'] as const)('%s, and its severity rises: it goes on, and says so', (status) => {
    const of = aLinkedCase(gone, { row: { privileged: true } });
    const before = known(aLinkedCase(gone), { status });
    expect(settled({ ...of, findings: [before] })).toMatchObject([
      { kind: 'update', charge: { severity: 'critical' } },
    ]);
  });
});

describe('a waiver', () => {
  const orphan = anAccountCase();

  test('of a finding about nobody in particular holds while it stays so', () => {
    expect(settled({ ...orphan, findings: [known(orphan, { status: 'waived' })] })).toEqual([]);
  });

  test('of a finding about the same person holds', () => {
    const leaver = aLinkedCase(gone);
    expect(settled({ ...leaver, findings: [known(leaver, { status: 'waived' })] })).toEqual([]);
  });

  test('ends when the person is known no more', () => {
    const strangers = aCredentialCase({ identity: [] });
    const waived = known(strangers, { status: 'waived', identity: { sourceId: 1, externalId: 'p-1' } });
    expect(settled({ ...strangers, findings: [waived] })).toMatchObject([{ kind: 'reopen' }]);
  });
});

describe('why a finding about an account ends', () => {
  const orphan = known(anAccountCase());
  const two = [aCandidate(anIdentity()), aCandidate(john)];

  test.each<[string, AccountCase, string]>([
    ['an orphan that two people could own now', anAccountCase({ candidates: two }), 'record changed'],
    [
      'the same, with a link into a list that is configured no longer',
      anAccountCase({ candidates: two, link: { identity: { sourceId: 8, externalId: 'x' }, rule: 'email' } }),
      'record changed',
    ],
    ['an orphan that is a service account now', anAccountCase({ row: { kind: 'service' } }), 'record changed'],
    ['an orphan linked by this judgement', anAccountCase({ candidates: [aCandidate()] }), 'linked'],
    ['an orphan linked before', aLinkedCase(anIdentity()), 'linked'],
    ['the list itself is an authority now', anAccountCase({ authoritative: true }), 'record changed'],
  ])('%s', (_name, of, resolution) => {
    const resolved = settled({ ...of, findings: [orphan] }).filter(({ kind }) => kind === 'resolve');
    expect(resolved).toEqual([{ kind: 'resolve', fingerprint: orphan.fingerprint, resolution }]);
  });
});

describe('why a finding about the owner of a service account ends', () => {
  const robot = anAccountCase({ row: { externalId: 'xero-sync', kind: 'service' } });
  const finding = known(robot, {}, ownedBy(gone));
  const unlisted = known(robot);

  test.each<[string, AccountCase, Partial<Judging>, string]>([
    ['the owner is back', robot, ownedBy(anIdentity()), 'identity current'],
    ['somebody else answers for it', robot, ownedBy(john), 'record changed'],
    [
      'the account is inactive',
      { ...robot, row: { ...robot.row, status: 'inactive' } },
      ownedBy(gone),
      'access removed',
    ],
    [
      'it is a person’s account now, and the owner has still left',
      { ...robot, row: { ...robot.row, kind: 'human' } },
      ownedBy(gone),
      'record changed',
    ],
    ['the entry is gone', robot, {}, 'record changed'],
    // Somebody else still has to answer for it, but that is the other rule's finding.
    ['its owner is nobody we know', robot, ownedBy(), 'record changed'],
  ])('%s', (_name, of, judging, resolution) => {
    const transitions = settled({ ...of, findings: [finding] }, judging);
    expect(transitions.filter(({ kind }) => kind === 'resolve')).toEqual([
      { kind: 'resolve', fingerprint: finding.fingerprint, resolution },
    ]);
  });

  test('somebody else answers for it who has left as well: the same finding, about another person', () => {
    const other = { ...gone, row: john.row, ref: john.ref };
    expect(settled({ ...robot, findings: [finding] }, ownedBy(other))).toMatchObject([
      { kind: 'update', fingerprint: finding.fingerprint, charge: { identity: { externalId: 'p-9' } } },
    ]);
  });

  test('nobody answered for it, and now somebody does: nobody has come back', () => {
    expect(settled({ ...robot, findings: [unlisted] }, ownedBy(anIdentity()))).toMatchObject([
      { kind: 'resolve', resolution: 'record changed' },
    ]);
  });

  test('nobody answered for it, and whoever does now was named in the finding: still no return', () => {
    const named = { ...unlisted, identity: { sourceId: 1, externalId: 'p-1' } };
    expect(settled({ ...robot, findings: [named] }, ownedBy(anIdentity()))).toMatchObject([
      { kind: 'resolve', resolution: 'record changed' },
    ]);
  });
});

describe('why a finding about the owner of a token ends', () => {
  const atRisk = known(aCredentialCase({ identity: [gone] }));
  const unknown = known(aCredentialCase({ identity: [] }));
  const leaving = known(aCredentialCase({ identity: [anIdentity({ row: { endDate: '2026-11-30' } })] }));

  test.each<[string, Known, CredentialCase, string]>([
    ['the owner who had left is back', atRisk, aCredentialCase(), 'identity current'],
    ['the owner who was leaving stays', leaving, aCredentialCase(), 'identity current'],
    ['the token is somebody else’s now', atRisk, aCredentialCase({ identity: [john] }), 'record changed'],
    ['nobody knew the owner, and now somebody does', unknown, aCredentialCase(), 'linked'],
  ])('%s', (_name, finding, of, resolution) => {
    expect(settled({ ...of, findings: [finding] })).toEqual([
      { kind: 'resolve', fingerprint: finding.fingerprint, resolution },
    ]);
  });

  test.each([
    ['whose owner is not known', undefined],
    ['whose owner has left', { ref: { sourceId: 1, externalId: 'p-1' }, standing: 'left' }],
  ] as const)('a judgement without a charge %s: nobody is said to be back', (_name, owner) => {
    const judgement: Judgement = { link: { kind: 'keep' }, charges: [], undecided: [], owner };
    const of = aCredentialCase({ findings: [atRisk] });
    expect(settle(of, judgement, { ran: new Set(RULES), isOther: false })).toMatchObject([
      { resolution: 'record changed' },
    ]);
  });

  test('it goes on while the owner is at risk, and nothing is decided while nothing is known', () => {
    expect(settled(aCredentialCase({ identity: [gone], findings: [atRisk] }))).toEqual([]);
    const undecided = anIdentity({ row: { status: 'unknown' } });
    expect(settled(aCredentialCase({ identity: [undecided], findings: [atRisk] }))).toEqual([]);
  });

  test('another owner who has left as well: the same finding, about another person', () => {
    const other = { ...gone, row: john.row, ref: john.ref };
    expect(settled(aCredentialCase({ identity: [other], findings: [atRisk] }))).toMatchObject([
      { kind: 'update', charge: { identity: { externalId: 'p-9' } } },
    ]);
  });
});
