import { OperationalError } from '../errors.ts';
import { isUrl } from './answers.ts';
import { hostToAllow, readCompany, refuseScimUrl, refuseText, refuseTimezone, refuseWebUrl } from './check-answer.ts';
import { type Partly, urlsOf } from './flags.ts';
import type { Prompt } from './prompt.ts';

/** Nobody mistypes more often than this without giving up. */
const TRIES_MAX = 5;

type Question = {
  readonly text: string;
  /** What an empty line means; absent: an answer is needed. */
  readonly fallback?: string | undefined;
  readonly refuse: (answer: string) => string | undefined;
};

/** Asks for what neither the flags nor `told` have said, one thing at a time. Throws `usage` when an answer will not do five times. */
export async function askRest(
  given: Partly,
  told: Partly,
  { prompt, zone }: { readonly prompt: Prompt; readonly zone: string },
): Promise<Partly> {
  const withApplications = await askApplications(given, told, prompt);
  const timezone =
    given.timezone ??
    (await ask(prompt, { text: 'Time zone in which days end', fallback: zone, refuse: refuseTimezone }));
  return await askAllowed({ ...withApplications, timezone }, prompt);
}

/** Where it is written who works here. */
export async function askTruth(given: Partly, prompt: Prompt): Promise<Partly> {
  if (given.identitiesAt !== undefined || given.namely !== undefined) return await askAllowed(given, prompt);
  await prompt.say('Who works here? A list with a line a person (CSV or JSON), or Namely itself.');
  const identitiesAt = await ask(prompt, {
    text: 'Path or https URL of the list; empty if Namely says it',
    fallback: '',
    refuse: (text) => (isUrl(text) ? refuseWebUrl(text) : undefined),
  });
  if (identitiesAt !== '') return await askAllowed({ ...given, identitiesAt }, prompt);
  const company = await ask(prompt, {
    text: 'COMPANY in https://COMPANY.namely.com',
    refuse: refuseCompany,
  });
  return { ...given, namely: { company: readCompany(company) } };
}

/** Nothing is asked of applications where the flags have named one: they are what is wanted. */
async function askApplications(given: Partly, known: Partly, prompt: Prompt): Promise<Partly> {
  if (hasApplication(given)) return known;
  await prompt.say('Whose accounts are looked at? An empty line leaves one out.');
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const asked = await askEach(known, prompt);
    if (hasApplication(asked)) return asked;
    await prompt.say('At least one is needed.');
  }
  throw tooOften();
}

/** Namely is one where somebody else says who works here. */
function hasApplication({ nimble, nimbus, scim, namely, identitiesAt }: Partly): boolean {
  return [nimble, nimbus, scim, identitiesAt === undefined ? undefined : namely].some((each) => each !== undefined);
}

async function askEach(known: Partly, prompt: Prompt): Promise<Partly> {
  const nimble = (await askYes(prompt, 'Nimble: read its team members?', true)) ? {} : undefined;
  const namely = known.namely ?? (await askNamely(prompt));
  const path = await ask(prompt, {
    text: 'Nimbus: path of the Employees grid as CSV',
    fallback: '',
    refuse: () => undefined,
  });
  const baseUrl = await ask(prompt, {
    text: 'SCIM directory: its URL before /Users',
    fallback: '',
    refuse: refuseScimUrl,
  });
  return {
    ...known,
    nimble,
    namely,
    nimbus: path === '' ? undefined : { path },
    scim: baseUrl === '' ? undefined : { baseUrl },
  };
}

async function askNamely(prompt: Prompt): Promise<Partly['namely']> {
  const answer = await ask(prompt, {
    text: 'Namely: COMPANY in https://COMPANY.namely.com',
    fallback: '',
    refuse: refuseCompany,
  });
  return answer === '' ? undefined : { company: readCompany(answer) };
}

async function askAllowed(answers: Partly, prompt: Prompt): Promise<Partly> {
  let { allow } = answers;
  for (const url of urlsOf(answers)) {
    const host = hostToAllow(url, allow);
    if (host === undefined) continue;
    if (!(await askYes(prompt, `${host} is private or not encrypted. Is that meant?`, false))) {
      throw new OperationalError(
        'usage',
        `${host} is not read then: give an https URL on a public address, or --allow ${host}`,
      );
    }
    allow = [...allow, host];
  }
  return { ...answers, allow };
}

function refuseCompany(text: string): string | undefined {
  return readCompany(text) === undefined ? 'is no company: acme for https://acme.namely.com' : undefined;
}

async function askYes(prompt: Prompt, text: string, fallback: boolean): Promise<boolean> {
  const answer = await ask(prompt, {
    text: `${text} (y/n)`,
    fallback: fallback ? 'y' : 'n',
    refuse: (each) => (/^(?:y|yes|n|no)$/iu.test(each) ? undefined : 'is neither y nor n'),
  });
  return /^y/iu.test(answer);
}

async function ask(prompt: Prompt, { text, fallback, refuse }: Question): Promise<string> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const answer = (await prompt.line(text, fallback)).trim();
    if (answer === '' && fallback !== undefined) return fallback;
    const refused = refuseText(answer) ?? refuse(answer);
    if (refused === undefined) return answer;
    await prompt.say(`  That ${refused}.`);
  }
  throw tooOften();
}

function tooOften(): OperationalError {
  return new OperationalError('usage', 'no answer that will do; nothing was written');
}
