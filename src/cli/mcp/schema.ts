import { z } from 'zod';
import { FINDING_STATUSES } from '../../core/case.ts';
import { RULES, SEVERITIES } from '../../core/rule.ts';

/** Rows of one answer: an assistant reads all of it, at a price. */
const ROWS_MAX = 100;
const ROWS_DEFAULT = 25;
/** Beyond it a list is to be narrowed down, not leafed through. */
const OFFSET_MAX = 100_000;
const TEXT_MAX = 300;
// Lists that narrow down have at least one word: an empty one would ask for nothing, and its answer look like good news.

const paging = {
  limit: z.int().min(1).max(ROWS_MAX).default(ROWS_DEFAULT).describe(`Rows of this answer, at most ${ROWS_MAX}`),
  offset: z.int().min(0).max(OFFSET_MAX).default(0).describe('`next_offset` of the answer before'),
};
const source = z.string().max(TEXT_MAX).describe('Name of a source, as `source_health` lists them');

export const FindingsInput = {
  status: z.array(z.enum(FINDING_STATUSES)).min(1).max(4).default(['open', 'held']).describe('Default: open and held'),
  rule: z
    .array(z.enum(RULES))
    .min(1)
    .optional()
    .describe('leaver_account: people who left; orphaned_account: nobody we know'),
  severity: z.array(z.enum(SEVERITIES)).min(1).optional(),
  source: source.optional(),
  ...paging,
};
export const ExplainInput = { id: z.int().min(1).describe('Id of a finding') };
export const RosterInput = {
  source,
  at: z
    .string()
    .max(40)
    .optional()
    .describe(
      'As it was at this past moment (2026-11-21T09:00:00Z), or at the end of this day of the company; absent: now',
    ),
  search: z
    .string()
    .min(1)
    .max(TEXT_MAX)
    .regex(/^[^\0]*$/u, 'without NUL')
    .optional()
    .describe('Only rows with this in id, e-mail, alias or name'),
  ...paging,
};
export const ClockInput = {
  breach_only: z.boolean().default(false).describe('Only where it was longer than the company allows'),
  open_only: z.boolean().default(false).describe('Only accounts that have not been removed'),
  ...paging,
};

const Row = z.record(z.string(), z.json());
const rows = { rows: z.array(Row), total: z.int(), next_offset: z.int().nullable() };
/** Whether an empty answer means that there is nothing: what could not be judged is named. */
const standing = {
  as_of: z.string().nullable().describe('End of the last reconciliation; null: there was none, and nothing is known'),
  withheld: z.json().describe('Rules that could not be judged, and why: of these an empty answer says nothing'),
  forgotten_usable: z
    .int()
    .describe('Accounts of people who left and were forgotten that can still be used: no finding names them'),
};
export const PageOutput = rows;
/** Of findings and of clocks. */
export const StandingPageOutput = { ...rows, ...standing };
export const ExplainOutput = {
  finding: Row,
  account: Row.nullable(),
  identity: Row.nullable(),
  clock: Row.nullable(),
  ...standing,
};
export const HealthOutput = { sources: z.array(Row), ...standing };
