import type { Fate, Meeting, OnMeeting } from '../../support/commit-proxy.ts';
import type { CommitPoint } from '../../support/commit-watch.ts';

/** The n-th time (from 1) that a run comes to commit this, before it is sent to the database, or after that and before the run knows. */
export type KillPoint = { readonly label: Label; readonly nth: number; readonly moment: Meeting['moment'] };

/** The first that a request writes names it: the same in each run, whatever the order of the sources is. */
const LABELS = [
  ['insert rollcall.drift_report', 'a reconciliation with its findings and alerts'],
  ['insert rollcall.sync_run', 'a listing with its rows, watermark and alerts'],
  ['copy rollcall.stage', 'rows on their way in'],
  ['delete rollcall.stage', 'rows on their way in removed'],
  ['insert rollcall.source', 'the sources'],
  ['update rollcall.source', 'a claim taken or given back'],
  ['insert rollcall_jobs.job', 'a job asked for'],
  ['update rollcall_jobs.job', 'a job taken or settled'],
  ['rollcall_jobs.', 'upkeep of the job queue'],
  ['rollcall.alert_channel', 'a turn to tell Slack'],
  ['rollcall.tick', 'a fire of a schedule'],
  ['rollcall.', 'removal of old history'],
] as const;
export type Label = (typeof LABELS)[number][1];

function labelOf({ writes }: Pick<CommitPoint, 'writes'>): Label {
  const [, label] = LABELS.find(([begin]) => writes.some((write) => write.includes(begin))) ?? [];
  if (label === undefined) throw new Error(`no name for what writes ${writes.join(', ')}`);
  return label;
}

export function describePoint({ label, nth, moment }: KillPoint): string {
  return `${moment} ${label} (${nth})`;
}

/**
 * What is counted: every request that might write, or only those that did, where polls that find nothing come as they like. Before a
 * request it is not known, but of a whole transaction.
 */
export type Counting = 'all' | 'touched';

/** Counts by name how often each point was met. */
class Counter {
  readonly #counting: Counting;
  readonly #met = new Map<string, number>();

  constructor(counting: Counting) {
    this.#counting = counting;
  }

  /** How often, this time included; 0 for what is not counted. */
  meet({ point, moment }: Meeting): number {
    if (this.#counting === 'touched' && !point.touched) return 0;
    const key = `${moment} ${labelOf(point)}`;
    const nth = (this.#met.get(key) ?? 0) + 1;
    this.#met.set(key, nth);
    return nth;
  }
}

/** Lets everything pass and notes where something was written: the commit points of a run. */
export class Survey {
  readonly #counter: Counter;
  readonly #found: KillPoint[] = [];

  constructor(counting: Counting = 'all') {
    this.#counter = new Counter(counting);
  }

  readonly meet: OnMeeting = (meeting) => {
    const nth = this.#counter.meet(meeting);
    const { point, moment } = meeting;
    if (moment === 'after' && point.touched) this.#found.push({ label: labelOf(point), nth, moment });
    return 'pass';
  };

  /** Where something became lasting, in order. */
  get commits(): readonly KillPoint[] {
    return [...this.#found];
  }
}

/** Both sides of each commit. */
export function bothSides(commits: readonly KillPoint[]): readonly KillPoint[] {
  return commits.flatMap((commit) => [
    { ...commit, moment: 'before' as const },
    { ...commit, moment: 'after' as const },
  ]);
}

/** Of what is a single statement the side of its answer only: before it, nothing is other than after the one before. */
export function answersOf(points: readonly KillPoint[], whole: readonly Label[]): readonly KillPoint[] {
  return points.filter(({ label, moment }) => moment === 'after' || whole.includes(label));
}

/** Of each label the first only; of what `whole` names, all. */
export function firstOfEach(points: readonly KillPoint[], whole: readonly Label[] = []): readonly KillPoint[] {
  const seen = new Set<string>();
  return points.filter(({ label, moment }) => {
    const isNew = !seen.has(`${moment} ${label}`);
    seen.add(`${moment} ${label}`);
    return isNew || whole.includes(label);
  });
}

export function isOf(label: Label, { point }: Meeting): boolean {
  return labelOf(point) === label;
}

/** Does `act` once, when the run comes to the point. */
export function atPoint(wanted: KillPoint, act: () => Promise<Fate> | Fate, counting: Counting = 'all'): OnMeeting {
  const counter = new Counter(counting);
  return async (meeting) => {
    const nth = counter.meet(meeting);
    const isIt = nth === wanted.nth && meeting.moment === wanted.moment && labelOf(meeting.point) === wanted.label;
    return isIt ? await act() : 'pass';
  };
}
