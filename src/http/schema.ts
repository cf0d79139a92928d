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
  /** The id of the event, or of the events, that it tells of. */
  readonly deliveryId?: string | undefined;
  /** Another id that is no profile's: the call's, or its sender's and the same in each. */
  readonly callId?: string | undefined;
};

/** What a webhook's body hints at. No document says how it looks, so that the usual places are looked at. */
export function readHint(json: unknown): Hint {
  const call = Call.safeParse(json).data;
  if (call === undefined) return { ids: [] };
  const subjects = [call.data, call.payload, call.resource].flatMap(present);
  const events = [call.event, call.events].flatMap(present);
  const named = [...namedBy(call), ...subjects.flatMap(idsOf), ...events.flatMap(namedBy)];
  // An event's id is its own where the profile is named elsewhere, else the profile's; then so is the call's.
  const bare = named.length > 0 ? named : events.flatMap(idsOf);
  const ids = new Set(bare.length > 0 ? bare : listed(call.id));
  // What is a profile's comes again with each of its changes.
  const ownOf = (id: string | undefined): readonly string[] => listed(id).filter((own) => !ids.has(own));
  const told = events.flatMap(({ id }) => ownOf(id)).toSorted();
  const inner = told.length > 0 ? told.join(' ') : undefined;
  const [deliveryId = inner] = [call.event_id, call.delivery_id].flatMap(ownOf);
  const [callId] = [call, ...subjects].flatMap(({ id }) => ownOf(id));
  return { ids: [...ids], deliveryId, callId };
}

function idsOf(subject: Subject): readonly string[] {
  const named = namedBy(subject);
  return named.length > 0 ? named : listed(subject.id);
}

function namedBy({ profile_id: snake, profileId: camel, profile, links }: Subject): readonly string[] {
  return [snake, camel, profile, links?.profile].flatMap(listed);
}

function present(list: readonly (Subject | undefined)[] | undefined): readonly Subject[] {
  return (list ?? []).flatMap((subject) => subject ?? []);
}

function listed(id: string | undefined): readonly string[] {
  return id === undefined ? [] : [id];
}
