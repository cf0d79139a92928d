import { OperationalError } from '../../errors.ts';

/** More choices than these help nobody; the ids are the vendor's, no names and no addresses. */
const CHOICES_MAX = 5;

export function unknownAccount(what: string, source: string): OperationalError {
  return new OperationalError(
    'not-found',
    `${source} has no account with the id or e-mail "${what}": \`rollcall roster ${source}\` lists them`,
  );
}

export function unknownIdentity(what: string): OperationalError {
  return new OperationalError('not-found', `no authoritative source has a row with the id or e-mail "${what}"`);
}

export function gone(what: string, source: string): OperationalError {
  return new OperationalError(
    'not-found',
    `"${what}" is gone from ${source}: nothing is decided about an account that is not there`,
  );
}

export function ambiguous(what: string, choices: readonly string[], hint: string): OperationalError {
  const shown = choices.slice(0, CHOICES_MAX).join(', ');
  const more = choices.length > CHOICES_MAX ? ` and ${choices.length - CHOICES_MAX} more` : '';
  return new OperationalError('usage', `"${what}" names ${choices.length} rows: ${shown}${more}. ${hint}`);
}

export function retiredSource(name: string): OperationalError {
  return new OperationalError('usage', `${name} is configured no longer: nothing is decided about its accounts`);
}

/** Rows of an authority are identities: the only thing to decide is whether a row is still the same person. */
export function notJudged(source: string, account: string): OperationalError {
  return new OperationalError(
    'usage',
    `${source} is an authoritative source and not audited: its rows are identities and linked to nobody. Where \`reused_account\` asks whether a row is still the same person, name the row twice: \`rollcall link add ${source} ${account} ${account}\``,
  );
}

export function sameSource(source: string): OperationalError {
  return new OperationalError(
    'usage',
    `an account of ${source} is never linked to another row of ${source}: name an identity of another authoritative source`,
  );
}
