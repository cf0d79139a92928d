import { z } from 'zod';

// What could be another path or a person's address is no id: it would be in a request and in a job.
const id = z
  .union([z.string().regex(/^[A-Za-z\d_-]{1,128}$/u), z.int().nonnegative().transform(String)])
  .optional()
  .catch(undefined);
const linked = z.union([z.object({ id }).transform((link) => link.id), id]).catch(undefined);

const Subject = z.object({
  id,
  profile_id: id,
  profileId: id,
  profile: linked,
  links: z.object({ profile: linked }).optional().catch(undefined),
});
type Subject = z.infer<typeof Subject>;

const inner = z
  .union([z.array(Subject.optional().catch(undefined)), Subject.transform((subject) => [subject])])
  .optional()
  .catch(undefined);

const Call = Subject.extend({
  event_id: id,
  delivery_id: id,
  data: inner,
  payload: inner,
  resource: inner,
  event: inner,
  events: inner,
});

export type Hint = {
  /** Profiles that the call speaks of, each once. What it says of them is not read at all. */
  readonly ids: readonly string[];
  /** The call's own id, where it has one. */
  readonly deliveryId?: string | undefined;
};

/** What a webhook's body hints at. No document says how it looks, so that the usual places are looked at. */
export function readHint(json: unknown): Hint {
  const call = Call.safeParse(json).data;
  if (call === undefined) return { ids: [] };
  const { data, payload, resource, event, events } = call;
  const subjects = [data, payload, resource, event, events].flatMap((list) => list ?? []);
  const named = [...namedBy(call), ...subjects.flatMap((subject) => (subject === undefined ? [] : idsOf(subject)))];
  // An outer id is the call's own where the profile is named elsewhere, else the profile's.
  const ids = new Set(named.length > 0 ? named : [call.id].flatMap((own) => own ?? []));
  return { ids: [...ids], deliveryId: call.event_id ?? call.delivery_id ?? (named.length > 0 ? call.id : undefined) };
}

function idsOf(subject: Subject): readonly string[] {
  const named = namedBy(subject);
  return named.length > 0 ? named : [subject.id].flatMap((own) => own ?? []);
}

function namedBy({ profile_id: snake, profileId: camel, profile, links }: Subject): readonly string[] {
  return [snake, camel, profile, links?.profile].flatMap((named) => named ?? []);
}
