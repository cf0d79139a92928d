import { disputed, leaver, mismatch, orphan, resolved, who, within } from '../findings.ts';
import type { RawRow } from '../../../../src/core/row.ts';
import type { Story, Told } from '../types.ts';
import { contractor, directory, INACTIVE, member, nearMiss, nimble, nimbus, on, story } from '../words.ts';

/** Who belongs to whom: contract §4, and the examples at the end of §6. */
export const CORRELATION_STORIES: readonly Story[] = [
  ...tellKeys(),
  ...tellEmployeeIds(),
  ...tellRehires(),
  ...tellLists(),
];

function tellKeys(): readonly Story[] {
  return [
    nearMiss(
      'orphaned_account',
      'case and surrounding space of an address do not matter',
      on(1, member('jane.doe', {}, { email: ' Jane.Doe@EXAMPLE.com ' })),
    ),
    nearMiss(
      'orphaned_account',
      'a +tag that is an alias links, in any case',
      on(1, member('lena', { aliases: ['Lena+CRM@example.com'] }, { email: 'lena+crm@example.com' })),
    ),
    nearMiss(
      'orphaned_account',
      "an account's alias links as well, and so does an alias that both sides have",
      on(1, [
        ...member('own-alias', {}, { email: 'own@private.example', aliases: ['own-alias@example.com'] }),
        directory('both-alias', { aliases: ['shared@example.com'] }),
        nimble('both-alias', { email: 'ba@private.example', aliases: ['shared@example.com'] }),
      ]),
    ),
    nearMiss(
      'orphaned_account',
      'a domain means the same in Unicode and in ASCII',
      on(1, member('ines', { email: 'ines@b\u00fccher.example' }, { email: 'ines@xn--bcher-kva.example' })),
    ),
    nearMiss(
      'orphaned_account',
      'odd addresses are addresses: question mark, quote, accent before the @',
      on(1, [
        ...member('odd-question', { email: 'who?@example.com' }, { email: 'WHO?@example.com' }),
        ...member('odd-quote', { email: "o'neil@example.com" }, { email: "O'Neil@example.com" }),
        ...member('odd-accent', { email: 'zo\u00eb@example.com' }, { email: 'zoe\u0308@example.com' }),
      ]),
    ),
    nearMiss(
      'orphaned_account',
      'a NUL, an emoji and an accent in a name abort nothing',
      on(1, member('zoe', { givenName: 'Zo\u00eb\u0000' }, { givenName: 'Zo\u00eb' })),
    ),
    story(
      'a +tag makes another address; as an alias it links, and the link is sticky when the alias goes',
      on(1, member('omar', {}, { email: 'omar+crm@example.com' }), orphan('omar')),
      on(
        3,
        member('omar', { aliases: ['omar+crm@example.com'] }, { email: 'omar+crm@example.com' }),
        resolved(orphan('omar'), 'linked'),
      ),
      on(8, member('omar', {}, { email: 'omar+crm@example.com' }), resolved(orphan('omar'), 'linked')),
    ),
    story(
      'dots make different addresses',
      on(1, member('lu.ann', {}, { email: 'luann@example.com' }), orphan('lu.ann')),
    ),
    story(
      'look-alike characters never match (the first a is Cyrillic)',
      on(1, member('adams', {}, { email: '\u0430dams@example.com' }), orphan('adams')),
    ),
    story(
      'names never link',
      on(1, [directory('same-name'), nimble('same-name', { email: 'sn@private.example' })], orphan('same-name')),
    ),
    nearMiss(
      'orphaned_account',
      'a link is sticky: a new address on either side makes no orphan',
      on(1, [...member('nora'), ...member('nick')]),
      on(5, [...member('nora', {}, { email: 'nora.new@example.com' }), ...member('nick', { email: 'n@example.com' })]),
    ),
    nearMiss(
      'reused_account',
      'a new family name and address with the same id and given name is a change',
      on(1, member('mia')),
      on(10, member('mia', {}, { email: 'mia.smith@example.com', familyName: 'Smith' }), mismatch('mia')),
    ),
  ];
}

function tellEmployeeIds(): readonly Story[] {
  return [
    story(
      'where the source says so, an employee id links before the e-mail does',
      on(1, [
        directory('badge', { employeeId: 'E-1', givenName: 'Ada' }),
        directory('lent', { givenName: 'Ben' }),
        nimbus('badge', { employeeId: 'E-1', email: 'lent@example.com', givenName: 'Ada' }),
      ]),
      on(
        7,
        [
          directory('badge', { employeeId: 'E-1', givenName: 'Ada', ...INACTIVE }),
          directory('lent', { givenName: 'Ben' }),
          nimbus('badge', { employeeId: 'E-1', email: 'lent@example.com', givenName: 'Ada' }),
        ],
        within('nimbus', leaver('badge', 7)),
      ),
    ),
    story(
      'where the source does not say so, an employee id links nobody',
      on(
        1,
        [
          directory('e-two', { employeeId: 'E-2' }),
          nimble('e-two', { employeeId: 'E-2', email: 'e2@private.example' }),
        ],
        orphan('e-two'),
      ),
    ),
    story(
      'two people with one employee id dispute the account',
      on(
        1,
        [
          directory('e-three', { employeeId: 'E-3' }),
          directory('e-four', { employeeId: 'E-3' }),
          nimbus('e-three', { employeeId: 'E-3', email: 'e3@private.example' }),
        ],
        within('nimbus', disputed('e-three')),
      ),
      on(
        8,
        [
          directory('e-three', { employeeId: 'E-3' }),
          directory('e-four', { employeeId: 'E-3' }),
          nimbus('e-three', { employeeId: 'E-3', email: 'e3@private.example', ...INACTIVE }),
        ],
        resolved(within('nimbus', disputed('e-three')), 'access removed'),
      ),
    ),
  ];
}

/** The sticky link moves only to one current identity of the same given name. */
function tellRehires(): readonly Story[] {
  const before = { givenName: 'Jose' } as const;
  /** Whether an accent is a difference of attributes, the contract does not say. */
  const UNNAMED = { givenName: undefined } as const;
  return [
    story(
      'a rehire under another id: the link moves to the new identity, and with it the same finding',
      on(1, member('rehired', before, UNNAMED)),
      on(3, member('rehired', { ...before, ...INACTIVE }, UNNAMED), leaver('rehired', 3)),
      on(
        8,
        [...member('rehired', { ...before, ...INACTIVE }, UNNAMED), again('rehired')],
        resolved(leaver('rehired', 3)),
      ),
      on(
        13,
        [...member('rehired', { ...before, ...INACTIVE }, UNNAMED), again('rehired', INACTIVE)],
        who('d-rehired-again', leaver('rehired', 13)),
      ),
    ),
    story(
      'a rehire found by an alias',
      on(1, member('returned', before, UNNAMED)),
      on(3, member('returned', { ...before, ...INACTIVE }, UNNAMED), leaver('returned', 3)),
      on(
        10,
        [
          ...member('returned', { ...before, ...INACTIVE }, UNNAMED),
          again('returned', { email: 'r.new@example.com', aliases: ['returned@example.com'] }),
        ],
        resolved(leaver('returned', 3)),
      ),
    ),
    story(
      'a namesake of the address with another given name is somebody else: the link and the finding stay',
      on(1, member('recycled', before, before)),
      on(3, member('recycled', { ...before, ...INACTIVE }, before), leaver('recycled', 3)),
      on(
        8,
        [...member('recycled', { ...before, ...INACTIVE }, before), again('recycled', { givenName: 'Robin' })],
        leaver('recycled', 3),
      ),
    ),
    story(
      'without a given name nobody is known to be the same',
      on(1, member('no-given', before, before)),
      on(3, member('no-given', { ...before, ...INACTIVE }, before), leaver('no-given', 3)),
      on(
        8,
        [...member('no-given', { ...before, ...INACTIVE }, before), again('no-given', { givenName: undefined })],
        leaver('no-given', 3),
      ),
    ),
    story(
      'two current identities are no answer: the link stays',
      on(1, member('forked', before, before)),
      on(3, member('forked', { ...before, ...INACTIVE }, before), leaver('forked', 3)),
      on(
        8,
        [
          ...member('forked', { ...before, ...INACTIVE }, before),
          again('forked'),
          again('forked', { externalId: 'd-forked-too' }),
        ],
        leaver('forked', 3),
      ),
    ),
    nearMiss(
      'disputed_account',
      "a rehire's old row does not dispute: same address, same names, one of the two current",
      on(1, [...member('again', before, before), again('again', { ...INACTIVE, familyName: 'AGAIN' })]),
    ),
  ];
}

/** Rows of different lists with one address are one person, of the same list never. */
function tellLists(): readonly Story[] {
  return [
    nearMiss(
      'disputed_account',
      'the same address on two lists is one person',
      on(1, [...member('merged'), contractor('merged', { externalId: 'c-other-id' })]),
    ),
    story(
      'two rows of one list stay two, and then no row of another list is merged with either',
      on(1, [...member('trio'), directory('trio', { externalId: 'd-trio-too' }), contractor('trio')], disputed('trio')),
      on(
        8,
        [...member('trio', INACTIVE), directory('trio', { externalId: 'd-trio-too', ...INACTIVE }), contractor('trio')],
        resolved(disputed('trio'), 'linked'),
      ),
      on(
        13,
        [...member('trio', INACTIVE), directory('trio', { externalId: 'd-trio-too', ...INACTIVE })],
        resolved(disputed('trio'), 'linked'),
        who('c-trio', leaver('trio', 13)),
      ),
    ),
    story(
      'a person whom only the contractors know is named by the directory once it knows them; nothing is told',
      on(1, [nimble('promoted'), contractor('promoted')]),
      on(5, [nimble('promoted'), contractor('promoted'), directory('promoted')]),
      on(
        10,
        [nimble('promoted'), contractor('promoted', INACTIVE), directory('promoted', INACTIVE)],
        leaver('promoted', 10),
      ),
    ),
  ];
}

/** The same person, let us say, on the directory again and under another id. */
function again(key: string, overrides: Partial<RawRow> = {}): Told {
  return directory(key, { externalId: `d-${key}-again`, givenName: 'Jos\u00e9', ...overrides });
}
