import { toShiftedDate } from '../../../src/sandbox/calendar.ts';
import { Believed, type Expected } from './believed.ts';
import { SOURCES, type Application, type Row, type SourceName } from './rows.ts';

/** One finding there must be. Without a `resolution` the contract names none for how it ended. */
export type Finding = {
  readonly source: SourceName;
  readonly rule: string;
  readonly subject: string;
  readonly severity: 'medium' | 'high' | 'critical';
  readonly status: 'open' | 'held' | 'resolved';
  readonly resolution?: string | undefined;
};
type Charge = Pick<Finding, 'source' | 'rule' | 'subject' | 'severity'>;
type Leaving = { readonly on: string; readonly by: 'end_date' | 'listing' };
type Judged = {
  readonly rules: readonly string[];
  readonly charges: readonly Charge[];
  readonly undecided: ReadonlySet<string>;
};
export type Outcome = { readonly opened: number; readonly resolved: number; readonly held: number };

export const GRACE_DAYS = 2;
const RATIO = 0.2;
const CONCLUDING = ['orphaned_account', 'leaver_account'];
/** Cannot be decided of somebody of whom it is not known whether he works here. */
const WITH_STANDING = ['leaver_account', 'inactive_account'];
const WITH_IDENTITIES = ['orphaned_account', 'leaver_account', 'inactive_account', 'duplicate_account'];

/**
 * The corpus's own list: contract §4 to §6 once more, as plainly as they can be said, over what the scenario says each answer
 * held. It shares no code with the program and asks it nothing.
 */
export class Oracle {
  readonly sources = { directory: new Believed(), nimble: new Believed(), namely: new Believed() };
  readonly findings = new Map<string, Finding>();
  readonly #links = new Map<string, string>();
  readonly #leavings = new Map<string, Leaving>();
  /** Before a rule has run for a source once, nothing it says is news, and no breaker counts it. */
  readonly #baselined = new Set<string>();

  take(source: SourceName, expected: Expected, at: string): void {
    this.sources[source].take(expected, at);
  }

  /** Applications with findings that a person has to let go, by name. */
  get held(): readonly SourceName[] {
    const held = [...this.findings.values()].filter(({ status }) => status === 'held');
    return [...new Set(held.map(({ source }) => source))].toSorted();
  }

  /** Sources of which some rule must be withheld. */
  withheld(at: string): readonly SourceName[] {
    const isUsable = (source: SourceName): boolean => this.sources[source].isUsable(at);
    return SOURCES.filter((source) => !isUsable(source) || (source !== 'directory' && !isUsable('directory')));
  }

  /** What a person lets go: a source's listing, or the findings that are held there. */
  release(kind: 'source' | 'conclusion', source: SourceName): void {
    if (kind === 'source') this.sources[source].isBreakerOpen = false;
    if (kind === 'source') return;
    for (const [key, finding] of this.findings) {
      if (finding.source === source && finding.status === 'held')
        this.findings.set(key, { ...finding, status: 'open' });
    }
  }

  reconcile(at: string): Outcome {
    const today = at.slice(0, 10);
    this.#mark(today);
    const outcome = { opened: 0, resolved: 0, held: 0 };
    for (const source of SOURCES.filter((name) => this.sources[name].isUsable(at))) {
      const rules = ['lifecycle_conflict'];
      const charges = this.#conflicts(source, today);
      const undecided = new Set<string>();
      if (source !== 'directory' && this.sources.directory.isUsable(at)) {
        rules.push(...WITH_IDENTITIES);
        this.#link(source);
        charges.push(...this.#charges(source, today, undecided));
      }
      const settled = this.#settle(source, { rules, charges, undecided });
      outcome.opened += settled.opened;
      outcome.resolved += settled.resolved;
      outcome.held += settled.held;
      for (const rule of rules) this.#baselined.add(`${source} ${rule}`);
    }
    return outcome;
  }

  /** `left_on`: fixed when a listing or the calendar first makes somebody leave, gone when the row is current again. */
  #mark(today: string): void {
    for (const [id, { row }] of this.sources.directory.rows) {
      const standing = this.#standing(id, today);
      if (standing === 'current') this.#leavings.delete(id);
      if (standing !== 'left' || this.#leavings.has(id)) continue;
      const { endDate } = row;
      const hasEnded = endDate !== undefined && endDate < today;
      this.#leavings.set(id, hasEnded ? { on: endDate, by: 'end_date' } : { on: today, by: 'listing' });
    }
  }

  #standing(identity: string, today: string): 'current' | 'left' | 'neither' {
    const known = this.sources.directory.rows.get(identity);
    if (known === undefined) return 'neither';
    const { row, isPresent } = known;
    if (!isPresent || row.status === 'inactive' || (row.endDate !== undefined && row.endDate < today)) return 'left';
    return row.status === 'unknown' ? 'neither' : 'current';
  }

  /** Sticky: once linked, an account keeps its person whatever happens to the address. */
  #link(source: Application): void {
    const identities = [...this.sources.directory.rows.values()].map(({ row }) => row);
    for (const { id, email } of this.sources[source].present) {
      if (this.#links.has(`${source} ${id}`)) continue;
      const byEmail = identities.filter((row) => row.email === email);
      const hits = byEmail.length > 0 ? byEmail : identities.filter(({ aliases }) => aliases.includes(email));
      if (hits.length > 1) throw new Error('the corpus tells no disputes');
      if (hits[0] !== undefined) this.#links.set(`${source} ${id}`, hits[0].id);
    }
  }

  #conflicts(source: SourceName, today: string): Charge[] {
    const isContradiction = (row: Row): boolean => isUsable(row) && row.endDate !== undefined && row.endDate < today;
    const rows = this.sources[source].present.filter(isContradiction);
    return rows.map(({ id }) => ({ source, rule: 'lifecycle_conflict', subject: id, severity: 'medium' }));
  }

  #charges(source: Application, today: string, undecided: Set<string>): readonly Charge[] {
    const charges: Charge[] = [];
    const accounts = new Map<string, number>();
    for (const row of this.sources[source].present) {
      const identity = this.#links.get(`${source} ${row.id}`);
      const rule = this.#ruleOf(row, identity, today);
      if (rule === 'undecided') undecided.add(row.id);
      else if (rule !== undefined) charges.push({ source, rule, subject: row.id, severity: severityOf(rule, row) });
      if (identity !== undefined && isUsable(row)) accounts.set(identity, (accounts.get(identity) ?? 0) + 1);
    }
    const rule = 'duplicate_account';
    const twice = [...accounts].filter(([, count]) => count > 1);
    return [...charges, ...twice.map(([subject]) => ({ source, rule, subject, severity: 'medium' as const }))];
  }

  #ruleOf(row: Row, identity: string | undefined, today: string): string | undefined {
    if (identity === undefined) return isUsable(row) ? 'orphaned_account' : undefined;
    const standing = this.#standing(identity, today);
    if (standing === 'neither') return 'undecided';
    if (row.status === 'inactive') return standing === 'current' ? 'inactive_account' : undefined;
    const isDue = standing === 'left' && this.#dueOn(identity) <= today;
    return isUsable(row) && isDue ? 'leaver_account' : undefined;
  }

  #dueOn(identity: string): string {
    const leaving = this.#leavings.get(identity);
    if (leaving === undefined) throw new Error('somebody has left and no day is known');
    return toShiftedDate(leaving.on, GRACE_DAYS + (leaving.by === 'end_date' ? 1 : 0));
  }

  #settle(source: SourceName, { rules, charges, undecided }: Judged): Outcome {
    const news = charges.filter((charge) => [undefined, 'resolved'].includes(this.findings.get(keyOf(charge))?.status));
    const held = this.#held(source, news);
    const resolved = this.#endedOf(source, { rules, charges, undecided });
    for (const finding of resolved) {
      this.findings.set(keyOf(finding), { ...finding, status: 'resolved', resolution: this.#resolution(finding) });
    }
    for (const charge of charges) {
      const key = keyOf(charge);
      const isHeld = held.has(key) || this.findings.get(key)?.status === 'held';
      this.findings.set(key, { ...charge, status: isHeld ? 'held' : 'open' });
    }
    return { opened: news.length - held.size, resolved: resolved.length, held: held.size };
  }

  /** Nothing, or all that is new of the two rules that a person would act on at once. */
  #held(source: SourceName, news: readonly Charge[]): ReadonlySet<string> {
    const found = news.filter(({ rule }) => CONCLUDING.includes(rule) && this.#baselined.has(`${source} ${rule}`));
    const limit = Math.max(3, Math.ceil(this.sources[source].present.length * RATIO - 1e-9));
    return new Set(found.length > limit ? found.map(keyOf) : []);
  }

  #endedOf(source: SourceName, { rules, charges, undecided }: Judged): readonly Finding[] {
    const charged = new Set(charges.map(keyOf));
    const ran = [...this.findings.values()].filter((each) => each.source === source && rules.includes(each.rule));
    const isUndecided = ({ rule, subject }: Finding): boolean => WITH_STANDING.includes(rule) && undecided.has(subject);
    return ran.filter((each) => each.status !== 'resolved' && !charged.has(keyOf(each)) && !isUndecided(each));
  }

  #resolution({ source, rule, subject }: Finding): string | undefined {
    const known = this.sources[source].rows.get(subject);
    if (rule === 'duplicate_account' || known === undefined) return undefined;
    if (!known.isPresent) return 'account gone';
    if (rule === 'inactive_account') return undefined;
    if (known.row.status === 'inactive') return 'access removed';
    if (rule === 'leaver_account') return 'identity current';
    return rule === 'orphaned_account' ? 'linked' : undefined;
  }
}

function severityOf(rule: string, { role }: Row): Charge['severity'] {
  if (!CONCLUDING.includes(rule)) return 'medium';
  return role === 'admin' ? 'critical' : 'high';
}

function keyOf({ source, rule, subject }: Charge): string {
  return `${source} ${rule} ${subject}`;
}

function isUsable({ status }: Row): boolean {
  return status === 'active' || status === 'unknown';
}
