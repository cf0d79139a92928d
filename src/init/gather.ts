import { OperationalError } from '../errors.ts';
import { type InitAnswers, isUrl, type ListAnswer } from './answers.ts';
import { askRest, askTruth } from './ask.ts';
import { missingFlags, type Partly } from './flags.ts';
import type { Prompt } from './prompt.ts';

export type GatherDeps = {
  /** Nobody can be asked where it is absent. */
  readonly prompt?: Prompt | undefined;
  /** This machine's zone. */
  readonly zone: string;
  /** What the list calls its columns; throws OperationalError. */
  readonly proposeColumns: (asked: AskedList) => Promise<ProposedList>;
};

export type AskedList = {
  readonly list: string;
  readonly format?: 'csv' | 'json' | undefined;
  /** With what was allowed when it was named. */
  readonly allow: readonly string[];
};

export type ProposedList = {
  readonly columns: Readonly<Record<string, string>>;
  readonly fields: readonly string[];
  readonly fault?: string | undefined;
  /** For a person who has to choose; empty where they may be people. */
  readonly headers: readonly string[];
};

/** Answers from flags, and from a person for the rest. `yes`: nobody is asked. Throws `usage` that names what is missing. */
export async function gatherAnswers(given: Partly, yes: boolean, deps: GatherDeps): Promise<InitAnswers> {
  const prompt = yes ? undefined : deps.prompt;
  const missing = missingFlags(given, { timezone: yes });
  if (prompt === undefined && missing.length > 0) {
    const why = yes ? '--yes asks nothing' : 'there is no terminal to ask at';
    throw new OperationalError('usage', [`${why}; still needed:`, ...missing].join('\n  '));
  }
  const { told, identities } = await gatherList(given, { ...deps, prompt });
  const all = prompt === undefined ? told : await askRest(given, told, { prompt, zone: deps.zone });
  const { identitiesAt: _place, columns: _columns, timezone = deps.zone, ...rest } = all;
  return { ...rest, timezone, identities };
}

type WithList = { readonly told: Partly; readonly identities?: ListAnswer | undefined };

/** The list is looked at as soon as it is named, and where it cannot be read another one may be. */
async function gatherList(given: Partly, deps: GatherDeps): Promise<WithList> {
  const { prompt } = deps;
  for (let tries = 1; ; tries += 1) {
    const told = prompt === undefined ? given : await askTruth(given, prompt);
    if (told.identitiesAt === undefined) return { told };
    try {
      return { told, identities: await toList(told.identitiesAt, told, deps) };
    } catch (error) {
      const isAsked = prompt !== undefined && given.identitiesAt === undefined && tries < TRIES_MAX;
      if (!isAsked || !(error instanceof OperationalError) || !AGAIN.has(error.code)) throw error;
      await prompt.say(`  ${error.message}.`);
    }
  }
}

const TRIES_MAX = 5;
const AGAIN: ReadonlySet<string> = new Set([
  'source-file',
  'source-contract',
  'source-unavailable',
  'source-auth',
  'source-forbidden',
]);

async function toList(place: string, { columns, allow }: Partly, deps: GatherDeps): Promise<ListAnswer> {
  const format = formatOf(place);
  if (Object.keys(columns).length > 0) return { place, format, columns };
  const found = await deps.proposeColumns({ list: place, format, allow });
  if (found.fault === undefined) {
    await deps.prompt?.say(describeFound(found));
    return { place, format, columns: found.columns };
  }
  const email = await deps.prompt?.line(`${describeHeaders(found.headers)}Which column has the work e-mail?`);
  const header = found.headers.find((each) => each.trim().toLowerCase() === email?.trim().toLowerCase());
  if (header !== undefined) return { place, format, columns: { ...found.columns, email: header } };
  const fix = 'name its columns by --column, such as --column email="Work E-mail" --column end_date="Last day"';
  throw new OperationalError('usage', `the list ${found.fault}; ${fix}`);
}

/** Said where the name does not say it; as most exports, it is taken for CSV. */
function formatOf(place: string): 'csv' | undefined {
  const path = isUrl(place) ? (URL.parse(place)?.pathname ?? '') : place;
  return /\.(?:csv|json)$/iu.test(path) ? undefined : 'csv';
}

function describeFound({ columns, fields }: ProposedList): string {
  const mapped = Object.entries(columns).map(([field, header]) => `${field} = "${header}"`);
  const own = fields.filter((field) => !(field in columns));
  return `  It has ${[...own, ...mapped].join(', ')}.`;
}

function describeHeaders(headers: readonly string[]): string {
  return headers.length === 0 ? '' : `The list has the columns ${headers.join(', ')}.\n`;
}
