import { describe, expect, test } from 'vitest';
import type { AskedTime } from '../../../src/cli/arguments.ts';
import { rosterCommand } from '../../../src/cli/roster.ts';
import type { RosterViewRow } from '../../../src/core/views.ts';
import { createMemoryOutput } from '../../support/memory-output.ts';
import { createMemoryReader } from '../../support/memory-reader.ts';
import { aSourceHealth } from '../../support/view-rows.ts';

const clock = () => new Date('2026-11-21T09:00:00.000Z');
const timezone = 'America/New_York';

describe('roster', () => {
  const pages: readonly (readonly RosterViewRow[])[] = [
    [],
    [
      {
        external_id: '1',
        email: 'jane@example.com',
        given_name: 'Jane',
        family_name: 'Doe',
        status: 'active',
        kind: 'human',
        gone_at: null,
      },
    ],
    [
      {
        external_id: '2',
        email: '=cmd',
        display_name: 'Long\nName',
        status: 'active',
        kind: 'human',
        gone_at: '2026-11-20T00:00:00Z',
      },
    ],
  ];
  const moments: string[] = [];
  const reader = createMemoryReader({
    sources: async () => [aSourceHealth()],
    roster: async function* (source, at) {
      if (at !== undefined) moments.push(at);
      if (source === 'nimble' && at === undefined) yield* pages;
    },
  });

  async function print(format: 'table' | 'json' | 'ndjson' | 'csv', at?: AskedTime): Promise<string> {
    const out = createMemoryOutput();
    expect(await rosterCommand({ reader, clock, timezone }, { source: 'nimble', format, at }, out)).toBe(0);
    return out.text();
  }

  test('as a table: gone rows say so', async () => {
    // The second piece makes room for what the first did not need.
    expect(await print('table')).toBe(
      [
        'ID  E-MAIL            NAME      STATUS  KIND   ROLE  SITUATION  IDENTITY',
        '1   jane@example.com  Jane Doe  active  human  -     -          -',
        '2   =cmd              Long Name  gone    human  -     -          -',
        '',
      ].join('\n'),
    );
  });

  test('as CSV: one header, inert cells', async () => {
    expect(await print('csv')).toBe(
      [
        'external_id,email,given_name,family_name,status,kind,gone_at',
        '"1","jane@example.com","Jane","Doe","active","human",',
        '"2","\'=cmd",,,"active","human","2026-11-20T00:00:00Z"',
        '',
      ].join('\r\n'),
    );
  });

  test('as JSON and ndjson: every row', async () => {
    expect(JSON.parse(await print('json'))).toEqual(pages.flat());
    const lines = (await print('ndjson')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(pages.flat());
  });

  test('an empty roster is a header, an empty list, or a sentence', async () => {
    const at = { kind: 'instant', at: '2020-01-01T00:00:00.000Z' } as const;
    expect(await print('csv', at)).toMatch(/^source,external_id,email,.*,gone_at\r\n$/u);
    expect(await print('json', at)).toBe('[]\n');
    expect(await print('ndjson', at)).toBe('');
    expect(await print('table', at)).toBe('No rows.\n');
  });

  test('a date is the end of that day where the company is, as it is for a report', async () => {
    moments.length = 0;
    await print('json', { kind: 'date', date: '2026-11-20' });
    expect(moments).toEqual(['2026-11-21T04:59:59.999999Z']);
  });

  test.each([
    [{ kind: 'date', date: '2026-11-21' }, '2026-11-21 has not ended yet in America/New_York'],
    [{ kind: 'instant', at: '2026-11-21T09:00:01Z' }, '2026-11-21 09:00 UTC is in the future'],
  ] as const)('%j is refused: nobody knows what will be listed', async (at, why) => {
    await expect(print('csv', at)).rejects.toMatchObject({
      code: 'usage',
      message: `${why}: leave --at out for the roster as it is`,
    });
  });

  test('a source that nobody knows is not an empty roster', async () => {
    const work = rosterCommand({ reader, clock, timezone }, { source: 'nimbel', format: 'csv' }, createMemoryOutput());
    await expect(work).rejects.toMatchObject({
      code: 'usage',
      message: 'no source is called "nimbel": known are nimble',
    });
  });
});
