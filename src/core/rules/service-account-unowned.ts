import type { Json } from '../case.ts';
import { chargeAccount, CLEAR, identityLabel, type AccountFacts, type RuleVerdict } from '../charge.ts';
import { accountLabel } from '../person.ts';
import type { PlainDate } from '../row.ts';
import type { ServiceAccount } from '../service-accounts.ts';

/**
 * A service account without an entry in `serviceAccounts`, or whose owner is no known identity, or whose review date is past. One that is
 * inactive needs nobody: deactivating it is what ends the finding.
 */
export function serviceAccountUnowned({ of, service, judging }: AccountFacts): RuleVerdict {
  const { row } = of;
  if (row.kind !== 'service' || row.status === 'inactive') return CLEAR;
  const reason = reasonOf(service, judging.today);
  if (reason === undefined) return CLEAR;
  return chargeAccount('service_account_unowned', of, {
    summary: `${accountLabel(row)} is a service account in ${of.sourceName}, and ${reason.words}`,
    evidence: {
      reason: reason.kind,
      owner: service?.owner,
      could_be: couldBe(service),
      purpose: service?.purpose,
      review: service?.review,
    },
  });
}

function couldBe(service: ServiceAccount | undefined): Json | undefined {
  if (service === undefined || service.unclear.length === 0) return undefined;
  return service.unclear.map(({ ref, sourceName }) => `${sourceName}/${ref.externalId}`);
}

type Reason = {
  readonly kind: 'not_listed' | 'owner_unknown' | 'owner_unclear' | 'review_past';
  readonly words: string;
};

function reasonOf(service: ServiceAccount | undefined, today: PlainDate): Reason | undefined {
  if (service === undefined) return { kind: 'not_listed', words: 'nobody answers for it' };
  const { owner, ownerRows, unclear, review } = service;
  if (unclear.length > 0) {
    const people = unclear.map((identity) => `${identityLabel(identity)} of ${identity.sourceName}`).join(' or ');
    return { kind: 'owner_unclear', words: `its owner ${owner} could be ${people}: write SOURCE/ID` };
  }
  if (ownerRows.length === 0) return { kind: 'owner_unknown', words: `its owner ${owner} is nobody we know` };
  // The review's day is still a day to do it.
  if (review === undefined || review >= today) return undefined;
  return { kind: 'review_past', words: `the date of its review, ${review}, is past` };
}
