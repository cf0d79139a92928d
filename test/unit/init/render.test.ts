import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type InitAnswers, neededSecrets } from '../../../src/init/answers.ts';
import {
  hostToAllow,
  readCompany,
  refuseBaseUrl,
  refuseScimUrl,
  refuseText,
  refuseTimezone,
} from '../../../src/init/check-answer.ts';
import { renderEnvironment, renderInitialConfig } from '../../../src/init/render.ts';
import fc from '../../support/property.ts';
import { load } from '../config/folder.ts';

const WRITTEN = { today: '2026-11-21', relative: (path: string) => path };
const FIELDS = ['id', 'email', 'employee_id', 'status', 'end_date', 'title'];

const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .filter((each) => refuseText(each) === undefined);
const url = fc
  .webUrl({ withFragments: false })
  .filter((each) => refuseBaseUrl(each) === undefined && refuseScimUrl(each) === undefined);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const company = fc.stringMatching(/^[a-z0-9]{1,20}$/);
const namely = fc.oneof(fc.record({ company }), fc.record({ baseUrl: url }));
const identities = fc.record({
  place: fc.oneof(
    text.map((name) => `${name}.csv`),
    url.map((each) => `${each}/list.json`),
  ),
  columns: fc.dictionary(fc.constantFrom(...FIELDS), text),
});
const answers: fc.Arbitrary<InitAnswers> = fc
  .record({
    timezone: fc.constantFrom('UTC', 'America/New_York', 'Asia/Tokyo', 'Etc/GMT+5'),
    identities: optional(identities),
    nimble: optional(fc.record({ baseUrl: optional(url) })),
    namely: optional(namely),
    nimbus: optional(fc.record({ path: text })),
    scim: optional(fc.record({ baseUrl: url })),
  })
  .filter(({ identities, namely }) => identities !== undefined || namely !== undefined)
  .map((given) => {
    const { identities, nimble, scim, namely } = given;
    const hr = namely !== undefined && 'baseUrl' in namely ? namely.baseUrl : undefined;
    const urls = [identities?.place, nimble?.baseUrl, scim?.baseUrl, hr];
    const allow = urls.flatMap((each) => (each === undefined ? [] : (hostToAllow(each, []) ?? [])));
    return { ...given, allow: [...new Set(allow)] };
  });

describe('the file that is written', () => {
  test('has no fault, whatever the answers, once its variables are set', () => {
    fc.assert(
      fc.property(answers, (given) => {
        const env = Object.fromEntries(neededSecrets(given).map(({ name }) => [name, 'a-token']));
        const { loaded, lines, folder } = load({ yaml: renderInitialConfig(given, WRITTEN), env });
        expect(lines).toEqual([]);
        expect(loaded?.config.timezone).toBe(given.timezone);
        // The texts of a person come back as they were, whatever YAML would make of them.
        const { identities, nimbus } = given;
        const sources = loaded?.config.sources ?? [];
        const list = identities === undefined ? [] : [{ authoritative: true, columns: identities.columns }];
        expect(sources.filter(({ type }) => type === 'file')).toMatchObject(list);
        const grids = nimbus === undefined ? [] : [{ path: resolve(folder, nimbus.path) }];
        expect(sources.filter(({ type }) => type === 'nimbus')).toMatchObject(grids);
      }),
      { numRuns: 150 },
    );
  });

  test('every combination of sources has no fault', () => {
    for (let mask = 1; mask < 32; mask += 1) {
      const has = (bit: number): boolean => (mask & bit) !== 0;
      const given: InitAnswers = {
        timezone: 'UTC',
        allow: [],
        identities: has(1) ? { place: './people.csv', columns: {} } : undefined,
        namely: has(2) || !has(1) ? { company: 'acme' } : undefined,
        nimble: has(4) ? {} : undefined,
        nimbus: has(8) ? { path: './grid.csv' } : undefined,
        scim: has(16) ? { baseUrl: 'https://example.com/scim/v2' } : undefined,
      };
      const env = Object.fromEntries(neededSecrets(given).map(({ name }) => [name, 'a-token']));
      expect(load({ yaml: renderInitialConfig(given, WRITTEN), env }).lines).toEqual([]);
    }
  });

  test('names variables, and never what they hold', () => {
    const given: InitAnswers = { timezone: 'UTC', allow: [], namely: { company: 'acme' }, nimble: {} };
    const yaml = renderInitialConfig(given, WRITTEN);
    expect(yaml).toContain("token: '${NIMBLE_TOKEN}'");
    expect(yaml).toContain("token: '${NAMELY_TOKEN}'");
    const env = renderEnvironment(given, new Map([['NIMBLE_TOKEN', "it's $(secret)"]]));
    expect(env).toContain(String.raw`NIMBLE_TOKEN='it'\''s $(secret)'`);
    expect(env).toContain('# NAMELY_TOKEN=\n');
  });
});

test.each([
  ['acme', 'acme'],
  ['https://Acme.namely.com/people', 'acme'],
  ['acme.namely.com', 'acme'],
  ['acme.example.com', undefined],
  ['a/b', undefined],
  ['-acme', undefined],
])('company %s is %s', (given, expected) => {
  expect(readCompany(given)).toBe(expected);
});

test.each([
  [refuseTimezone, 'America/New_York', 'will do'],
  [refuseTimezone, 'New York', 'is no time zone'],
  [refuseTimezone, '+01:00', 'is an offset'],
  [refuseScimUrl, 'https://example.com/scim/v2/Users', 'must end before /Users'],
  [refuseBaseUrl, 'https://example.com/?a=1', 'must end before any ?'],
  [refuseBaseUrl, 'https://me:secret@example.com/', 'has a user or password'],
  [refuseText, 'a${b}', 'would be taken for a variable'],
  [refuseText, 'a\u0007', 'cannot be written'],
])('%o of %s', (refuse, given, expected) => {
  expect(refuse(given) ?? 'will do').toContain(expected);
});
