import type { PlainDate } from '../../src/core/row.ts';
import { toShiftedDate } from '../../src/sandbox/calendar.ts';
import type { Person } from '../../src/sandbox/world.ts';
import { CORRELATION_STORIES } from './scenario-correlation.ts';
import { tellLifecycle } from './scenario-lifecycle.ts';
import { STAGES, type Expected, type Scene, type Stage, type Story } from './scenario-types.ts';
import {
  identity,
  inactive,
  inNamely,
  member,
  namely,
  nimble,
  orphan,
  ownerLeft,
  quiet,
  resolved,
  scene,
  unowned,
} from './scenario-words.ts';

/** `serviceAccounts` of the test's configuration. */
export const SERVICE_ACCOUNTS = [
  { source: 'nimble', account: 'crm-sync@example.com', owner: 'jane.doe@example.com' },
  { source: 'nimble', account: 'n-mailer', owner: 'd-keeper' },
  { source: 'nimble', account: 'n-relic', owner: 'nobody.known@example.com' },
] as const;
/** Everything that Slack could take for a mention, a link or formatting. */
const HOSTILE_NAME = '<!channel> *boss* <https://evil.example|click>';

/**
 * Every example of contract §6 that the built rules touch, with its near misses: people, what each system says of them, and
 * the findings there must be. Dates are told relative to `today`.
 */
export function tellScenario(today: PlainDate): readonly Story[] {
  const day = (days: number): PlainDate => toShiftedDate(today, days);
  return [...CORRELATION_STORIES, ...tellLifecycle(day), ...APPEARANCE_STORIES, ...STATUS_STORIES];
}

/** All people of a stage. */
export function peopleAt(stories: readonly Story[], stage: Stage): readonly Person[] {
  return stories.flatMap((story) => sceneAt(story, stage).people);
}

/** All findings of a stage, in a stable order. */
export function findingsAt(stories: readonly Story[], stage: Stage): readonly Expected[] {
  return toSorted(stories.flatMap((story) => sceneAt(story, stage).findings));
}

export function toSorted(findings: readonly Expected[]): readonly Expected[] {
  return findings.toSorted((left, right) => (toSortKey(left) < toSortKey(right) ? -1 : 1));
}

function toSortKey({ source, rule, account_id, identity_id }: Expected): string {
  return JSON.stringify([source, rule, account_id, identity_id]);
}

function sceneAt(story: Story, stage: Stage): Scene {
  const told = STAGES.slice(0, STAGES.indexOf(stage) + 1).map((each) => story[each]);
  return told.findLast((each) => each !== undefined) ?? story.first;
}

const APPEARANCE_STORIES: readonly Story[] = [
  {
    holds: 'an account that nobody answers for is an orphan; gone it is resolved, back it is the same finding again',
    first: scene([{ nimble: [nimble('stray')] }], orphan('stray')),
    later: scene([], resolved(orphan('stray'), 'account gone')),
    last: scene([{ nimble: [nimble('stray')] }], orphan('stray')),
  },
  {
    holds: 'an orphan with a privileged role is critical, whatever the case of the role',
    first: scene([{ nimble: [nimble('stray-owner', { role: 'OWNER' })] }], orphan('stray-owner', 'critical')),
  },
  {
    holds: 'an orphan that is given a privileged role is the same finding with a higher severity',
    first: scene([{ nimble: [nimble('climber')] }], orphan('climber')),
    later: scene([{ nimble: [nimble('climber', { role: 'admin' })] }], orphan('climber', 'critical')),
  },
  {
    holds: 'a new orphan with the admin role and a hostile name is critical, and its name is inert in Slack',
    first: quiet(),
    later: scene(
      [{ nimble: [nimble('hostile', { role: 'admin', givenName: HOSTILE_NAME, familyName: '@here' })] }],
      orphan('hostile', 'critical'),
    ),
  },
  {
    holds: 'an account without an e-mail belongs to nobody',
    first: scene([{ nimble: [nimble('nameless', { email: '' })] }], orphan('nameless')),
  },
  {
    holds: 'an unparsable address is kept, flagged and never a key',
    first: scene([{ nimble: [nimble('no-address', { email: 'not an address' })] }], orphan('no-address')),
  },
  {
    holds: 'a service account is no orphan',
    first: quiet({ nimble: [nimble('robot', { email: 'Crm-Sync@example.com' })] }),
  },
  {
    holds: 'a service account whose owner leaves is a finding until the owner is back',
    first: quiet({ identity: identity('keeper'), nimble: [nimble('mailer')] }),
    later: scene(
      [{ identity: identity('keeper', { status: 'inactive' }), nimble: [nimble('mailer')] }],
      ownerLeft('mailer', 'keeper'),
    ),
    last: scene(
      [{ identity: identity('keeper'), nimble: [nimble('mailer')] }],
      resolved(ownerLeft('mailer', 'keeper'), 'identity current'),
    ),
  },
  {
    holds: 'a service account whose owner is nobody we know is a finding until it is gone',
    first: scene([{ nimble: [nimble('relic')] }], unowned('relic')),
    last: scene([], resolved(unowned('relic'), 'account gone')),
  },
  {
    holds: 'a NUL, an emoji and an accent in a name abort nothing',
    first: quiet(member('zoe', {}, { givenName: 'Zo\u00eb\u0000 \u{1F98A}' })),
  },
];

const STATUS_STORIES: readonly Story[] = [
  {
    holds: 'a profile with an unknown status word is usable: without an identity it is an orphan',
    first: scene([{ namely: [namely('limbo', { status: 'in limbo' })] }], inNamely(orphan('limbo'), 'limbo')),
  },
  {
    holds: 'an account that is only invited is not usable, so no orphan',
    first: quiet({ nimble: [nimble('invited', { pending: true })] }),
  },
  {
    holds: 'an inactive account of a current identity is reported',
    first: scene([member('locked-out', {}, { active: false })], inactive('locked-out')),
  },
  {
    holds: 'the same holds in Namely',
    first: scene(
      [{ ...member('hr-locked'), namely: [namely('hr-locked', { status: 'inactive' })] }],
      inNamely(inactive('hr-locked'), 'hr-locked'),
    ),
  },
];
