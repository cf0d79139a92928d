import { type Fate, type Meeting, startCommitProxy } from '../../support/commit-proxy.ts';
import type { CliResult, RunningCli } from '../../support/cli.ts';
import { letAMinutePass, letClaimsLapse } from './arena.ts';
import { JOB } from './choices.ts';
import { claimedBy, listingsOf } from './claims.ts';
import { atPoint, isOf, type KillPoint } from './points.ts';
import { type BreakOff, type Case, killedAt, killedBy, unknownMessages } from './sweep.ts';

// Other ways of breaking a run off than killing it once.

/** Two runs at the same time over the same sources; the worse of their exit codes. */
async function finishTwo({ arena, database }: Parameters<BreakOff>[0]): Promise<number> {
  const codes = await Promise.all([arena.finish(['run'], database), arena.finish(['run'], database)]);
  return Math.max(...codes);
}

/** Killed, started again and killed at the same point, and then there are two (case 58). */
export const killTwice: BreakOff = async (at, point) => {
  const first = await killedAt(at, point);
  await letAMinutePass(at.database.url);
  const second = await killedAt(at, point);
  const mayRepeat = await unknownMessages(at);
  await letAMinutePass(at.database.url);
  return { met: first.met + second.met, code: await finishTwo(at), mayRepeat };
};

/** Two at the same time, of which one is killed, and comes again when the other has ended. */
export const killOneOfTwo: BreakOff = async (at, point) => {
  let other: Promise<number> | undefined;
  const { met, pid } = await killedAt(at, point, () => {
    other ??= at.arena.finish(['run'], at.database);
  });
  const mayRepeat = await unknownMessages(at);
  await letClaimsLapse(at.database.url, pid);
  await other;
  await letAMinutePass(at.database.url);
  return { met, code: await at.arena.finish(['run'], at.database), mayRepeat };
};

/** The connection dies, and with it the answer to what was sent; the process lives and has to make of it what it can (case 63). */
export const loseConnection: BreakOff = async (at, point) => {
  const { arena, database } = at;
  let met = 0;
  const cut = (): Fate => {
    met = 1;
    return 'drop';
  };
  await using proxy = await startCommitProxy(database.url, atPoint(point, cut));
  await using run = arena.start(['run'], { ...database, url: proxy.url });
  await run.ended;
  const mayRepeat = await unknownMessages(at);
  await letAMinutePass(database.url);
  return { met, code: await arena.finish(['run'], database), mayRepeat, mayDivide: true };
};

/**
 * Stopped for a minute in which another does all the work, and then it goes on (case 72). What it had in hand for Slack it sends, as the
 * other has: nobody can take that back.
 */
export const pause: BreakOff = async ({ arena, database }, point) => {
  const stopped = Promise.withResolvers<undefined>();
  const resumed = Promise.withResolvers<Fate>();
  let child: RunningCli | undefined;
  let met = 0;
  const stop = async (): Promise<Fate> => {
    met = 1;
    child?.kill('SIGSTOP');
    stopped.resolve(undefined);
    return await resumed.promise;
  };
  await using proxy = await startCommitProxy(database.url, atPoint(point, stop));
  await using run = arena.start(['run'], { ...database, url: proxy.url });
  child = run;
  await Promise.race([stopped.promise, run.ended]);
  const lapsed = await claimedBy(database.url, run.pid);
  await letAMinutePass(database.url);
  const code = await arena.finish(['run'], database);
  const written = await listingsOf(database.url, lapsed);
  run.kill('SIGCONT');
  resumed.resolve('pass');
  const late = await run.ended;
  const more = (await listingsOf(database.url, lapsed)) - written;
  return {
    met,
    code,
    mayRepeat: IN_HAND.some((label) => label === point.label) ? 1 : 0,
    // That both read the same in the end must not hide that one may not write, nor that it must know.
    faults: [
      ...(more === 0 ? [] : [`what had lost its claim wrote ${more} listings`]),
      ...(!holdsClaim(point) || met === 0 || isRefused(late) ? [] : ['what had lost its claim did not say so']),
    ].map((fault) => `${fault}, and ended with ${late.code}: ${late.stderr}`),
  };
};

/** Of these the process knows that it has a claim, and has not used it. */
function holdsClaim({ label, moment }: KillPoint): boolean {
  return label === 'rows on their way in' || (label === 'a claim taken or given back' && moment === 'after');
}

/** It has lost its claim; or could not even ask, because the server had ended the transactions of all its sources. */
function isRefused({ code, stderr }: CliResult): boolean {
  return code === CLAIM_LOST || (code === 1 && stderr.includes('"code":"database-unavailable"'));
}
const CLAIM_LOST = 75;

/** Of these the process may have a message in hand. */
const IN_HAND = ['a job taken or settled', 'a turn to tell Slack'] as const;

/** Killed when the first message has come to Slack, which does not answer any more (case 95). */
export const killAtSlack: BreakOff = async (at) => {
  const { arena, database } = at;
  let met = 0;
  let child: RunningCli | undefined;
  const kill = async (): Promise<void> => {
    if (met > 0) return;
    met = 1;
    child?.kill('SIGKILL');
    await child?.ended;
  };
  arena.slack.expect(database.name, { url: database.url, arrived: kill });
  await using run = arena.start(['run'], database);
  child = run;
  await run.ended;
  const mayRepeat = await unknownMessages(at);
  await letAMinutePass(database.url);
  return { met, code: await arena.finish(['run'], database), mayRepeat };
};

/** Killed where `isThere`, once the first message has come to Slack. */
function killOnceTold(isThere: (meeting: Meeting) => boolean): BreakOff {
  return async (at: Case) => {
    const { arena, database } = at;
    const isTold = (): boolean => arena.slack.told(database.name).length > 0;
    const { met } = await killedBy(at, (kill) => (meeting) => (isTold() && isThere(meeting) ? kill() : 'pass'));
    const mayRepeat = await unknownMessages(at);
    await letAMinutePass(database.url);
    return { met, code: await arena.finish(['run'], database), mayRepeat };
  };
}

/** Slack has answered, and the first thing that follows is not in the database. */
export const killBeforeKnown: BreakOff = killOnceTold(({ moment }) => moment === 'before');

/** The message is settled, and the process has not heard of it. */
export const killWhenKnown: BreakOff = killOnceTold((meeting) => meeting.moment === 'after' && isOf(JOB, meeting));
