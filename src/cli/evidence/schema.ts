import { z } from 'zod';
import { EVIDENCE_FORMAT } from './chain.ts';

const digest = z.string().regex(/^[0-9a-f]{64}$/);
/** Never a path: a manifest of somebody else must not lead out of its folder. */
const fileName = z.string().regex(/^[a-z_]+(\.[a-z0-9]+)+$/);

const ManifestFile = z.strictObject({
  name: fileName,
  bytes: z.int().min(0),
  sha256: digest,
  rows: z.int().min(0).optional(),
  chain: digest.optional(),
});
export type ManifestFile = z.infer<typeof ManifestFile>;

/** The runs of a source in this evidence: what the first follows, and how it ends. */
const RunChain = z.strictObject({
  runs: z.int().min(0),
  first_run: z.int().nullable(),
  last_run: z.int().nullable(),
  previous_digest: digest.nullable(),
  last_digest: digest.nullable(),
  /** Runs up to this one may lack the one before, which retention has removed. */
  runs_after: z.int().nullable(),
});

/** A roster of a source, and the complete full listing that shows exactly these rows; null where something has changed since, or is unproven. */
const Roster = z.strictObject({ rows: z.int().min(0), digest, listed_by_run: z.int().nullable() });

const ManifestSource = z.strictObject({
  id: z.int(),
  name: z.string(),
  type: z.string(),
  authoritative: z.boolean(),
  chain: RunChain,
  roster_from: Roster,
  roster_to: Roster,
});
export type ManifestSource = z.infer<typeof ManifestSource>;

export const Manifest = z.strictObject({
  format: z.literal(EVIDENCE_FORMAT),
  rollcall: z.string(),
  made_at: z.string(),
  made_by: z.string(),
  period: z.strictObject({
    from: z.string(),
    to: z.string(),
    timezone: z.string(),
    start: z.string(),
    end: z.string(),
  }),
  sla_hours: z.number(),
  run_digest_covers: z.array(z.string()),
  content_hash_covers: z.array(z.string()),
  sources: z.array(ManifestSource),
  files: z.array(ManifestFile),
});
export type Manifest = z.infer<typeof Manifest>;
