import type { Story } from './scenario-types.ts';
import {
  disputed,
  duplicate,
  identity,
  inactive,
  leaver,
  member,
  nimble,
  orphan,
  quiet,
  resolved,
  scene,
} from './scenario-words.ts';

/** Who belongs to whom: contract §4, and the examples at the end of §6. */
export const CORRELATION_STORIES: readonly Story[] = [
  {
    holds: 'case and surrounding space of an address do not matter',
    first: quiet(member('jane.doe', {}, { email: ' Jane.Doe@EXAMPLE.com ' })),
  },
  {
    holds: 'a +tag makes another address; the finding ends when the address becomes an alias',
    first: scene([member('omar.haddad', {}, { email: 'omar.haddad+crm@example.com' })], orphan('omar.haddad')),
    later: scene(
      [member('omar.haddad', { aliases: ['omar.haddad+crm@example.com'] }, { email: 'omar.haddad+crm@example.com' })],
      resolved(orphan('omar.haddad'), 'linked'),
    ),
  },
  {
    holds: 'a +tag that is an alias links',
    first: quiet(
      member('lena.vogt', { aliases: ['Lena.Vogt+CRM@example.com'] }, { email: 'lena.vogt+crm@example.com' }),
    ),
  },
  {
    holds: 'dots make different addresses',
    first: scene([member('lu.ann', {}, { email: 'luann@example.com' })], orphan('lu.ann')),
  },
  {
    holds: 'look-alike characters never match (the first a is Cyrillic)',
    first: scene([member('paul.adams', {}, { email: 'p\u0430ul.adams@example.com' })], orphan('paul.adams')),
  },
  {
    holds: 'a domain means the same in Unicode and in ASCII',
    first: quiet(member('ines', { email: 'ines@b\u00fccher.example' }, { email: 'ines@xn--bcher-kva.example' })),
  },
  {
    holds: 'names never link',
    first: scene(
      [
        { identity: identity('sam.same', { givenName: 'Sam', familyName: 'Same' }) },
        { nimble: [nimble('namesake', { givenName: 'Sam', familyName: 'Same', email: 'sam@private.example' })] },
      ],
      orphan('namesake'),
    ),
  },
  {
    holds: 'a new family name and address with the old one as alias is a change, not an orphan',
    first: quiet(member('mia.doe', { givenName: 'Mia', familyName: 'Doe' })),
    later: quiet(
      member('mia.doe', {
        givenName: 'Mia',
        familyName: 'Smith',
        email: 'mia.smith@example.com',
        aliases: ['mia.doe@example.com'],
      }),
    ),
  },
  {
    holds: 'a link is sticky: a new address without an alias does not make an orphan',
    first: quiet(member('nora.old')),
    later: quiet(member('nora.old', { email: 'nora.new@example.com' })),
  },
  {
    holds: 'two usable accounts of one identity are one finding about the identity',
    first: scene(
      [
        {
          identity: identity('twin', { aliases: ['twin.second@example.com'] }),
          nimble: [nimble('twin'), nimble('twin-second', { email: 'twin.second@example.com' })],
        },
      ],
      duplicate('twin'),
    ),
  },
  {
    holds: 'one usable and one inactive account are no duplicate',
    first: scene(
      [
        {
          identity: identity('half', { aliases: ['half.second@example.com'] }),
          nimble: [nimble('half'), nimble('half-second', { email: 'half.second@example.com', active: false })],
        },
      ],
      inactive('half', 'half-second'),
    ),
  },
  {
    holds: 'two identities with the same alias dispute the account',
    first: scene(
      [
        { identity: identity('sales.one', { aliases: ['sales@example.com'] }) },
        { identity: identity('sales.two', { aliases: ['sales@example.com'] }) },
        { nimble: [nimble('sales')] },
      ],
      disputed('sales'),
    ),
  },
  {
    holds: 'two identities with the same address but other names dispute it, also when one of them has left',
    first: scene(
      [
        { identity: identity('reception', { givenName: 'Rita', familyName: 'Gray' }) },
        {
          identity: identity('reception-before', {
            email: 'reception@example.com',
            givenName: 'Bert',
            familyName: 'Brown',
            status: 'inactive',
          }),
        },
        { nimble: [nimble('reception')] },
      ],
      disputed('reception'),
    ),
  },
  {
    holds: "a rehire's old row does not dispute: same address, same names, one of the two current",
    first: quiet(
      { identity: identity('back.again', { givenName: 'Back', familyName: 'Again' }) },
      {
        identity: identity('back-before', {
          email: 'back.again@example.com',
          givenName: 'Back',
          familyName: 'Again',
          status: 'inactive',
          endDate: '2024-05-31',
        }),
      },
      { nimble: [nimble('back.again')] },
    ),
  },
  {
    holds: 'an identity removed from a complete list makes its account a leaver, not an orphan',
    first: quiet(member('vanished')),
    later: scene([{ nimble: [nimble('vanished')] }], leaver('vanished')),
  },
];
