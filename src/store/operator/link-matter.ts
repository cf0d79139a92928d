import type { RowRef } from '../../core/case.ts';
import { isSameRef } from '../../core/identity.ts';
import type { LinkRequest } from '../../ports/reading.ts';
import type pg from 'pg';
import type { ActiveSource } from '../reconcile/context.ts';
import { loadActiveSources } from '../reconcile/load-sources.ts';
import { unknownSource } from '../../errors.ts';
import { notJudged, retiredSource, sameSource, unknownAccount, unknownIdentity } from './link-errors.ts';
import { type Asked, findAccount, findIdentity, personOf } from './link-rows.ts';
import { identityOf, keepRow, type LinkRow, loadLinksOf, lockRow } from './link-statements.ts';

/** What is decided: about whom, and what is known of them. */
export type Matter = {
  readonly asked: Asked;
  readonly source: ActiveSource;
  readonly account: RowRef;
  /** Absent: `clear` of all that was said of the account. */
  readonly identity?: RowRef | undefined;
  /** The rows that are one person with the identity, itself included. */
  readonly person: readonly RowRef[];
  /** The row is an identity, and it is decided whether it is still the same person. */
  readonly isSelf: boolean;
  readonly reused: boolean;
  readonly moved: boolean;
  readonly links: readonly LinkRow[];
};

/** Finds what the request names, and locks the account's row; `usage` or `not-found` where it names nothing that can be decided. */
export async function loadMatter(client: pg.PoolClient, request: LinkRequest): Promise<Matter> {
  const asked = { client, sources: await loadActiveSources(client) };
  const source = await findSource(asked, request.source);
  const account = await findAccount(asked, source, request.account);
  const identity = await findIdentityOf(asked, source, { account, request });
  const isIdentityOnly = source.authoritative && !source.audited;
  const isSelf = identity === undefined ? isIdentityOnly : isSameRef(account, identity);
  if (isIdentityOnly && !isSelf) throw notJudged(source.name, account.externalId);
  if (!isSelf && identity?.sourceId === source.id) throw sameSource(source.name);
  const marks = await holdRows(client, request, { account, identity });
  const person = identity === undefined || isSelf ? [] : await personOf(asked, identity);
  return { asked, source, account, identity, person, isSelf, ...marks, links: await loadLinksOf(client, account) };
}

type Marks = Exclude<Awaited<ReturnType<typeof lockRow>>, undefined>;

/** Until it is decided nobody else decides about the account, and neither is forgotten. */
async function holdRows(
  client: pg.PoolClient,
  request: LinkRequest,
  { account, identity }: Pick<Matter, 'account' | 'identity'>,
): Promise<Marks> {
  const marks = await lockRow(client, account);
  if (marks === undefined) throw unknownAccount(request.account, request.source);
  if (identity !== undefined && !(await keepRow(client, identity))) throw unknownIdentity(request.identity ?? '');
  return marks;
}

/** Of a row of an authority, itself is meant where the same word names it twice: whatever has that id or address elsewhere. */
async function findIdentityOf(
  asked: Asked,
  source: ActiveSource,
  { account, request }: Named,
): Promise<RowRef | undefined> {
  const { identity } = request;
  if (identity === undefined) return undefined;
  const isTwice = identity === account.externalId || (identity === request.account && !source.audited);
  return source.authoritative && isTwice ? account : await findIdentity(asked, account, identity);
}

type Named = { readonly account: RowRef; readonly request: LinkRequest };

async function findSource({ client, sources }: Asked, name: string): Promise<ActiveSource> {
  const source = sources.find((each) => each.name === name);
  if (source !== undefined) return source;
  const { rows } = await client.query('select from rollcall.source where name = $1', [name]);
  if (rows.length > 0) throw retiredSource(name);
  throw unknownSource(
    name,
    sources.map((each) => each.name),
  );
}

/** Said before, and nothing stands against it. */
export function isAlready({ links, identity, person, isSelf }: Matter, { action }: LinkRequest): boolean {
  if (isSelf) return true;
  const ofPerson = links.filter((link) => isOf(person, link));
  if (action === 'clear') return (identity === undefined ? links : ofPerson).length === 0;
  if (action === 'deny') return ofPerson.length > 0 && ofPerson.every(({ rule }) => rule === 'denied');
  const isPinned = ({ rule, ...link }: LinkRow): boolean =>
    rule === 'pinned' && identity !== undefined && isSameRef(identityOf({ rule, ...link }), identity);
  return links.some(isPinned) && !ofPerson.some(({ rule }) => rule === 'denied');
}

/** Which links and words of the account this one takes the place of. */
export function isReplaced(matter: Matter, { action }: LinkRequest, link: LinkRow): boolean {
  const { person, identity, isSelf } = matter;
  // The same person as before: what the rules had found was right.
  if (isSelf && action === 'add') return false;
  // The id may be somebody else's: what the rules had found of who had it before goes, whoever is spoken of.
  if (matter.reused && !isWord(link)) return true;
  if (isSelf) return false;
  if (action === 'clear' && identity === undefined) return true;
  return isOf(person, link) || (action === 'add' && link.rule !== 'denied');
}

/** Said by a person, and not found by a rule. */
function isWord({ rule }: LinkRow): boolean {
  return rule === 'pinned' || rule === 'denied';
}

function isOf(person: readonly RowRef[], link: LinkRow): boolean {
  return person.some((ref) => isSameRef(ref, identityOf(link)));
}
