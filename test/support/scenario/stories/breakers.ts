import { held, leaver, orphan, resolved, within } from '../findings.ts';
import type { Chapter, Expected, Story, Told } from '../types.ts';
import { decided, directory, INACTIVE, nimbus, on, story, later, wiki } from '../words.ts';

/** As many as no breaker of these sources lets pass: the unit test counts. */
const TEAM = keys('team', 12);
const STRANGERS = keys('influx', 9);
const LEAVERS = keys('layoff', 4);
const AGENCY = keys('agency', 5);

const strangersOf = (of: readonly string[]): readonly Expected[] => of.map((key) => within('nimbus', orphan(key)));
const leaversOf = (of: readonly string[]): readonly Expected[] => of.map((key) => within('nimbus', leaver(key, 18)));

/** Contract §5: the source breaker, the conclusion breaker and the baseline. */
export const BREAKER_STORIES: readonly Story[] = [
  story(
    'day 11, too many rows of Nimbus are gone at once: nothing is concluded until a person has released it',
    on(1, teamAt('present'), within('nimbus', orphan('team-stray'))),
    on(11, teamAt('gone'), within('nimbus', orphan('team-stray'))),
    decided(
      13,
      [{ kind: 'release', source: 'nimbus' }],
      resolved(within('nimbus', orphan('team-stray')), 'account gone'),
    ),
  ),
  story(
    'day 18, too many new findings about Nimbus at once: held until a person has released them; what ends before is silent',
    on(1, influxAt('before')),
    on(18, influxAt('after'), ...[...strangersOf(STRANGERS), ...leaversOf(LEAVERS)].map((each) => held(each))),
    then19(),
    decided(
      20,
      [{ kind: 'release', source: 'nimbus' }],
      ...strangersOf(STRANGERS.slice(1)),
      ...leaversOf(LEAVERS.slice(1)),
      ...endedOn19(),
    ),
  ),
  story(
    'the first report of a source is a baseline: however many its strangers are, no breaker counts them, not when it is back either',
    on(
      1,
      AGENCY.map((key) => wiki(key)),
      ...AGENCY.map((key) => within('wiki', orphan(key))),
    ),
    later(26, ...AGENCY.map((key) => resolved(within('wiki', orphan(key)), 'source removed'))),
    later(29, ...AGENCY.map((key) => within('wiki', orphan(key)))),
  ),
];

function teamAt(when: 'present' | 'gone'): readonly Told[] {
  const people = TEAM.map((key) => directory(key));
  if (when === 'gone') return people;
  return [...people, ...TEAM.map((key) => nimbus(key)), nimbus('team-stray')];
}

function influxAt(
  when: 'before' | 'after',
  back: readonly string[] = [],
  gone: readonly string[] = [],
): readonly Told[] {
  const people = LEAVERS.flatMap((key) => [
    directory(key, when === 'after' && !back.includes(key) ? INACTIVE : {}),
    nimbus(key),
  ]);
  const strangers = STRANGERS.filter((key) => !gone.includes(key)).map((key) => nimbus(key));
  return when === 'before' ? people : [...people, ...strangers];
}

/** The first stranger's account is closed, and the first leaver is back. */
function then19(): Chapter {
  return on(
    19,
    influxAt('after', LEAVERS.slice(0, 1), STRANGERS.slice(0, 1)),
    ...[...strangersOf(STRANGERS.slice(1)), ...leaversOf(LEAVERS.slice(1))].map((each) => held(each)),
    ...endedOn19(),
  );
}

function endedOn19(): readonly Expected[] {
  return [
    ...strangersOf(STRANGERS.slice(0, 1)).map((each) => resolved(each, 'account gone')),
    ...leaversOf(LEAVERS.slice(0, 1)).map((each) => resolved(each, 'identity current')),
  ];
}

function keys(name: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `${name}-${at + 1}`);
}
