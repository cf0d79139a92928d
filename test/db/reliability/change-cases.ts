import { expect } from 'vitest';
import type { NamelyEvent, NamelyProfile, World } from '../../../src/sandbox/world.ts';
import type { Company } from './company.ts';
import { namelyPages, onProfiles, rewrite } from './faults.ts';
import { BEFORE, FAULT_AT, FULL_DAY } from './people.ts';
import type { Scenario } from './scenario.ts';

// Group B: reading changes alone. On the day two profiles are new (801 and 903); the newest one read before is of 15:06 the day before.

const BETWEEN = '2026-11-21T10:10:00Z';
/** Behind the newest profile that was read before, and within the ten minutes that are read again. */
const LATE = '2026-11-20T15:01:00Z';
const LONG_BEFORE = '2026-11-19T00:00:00Z';

function withProfiles(world: World, edit: (profile: NamelyProfile) => NamelyProfile): World {
  return { ...world, people: world.people.map((person) => ({ ...person, namely: person.namely?.map(edit) })) };
}

function updatedAt(id: string, at: string): (world: World) => World {
  return (world) => withProfiles(world, (profile) => (profile.id === id ? { ...profile, updatedAt: at } : profile));
}

async function watermarkOf(company: Company): Promise<string> {
  const [row] = await company.query<{ watermark: string }>(
    `select watermark from rollcall.source where name = 'namely'`,
  );
  return row?.watermark ?? '';
}

const WATERMARKS: readonly Scenario[] = [
  {
    number: 19,
    injected: 'Namely: 120 profiles changed in one second, 50 a page',
    delta: true,
    bend: (world) =>
      withProfiles(world, (profile) =>
        Number(profile.id.slice(1)) <= 120
          ? { ...profile, jobTitle: 'Lead', updatedAt: '2026-11-21T10:40:00Z' }
          : profile,
      ),
    also: async ({ company }) => {
      const leads = await company.query(`select 1 from rollcall.roster where source = 'namely' and title = 'Lead'`);
      expect(leads).toHaveLength(120);
    },
  },
  {
    number: 20,
    injected: 'Namely: a new row becomes visible late, behind the newest one read',
    delta: true,
    bend: updatedAt('P903', LATE),
  },
  ...[-600, 600].map((seconds) => ({
    number: 21,
    injected: `Namely: its clock is ${Math.abs(seconds) / 60} min ${seconds < 0 ? 'behind' : 'ahead'}`,
    delta: true,
    always: (world: World) => ({ ...world, clockOffsetSeconds: seconds }),
  })),
  ...[-600, 600].map((seconds) => ({
    number: 21,
    injected: `our clock is ${Math.abs(seconds) / 60} min ${seconds < 0 ? 'behind' : 'ahead'}`,
    delta: true,
    clients: { timing: { wallMs: () => Date.parse(FAULT_AT) + seconds * 1_000 } },
  })),
  {
    number: 22,
    injected: 'Namely: a profile was changed in 2099',
    delta: true,
    always: updatedAt('P5', '2099-01-01T00:00:00Z'),
    also: async ({ company }) => {
      expect(await watermarkOf(company)).not.toContain('2099');
    },
  },
  ...(
    [
      ['garbage', '{"at":'],
      ['negative', JSON.stringify({ at: '-1', anchors: ['P1'] })],
      ['far in the future', JSON.stringify({ at: '2999-01-01T00:00:00Z', anchors: ['P-gone'] })],
      ['of a newer version', JSON.stringify({ version: 9, cursor: 'x' })],
    ] as const
  ).map(([what, watermark]) => ({
    number: 23,
    injected: `stored watermark: ${what}`,
    delta: true,
    namelyMode: 'full' as const,
    prepare: async (company: Company) => {
      await company.store.pool.query(`update rollcall.source set watermark = $1 where name = 'namely'`, [watermark]);
    },
  })),
];

const NOON = Date.UTC(2026, 10, 20, 12) / 1_000;
const SPELLINGS = [
  ['P1', '"2026-11-20T12:00:00Z"'],
  ['P2', String(NOON)],
  ['P3', String(NOON * 1_000_000)],
  ['P4', '"2026-11-20T14:00:00+02:00"'],
  ['P5', 'null'],
] as const;

const ORDER: readonly Scenario[] = [
  {
    number: 24,
    injected: 'Namely: `updated_at` as ISO, seconds, microseconds, `+02:00`, missing',
    faults: SPELLINGS.reduce(
      (faults, [id, json]) => faults.map((fault) => rewrite(fault, id, 'updated_at', json)),
      namelyPages(FULL_DAY, {}),
    ),
    also: async ({ company }) => {
      const rows = await company.query(
        `select extract(epoch from source_updated_at)::int as at from rollcall.roster
          where source = 'namely' and external_id in ('P1', 'P2', 'P3', 'P4', 'P5') order by external_id`,
      );
      expect(rows).toEqual([{ at: NOON }, { at: NOON }, { at: NOON }, { at: NOON }, { at: null }]);
    },
  },
  {
    number: 25,
    injected: 'Namely: `sort` is ignored',
    delta: true,
    faults: [onProfiles({ kind: 'ignore', parameters: ['sort'] })],
    namelyMode: 'full',
  },
  {
    number: 25,
    injected: 'Namely: the list of changes is empty once',
    delta: true,
    faults: [onProfiles({ kind: 'empty' }, { attempts: { from: 1, to: 1 } })],
    namelyMode: 'full',
  },
  {
    number: 25,
    injected: 'Namely: every list is empty, that of changes first',
    delta: true,
    faults: [onProfiles({ kind: 'empty' })],
    namelyMode: 'full',
    verdicts: { namely: 'suspicious' },
  },
  {
    // It stays in the roster, as in the day's world, until the full listing of the recovery.
    number: 26,
    injected: 'Namely: a profile is removed between full listings',
    delta: true,
    bend: (world) => withoutProfile(world, 'P905'),
    also: async ({ company }) => {
      const [health] = await company.query(
        `select last_complete_at < '2026-11-21T10:30:00Z' as is_old from rollcall.source_health where source = 'namely'`,
      );
      expect(health).toEqual({ is_old: true });
    },
  },
];

function withoutProfile(world: World, gone: string): World {
  const people = world.people.map((person) => ({ ...person, namely: person.namely?.filter(({ id }) => id !== gone) }));
  return { ...world, people };
}

const anEvent = (id: string, profileId: string, type = 'profile_updated'): NamelyEvent => ({
  id,
  type,
  profileId,
  at: FAULT_AT,
});
const OLD_EVENT = anEvent('e1', 'P1');

/** Profiles whose time says nothing of their change, so that an event alone leads to them. */
function withEvents(events: readonly NamelyEvent[]): Pick<Scenario, 'delta' | 'clients' | 'prepare' | 'bend'> {
  return {
    delta: true,
    clients: { namely: { events: true } },
    // A first reading only remembers the events.
    prepare: async (company) => {
      company.show({ ...BEFORE, clockFixedAt: BETWEEN, namely: { ...BEFORE.namely, events: [OLD_EVENT] } });
      await company.run({ at: BETWEEN, full: false });
    },
    bend: (world) => {
      const hidden = updatedAt('P903', LONG_BEFORE)(updatedAt('P801', LONG_BEFORE)(world));
      return { ...hidden, namely: { ...hidden.namely, events } };
    },
  };
}

const EVENTS: readonly Scenario[] = [
  {
    ...withEvents([anEvent('e3', 'P903'), OLD_EVENT, anEvent('e3', 'P903'), anEvent('e2', 'P801')]),
    number: 28,
    injected: 'Namely: events out of order and twice',
    also: ({ requests }) => {
      expect(requests.map(({ path }) => path).filter((path) => path === '/api/v1/profiles/P903')).toHaveLength(1);
    },
  },
  {
    ...withEvents([anEvent('e3', 'P903', 'weather'), anEvent('e2', 'P801'), OLD_EVENT]),
    number: 28,
    injected: 'Namely: an event of an unknown type',
    also: ({ company }) => {
      expect(company.told.join('\n')).toContain('events of a type that Rollcall does not know: 1');
    },
  },
  {
    ...withEvents([anEvent('e9', 'P4'), anEvent('e8', 'P5')]),
    number: 28,
    injected: 'Namely: a gap in the events',
    namelyMode: 'full',
  },
];

const COMMIT: Scenario = {
  number: 29,
  injected: 'the write of the watermark fails, after the rows were written',
  delta: true,
  prepare: async ({ store }) => {
    await store.pool.query(`
      create function public.refuse() returns trigger language plpgsql as $$ begin raise exception 'crash'; end $$;
      create trigger refuse before update on rollcall.source for each row
        when (new.name = 'namely' and new.watermark is distinct from old.watermark) execute function public.refuse();`);
  },
  verdicts: { namely: 'failed' },
  also: async ({ company }) => {
    // All or nothing: the joiner of the reading that failed is not there.
    expect(await company.present('namely')).not.toContain('P801');
    expect(await company.query(`select 1 from rollcall.sync_runs where source = 'namely'`)).toHaveLength(1);
    await company.store.pool.query('drop trigger refuse on rollcall.source');
  },
};

export const CHANGE_CASES: readonly Scenario[] = [...WATERMARKS, ...ORDER, ...EVENTS, COMMIT];
