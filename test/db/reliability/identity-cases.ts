import { expect } from 'vitest';
import type { Fault } from '../../../src/sandbox/fault.ts';
import { onList } from './faults.ts';
import { BEFORE } from './people.ts';
import type { Scenario } from './scenario.ts';

// Group A, the directory: when it fails, nobody becomes a stranger.

const identities = (body: string): readonly Fault[] => [onList({ kind: 'body', body })];
const header = 'id,email,given_name,family_name,status\n';

export const IDENTITY_CASES: readonly Scenario[] = [
  {
    number: 16,
    injected: 'Identity list: 503 until the budget is spent',
    faults: [onList({ kind: 'status', status: 503 })],
    verdicts: { directory: 'incomplete' },
    also: ({ result }) => {
      expect(result.reconciled.plan.withheld.map(({ source }) => source)).toEqual(
        expect.arrayContaining(['nimble', 'namely']),
      );
    },
  },
  {
    number: 16,
    injected: 'Identity list: a CSV with a header and nobody in it',
    faults: [onList({ kind: 'empty' })],
    verdicts: { directory: 'incomplete' },
  },
  {
    number: 16,
    injected: 'Identity list: an empty JSON list',
    clients: { directory: { url: 'identities.json' } },
    faults: [onList({ kind: 'empty' })],
    verdicts: { directory: 'suspicious' },
  },
  {
    number: 16,
    injected: 'Identity list: older than 26 h',
    bend: (world) => ({ ...world, identitiesAgeSeconds: 27 * 3_600 }),
    stale: 'directory',
    also: ({ result }) => {
      expect(result.reconciled.plan.withheld.map(({ source }) => source)).toEqual(
        expect.arrayContaining(['nimble', 'namely']),
      );
    },
  },
  {
    number: 17,
    injected: 'Identity list: half a row at its end',
    faults: identities(`${header}I1,person.1@example.com,Person,No1,active\nI2,"person.2@exa`),
    verdicts: { directory: 'incomplete' },
  },
  {
    number: 17,
    injected: 'Identity list: another header',
    faults: identities('Nummer;Anschrift\n1;body-canary\n'),
    verdicts: { directory: 'incomplete' },
  },
  {
    number: 17,
    injected: 'Identity list: 30 % fewer rows',
    bend: (world) => ({
      ...world,
      people: world.people.map((person, at) => (at > 0 && at <= 37 ? { ...person, identity: undefined } : person)),
    }),
    verdicts: { directory: 'suspicious' },
  },
  {
    number: 17,
    injected: 'Identity list: written half when it is read (no last rows)',
    faults: identities(
      header +
        BEFORE.people
          .slice(0, 60)
          .map(({ identity }) => `${identity?.id ?? ''},${identity?.email ?? ''},,,`)
          .join('\n'),
    ),
    verdicts: { directory: 'suspicious' },
  },
];
