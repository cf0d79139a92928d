import { describe, expect, test } from 'vitest';
import type { AccountCase } from '../../../src/core/case.ts';
import { correlate, correlation } from '../../../src/core/correlate.ts';
import { aCandidate, aJudging, aLinkedCase, anAccountCase, anIdentity } from '../../support/builders.ts';

const LEFT = { present: false, leftOn: '2026-11-01', leftBy: 'absence' } as const;
const ref = (externalId: string) => ({ sourceId: 1, externalId });
const linkTo = (externalId: string, rule: string) => ({ kind: 'link', identity: ref(externalId), rule });

const jane = anIdentity();
const janeLeft = anIdentity(LEFT);
const janeAgain = anIdentity({ row: { externalId: 'p-2' } });
const namesake = anIdentity({ row: { externalId: 'p-3', givenName: 'John' } });
const janeInHr = anIdentity({
  row: { externalId: 'h-1' },
  ref: { sourceId: 9, externalId: 'h-1' },
  sourceName: 'hr',
  sourceRank: 1,
});

const janeRenamed = anIdentity({ row: { externalId: 'p-4', email: 'jane.new@example.com' } });
const janeMarried = anIdentity({ row: { externalId: 'p-5', email: 'jane.s@example.com', familyName: 'Smith' } });
const heir = anIdentity({ row: { externalId: 'p-6', email: 'kim@example.com', givenName: 'Kim' } });

const cases: readonly { name: string; of: AccountCase; expected: object }[] = [
  { name: 'nobody has a key of it', of: anAccountCase(), expected: { kind: 'unmatched' } },
  {
    name: 'one identity with the same e-mail',
    of: anAccountCase({ candidates: [aCandidate(jane)] }),
    expected: { ...linkTo('p-1', 'email'), evidence: { email: 'jane.doe@example.com' } },
  },
  {
    name: 'one identity by alias',
    of: anAccountCase({ row: { email: 'jane+crm@example.com' }, candidates: [aCandidate(jane, 'alias')] }),
    expected: linkTo('p-1', 'alias'),
  },
  {
    name: 'the e-mail goes before an alias',
    of: anAccountCase({ candidates: [aCandidate(janeAgain, 'alias'), aCandidate(jane)] }),
    expected: linkTo('p-1', 'email'),
  },
  {
    name: 'the employee id goes before the e-mail',
    of: anAccountCase({ candidates: [aCandidate(jane), aCandidate(namesake, 'employee_id')] }),
    expected: linkTo('p-3', 'employee_id'),
  },
  {
    name: 'rows of two sources with one e-mail are one identity',
    of: anAccountCase({ candidates: [aCandidate(janeInHr), aCandidate(jane)] }),
    expected: linkTo('p-1', 'email'),
  },
  {
    name: 'two identities',
    of: anAccountCase({ candidates: [aCandidate(namesake), aCandidate(jane)] }),
    expected: { kind: 'disputed', candidates: [ref('p-1'), ref('p-3')] },
  },
  {
    name: "a rehire's old row: one current, the same e-mail and names",
    of: anAccountCase({ candidates: [aCandidate(janeLeft), aCandidate(janeAgain)] }),
    expected: linkTo('p-2', 'email'),
  },
  {
    name: 'an old row with another name is another person',
    of: anAccountCase({
      candidates: [aCandidate(anIdentity({ ...LEFT, row: { givenName: 'John' } })), aCandidate(janeAgain)],
    }),
    expected: { kind: 'disputed' },
  },
  {
    name: 'an old row without a name proves nothing',
    of: anAccountCase({
      candidates: [
        aCandidate(anIdentity({ ...LEFT, row: { givenName: undefined, familyName: undefined } })),
        aCandidate(anIdentity({ row: { externalId: 'p-2', givenName: undefined, familyName: undefined } })),
      ],
    }),
    expected: { kind: 'disputed' },
  },
  {
    name: 'two current rows of one person in one source',
    of: anAccountCase({ candidates: [aCandidate(jane), aCandidate(janeAgain)] }),
    expected: { kind: 'disputed' },
  },
  {
    name: 'two old rows and no current one',
    of: anAccountCase({
      candidates: [aCandidate(janeLeft), aCandidate(anIdentity({ ...LEFT, row: { externalId: 'p-2' } }))],
    }),
    expected: { kind: 'disputed' },
  },
  { name: 'the link from before stays', of: aLinkedCase(jane), expected: { kind: 'keep' } },
  {
    name: 'the link stays although the e-mail now points elsewhere',
    of: aLinkedCase(jane, { candidates: [aCandidate(namesake)] }),
    expected: { kind: 'keep' },
  },
  {
    name: 'the link to one who has left stays when nobody else is found',
    of: aLinkedCase(janeLeft, { candidates: [aCandidate(janeLeft)] }),
    expected: { kind: 'keep' },
  },
  {
    name: 'a rehire: the link moves to the current identity with the same given name',
    of: aLinkedCase(janeLeft, {
      candidates: [
        aCandidate(janeLeft),
        aCandidate(anIdentity({ row: { externalId: 'p-2', givenName: 'JANE', familyName: 'Smith' } })),
      ],
    }),
    expected: linkTo('p-2', 'relinked'),
  },
  {
    name: 'a new address whose alias is the old one: the link moves, although the e-mail leads to the row that has left',
    of: aLinkedCase(janeLeft, { candidates: [aCandidate(janeLeft), aCandidate(janeRenamed, 'alias')] }),
    expected: linkTo('p-4', 'relinked'),
  },
  {
    name: 'the same without a link yet: nobody is a leaver for one report',
    of: anAccountCase({ candidates: [aCandidate(janeLeft), aCandidate(janeRenamed, 'alias')] }),
    expected: linkTo('p-4', 'relinked'),
  },
  {
    name: 'an employee id of a row that has left, and the address of a current one',
    of: anAccountCase({ candidates: [aCandidate(janeLeft, 'employee_id'), aCandidate(janeAgain)] }),
    expected: linkTo('p-2', 'relinked'),
  },
  {
    name: 'whoever takes over the mailbox of somebody who left is not that person',
    of: aLinkedCase(janeLeft, { candidates: [aCandidate(janeLeft), aCandidate(heir, 'alias')] }),
    expected: { kind: 'keep' },
  },
  {
    name: 'the e-mail leads to somebody of unknown status as well: whoever has an alias of it is not asked',
    of: aLinkedCase(janeLeft, {
      candidates: [
        aCandidate(janeLeft),
        aCandidate(anIdentity({ row: { externalId: 'p-7', status: 'unknown' } })),
        aCandidate(janeRenamed, 'alias'),
      ],
    }),
    expected: { kind: 'keep' },
  },
  {
    name: 'another family name moves no link by an alias',
    of: aLinkedCase(janeLeft, { candidates: [aCandidate(janeLeft), aCandidate(janeMarried, 'alias')] }),
    expected: { kind: 'keep' },
  },
  {
    name: 'two who have the alias and are there move no link',
    of: aLinkedCase(janeLeft, {
      candidates: [aCandidate(janeLeft), aCandidate(janeRenamed, 'alias'), aCandidate(heir, 'alias')],
    }),
    expected: { kind: 'keep' },
  },
  {
    name: 'an e-mail that leads to somebody of unknown status leaves the alias unheard',
    of: aLinkedCase(janeLeft, {
      candidates: [
        aCandidate(anIdentity({ row: { externalId: 'p-7', status: 'unknown' } })),
        aCandidate(janeRenamed, 'alias'),
      ],
    }),
    expected: { kind: 'keep' },
  },
  {
    name: 'a current identity by e-mail keeps an alias unheard',
    of: anAccountCase({ candidates: [aCandidate(jane), aCandidate(janeRenamed, 'alias')] }),
    expected: linkTo('p-1', 'email'),
  },
  {
    name: 'a recycled address: the link stays with one who left',
    of: aLinkedCase(janeLeft, { candidates: [aCandidate(namesake)] }),
    expected: { kind: 'keep' },
  },
  {
    name: 'an absent given name moves no link',
    of: aLinkedCase(janeLeft, {
      candidates: [aCandidate(anIdentity({ row: { externalId: 'p-2', givenName: undefined } }))],
    }),
    expected: { kind: 'keep' },
  },
  {
    name: 'two absent given names move no link',
    of: aLinkedCase(anIdentity({ ...LEFT, row: { givenName: undefined } }), {
      candidates: [aCandidate(anIdentity({ row: { externalId: 'p-2', givenName: undefined } }))],
    }),
    expected: { kind: 'keep' },
  },
  {
    name: 'two current identities move no link',
    of: aLinkedCase(janeLeft, { candidates: [aCandidate(janeAgain), aCandidate(namesake)] }),
    expected: { kind: 'keep' },
  },
  {
    name: 'an identity of unknown status keeps its link',
    of: aLinkedCase(anIdentity({ row: { status: 'unknown' } }), { candidates: [aCandidate(janeAgain)] }),
    expected: { kind: 'keep' },
  },
  {
    name: 'a person outranks every rule',
    of: aLinkedCase(janeLeft, {
      link: { identity: ref('p-1'), rule: 'pinned' },
      candidates: [aCandidate(janeAgain)],
    }),
    expected: { kind: 'keep' },
  },
  {
    name: 'a link gets the name of the first source when its row appears',
    of: aLinkedCase([janeInHr, jane]),
    expected: linkTo('p-1', 'email'),
  },
  {
    name: 'a link into a source that is no longer configured is made anew',
    of: anAccountCase({ link: { identity: ref('gone'), rule: 'email' }, candidates: [aCandidate(jane)] }),
    expected: linkTo('p-1', 'email'),
  },
  {
    name: 'a row of the own source is never its identity',
    of: anAccountCase({ ref: { sourceId: 1, externalId: 'p-9' }, candidates: [aCandidate(jane)] }),
    expected: { kind: 'unmatched' },
  },
  {
    name: 'an account that is gone keeps its link',
    of: aLinkedCase(jane, { present: false }),
    expected: { kind: 'keep' },
  },
  {
    name: 'an account that is gone is not linked any more',
    of: anAccountCase({ present: false, candidates: [aCandidate(jane)] }),
    expected: { kind: 'keep' },
  },
  {
    name: 'a row of an authority is not correlated',
    of: anAccountCase({ authoritative: true, candidates: [aCandidate(janeInHr)] }),
    expected: { kind: 'keep' },
  },
];

describe('correlate', () => {
  test.each(cases)('$name', ({ of, expected }) => {
    expect(correlate(of, aJudging())).toMatchObject(expected);
  });

  test('a namesake is shown as a suggestion', () => {
    const found = correlation(aLinkedCase(janeLeft, { candidates: [aCandidate(namesake)] }), aJudging());
    expect(found).toMatchObject({ state: 'linked', identity: { ref: ref('p-1') }, suggestion: { ref: ref('p-3') } });
  });

  test('whoever has the same given name by an alias is shown as one, from the first report on', () => {
    const candidates = [aCandidate(janeLeft), aCandidate(janeMarried, 'alias')];
    for (const of of [aLinkedCase(janeLeft, { candidates }), anAccountCase({ candidates })]) {
      expect(correlation(of, aJudging())).toMatchObject({
        identity: { ref: ref('p-1') },
        suggestion: { ref: ref('p-5') },
      });
    }
    const taken = aLinkedCase(janeLeft, { candidates: [aCandidate(janeLeft), aCandidate(heir, 'alias')] });
    expect(correlation(taken, aJudging()).suggestion).toBeUndefined();
  });

  test('a move is explained', () => {
    const decision = correlate(aLinkedCase(janeLeft, { candidates: [aCandidate(janeAgain)] }), aJudging());
    expect(decision).toMatchObject({
      evidence: {
        relinked_from: { source: 'directory', external_id: 'p-1', name: 'Jane Doe' },
        relinked_to: { source: 'directory', external_id: 'p-2', name: 'Jane Doe' },
      },
    });
  });
});
