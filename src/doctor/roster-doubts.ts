import { hasField, rowsOf } from '../core/answer-shape.ts';
import type { CheckResult } from '../cli/doctor.ts';
import { NAMES, type VendorSource } from './advice.ts';
import type { RateLimit, SeenAnswer } from './answers.ts';

export type RosterFacts = {
  /** The first page of the roster. */
  readonly page: SeenAnswer;
  /** How many the vendor says there are, or the one page has. */
  readonly people: number;
  /** Whether `people` may be a page alone. */
  readonly atLeast: boolean;
  /** What `/myself` says of the company's size. */
  readonly companySize?: number | undefined;
  /** Rows of the last complete listing. */
  readonly known?: number | undefined;
};

/** Some vendors stamp the header before they answer, some when they began to. */
const AHEAD_MAX_MS = 60_000;
/** Of its limit, so little is left that the next reading may be turned away. */
const NEARLY_SPENT = 0.1;
/** Namely's word, and the ones that a SCIM server or Nimble may have. */
const STATUS_FIELDS = {
  nimble: ['is_active', 'status', 'disabled'],
  namely: ['user_status'],
  scim: ['active'],
} as const;

export function factsOf(
  source: VendorSource,
  answers: readonly SeenAnswer[],
  known: number | undefined,
): RosterFacts | undefined {
  const pages = answers.filter(({ path, shape }) => path.endsWith(rosterPathOf(source)) && rowsOf(shape) !== undefined);
  // Pages are asked for side by side, and the one after the last is empty.
  const [page] = pages.toSorted((a, b) => (rowsOf(b.shape) ?? 0) - (rowsOf(a.shape) ?? 0));
  if (page === undefined) return undefined;
  const total = TOTALS.map((name) => page.numbers.get(name)).find((each) => each !== undefined);
  const companySize = answers.map(({ numbers }) => numbers.get('company_size')).find((each) => each !== undefined);
  const atLeast = total === undefined && source.type !== 'nimble';
  return { page, people: total ?? rowsOf(page.shape) ?? 0, atLeast, companySize, known };
}

const TOTALS = ['total_count', 'total', 'totalResults'] as const;

function rosterPathOf(source: VendorSource): string {
  if (source.type === 'nimble') return source.rosterPath;
  return source.type === 'namely' ? '/api/v1/profiles' : '/Users';
}

/** What a right that is missing looks like: nothing fails, and people are not there, or what is said of them. */
export function doubtRoster(name: string, source: VendorSource, facts: RosterFacts): readonly CheckResult[] {
  return [...doubtSize(name, source, facts), ...doubtStatus(name, source, facts.page)];
}

function doubtSize(name: string, source: VendorSource, facts: RosterFacts): readonly CheckResult[] {
  const { people, atLeast, companySize, known } = facts;
  const who = NAMES[source.type];
  const fix = `make the token as somebody who may see everybody: ${who} shows its owner's view; if people have really left, nothing`;
  if (people === 0) {
    return [{ name, status: 'warn', detail: 'the roster is well formed and has nobody in it', fix }];
  }
  if (atLeast) return [];
  if (people < source.minRows) {
    const detail = `the roster has ${people} rows, and minRows is ${source.minRows}: no listing of it is complete`;
    return [{ name, status: 'fail', detail, fix: `${fix}; else lower minRows of ${source.name}` }];
  }
  if (companySize !== undefined && people < companySize) {
    return [
      { name, status: 'warn', detail: `the roster has ${people} rows, and the company ${companySize} users`, fix },
    ];
  }
  if (known === undefined || people >= known) return [];
  const share = (known - people) / known;
  if (share <= SHRUNK) return [];
  return [
    { name, status: 'warn', detail: `the roster has ${people} rows; the last complete listing had ${known}`, fix },
  ];
}

/** Fewer by so much is more than a day's leavers. */
const SHRUNK = 0.1;

function doubtStatus(name: string, source: VendorSource, page: SeenAnswer): readonly CheckResult[] {
  if (rowsOf(page.shape) === 0 || hasField(page.shape, ...STATUS_FIELDS[source.type])) return [];
  // Nimble's guide has no status: presence is its signal (contract §3), and nothing is hidden.
  if (source.type === 'nimble') return [];
  const [field] = STATUS_FIELDS[source.type];
  const detail = `no row shows ${field}: everybody's status is unknown, and nothing is concluded of them`;
  const fix =
    source.type === 'namely'
      ? "in Namely let the permission role of the token's owner see the field Status (user_status) of all profiles"
      : 'let the SCIM server return the attribute active';
  return [{ name, status: 'warn', detail, fix }];
}

/** The vendor's clock against ours, and what is left of its limit. */
export function doubtHeaders(name: string, answers: readonly SeenAnswer[]): readonly CheckResult[] {
  const results: CheckResult[] = [];
  const ahead = answers.findLast(({ aheadMs }) => aheadMs !== undefined)?.aheadMs;
  if (ahead !== undefined && Math.abs(ahead) > AHEAD_MAX_MS) results.push(doubtClock(name, 'the vendor', ahead));
  const spent = answers.findLast(({ rate }) => isNearlySpent(rate))?.rate;
  if (spent !== undefined) {
    const detail = `${spent.left} of ${spent.limit} requests are left before the vendor makes everybody wait`;
    const fix = 'look what else uses the same token, and lower requestsPerMinute';
    results.push({ name, status: 'warn', detail, fix });
  }
  return results;
}

export function doubtClock(name: string, whose: string, aheadMs: number): CheckResult {
  const minutes = Math.round(Math.abs(aheadMs) / 6_000) / 10;
  const detail = `the clock of ${whose} is ${minutes} min ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's`;
  return { name, status: 'warn', detail, fix: 'set the clock that is wrong (on Linux: `timedatectl set-ntp true`)' };
}

function isNearlySpent({ limit, left }: RateLimit): boolean {
  return limit !== undefined && left !== undefined && left <= limit * NEARLY_SPENT;
}
