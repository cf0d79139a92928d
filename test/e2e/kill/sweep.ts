import pLimit from 'p-limit';
import type { RunningCli } from '../../support/cli.ts';
import { type Fate, type OnMeeting, startCommitProxy } from '../../support/commit-proxy.ts';
import type { TestDatabase } from '../../support/postgres.ts';
import { letAMinutePass, type Arena, type Moment } from './arena.ts';
import { alertsSettled, conclusionsOf, differences, findingsOf, type Conclusions } from './conclusions.ts';
import { atPoint, describePoint, Survey, type KillPoint } from './points.ts';
import { compareTalk } from './talk.ts';

/** Children at a time: they wait for the database and for Slack's second half of the time. */
const CASES_AT_ONCE = 3;

/** What the run shows that nobody breaks off. */
export type Reference = {
  readonly moment: Moment;
  readonly code: number | null;
  readonly conclusions: Conclusions;
  readonly findings: readonly object[];
  readonly texts: readonly string[];
  readonly commits: readonly KillPoint[];
};

/** What came out where something was broken off; equal when there are no faults. */
export type Outcome = {
  readonly point: KillPoint;
  /** How often a process was killed or stopped at the point. */
  readonly met: number;
  /** Messages that came once more. */
  readonly repeated: number;
  readonly faults: readonly string[];
};

export async function runThrough(arena: Arena, moment: Moment): Promise<Reference> {
  await using database = await arena.copy(moment);
  await arena.become(moment);
  const survey = new Survey();
  await using proxy = await startCommitProxy(database.url, survey.meet);
  await using run = arena.start(['run'], { ...database, url: proxy.url });
  const { code } = await run.ended;
  return {
    moment,
    code,
    conclusions: await conclusionsOf(database.url),
    findings: await findingsOf(database.url),
    texts: arena.slack.told(database.name).map(({ text }) => text),
    commits: survey.commits,
  };
}

export type Case = { readonly arena: Arena; readonly reference: Reference; readonly database: TestDatabase };
export type BreakOff = (at: Case, point: KillPoint) => Promise<Broken>;
/** `mayRepeat`: messages that were sent and whose sender was gone before the database knew. */
type Broken = {
  readonly met: number;
  readonly code: number | null;
  readonly mayRepeat: number;
  readonly faults?: readonly string[];
  /** Somebody has reconciled while a source was still to be read again: what is new may be told in two digests. */
  readonly mayDivide?: boolean;
};

/** Every point in a database of its own. */
export async function sweep(
  given: Omit<Case, 'database'>,
  points: readonly KillPoint[],
  breakOff: BreakOff,
): Promise<readonly Outcome[]> {
  const limit = pLimit(CASES_AT_ONCE);
  return await Promise.all(points.map((point) => limit(async () => await tryOne(given, point, breakOff))));
}

async function tryOne(given: Omit<Case, 'database'>, point: KillPoint, breakOff: BreakOff): Promise<Outcome> {
  const { arena, reference } = given;
  await using database = await arena.copy(reference.moment);
  const { met, code, mayRepeat, mayDivide = false, faults: own = [] } = await breakOff({ ...given, database }, point);
  const unit = mayDivide ? 'row' : 'message';
  const talk = compareTalk(reference.texts, arena.slack.told(database.name), { unit, mayRepeat });
  const conclusions = await conclusionsOf(database.url);
  const faults = [
    ...own,
    ...(code === reference.code ? [] : [`the last run ended with ${code}`]),
    ...differences(reference.conclusions, conclusions, mayDivide ? ['alerts sent'] : []),
    ...talk.faults,
  ];
  return { point, met, repeated: talk.repeated, faults: faults.map((fault) => `${describePoint(point)}: ${fault}`) };
}

/** A run that is killed at the point, with the pid it had; `met` is 0 where it never came there. */
export async function killedAt(at: Case, point: KillPoint, began?: () => void) {
  return await killedBy(at, (kill) => {
    const meet = atPoint(point, kill);
    return (meeting) => {
      began?.();
      return meet(meeting);
    };
  });
}

/** The same, where `watch` says when. */
export async function killedBy({ arena, database }: Case, watch: (kill: () => Fate) => OnMeeting) {
  let child: RunningCli | undefined;
  let met = 0;
  const kill = (): Fate => {
    met = 1;
    child?.kill('SIGKILL');
    return 'drop';
  };
  await using proxy = await startCommitProxy(database.url, watch(kill));
  await using run = arena.start(['run'], { ...database, url: proxy.url });
  child = run;
  await run.ended;
  return { met, pid: run.pid };
}

/** Messages that Slack has and the database does not know of. */
export async function unknownMessages({ arena, database, reference }: Case): Promise<number> {
  const before = reference.moment === 'first' ? 0 : 1;
  const unknown = arena.slack.told(database.name).length - ((await alertsSettled(database.url)) - before);
  // Another process may have settled one between the two questions.
  return Math.max(0, unknown);
}

/** Killed, a minute later started again, and left alone. */
export const killOnce: BreakOff = async (at, point) => {
  const { met } = await killedAt(at, point);
  const mayRepeat = await unknownMessages(at);
  await letAMinutePass(at.database.url);
  const code = await at.arena.finish(['run'], at.database);
  return { met, code, mayRepeat };
};
