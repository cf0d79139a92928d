import type { Flag, Status } from '../../core/row.ts';
import { readBoolean, readId, UNREADABLE } from '../fields.ts';
import type { ReadRow } from '../row-tally.ts';
import { parseStatusWord } from '../status-words.ts';
import type { Member } from './schema.ts';

/** Contract §3, Nimble. */
export function toAccount(member: Member): ReadRow {
  const status = readStatus(member);
  const name = typeof member.name === 'object' && member.name !== null ? member.name : {};
  const flags: Flag[] = [];
  if (member.name === UNREADABLE || status.unreadable) flags.push('field_unreadable');
  if (status.unknownWord !== undefined) flags.push('status_unknown_word');
  return {
    raw: {
      // The documented rows of `/company/users` have neither: then the core takes the e-mail.
      externalId: readId(member.id) ?? readId(member.user_id) ?? member.id,
      email: member.email,
      givenName: name.first_name,
      familyName: name.last_name,
      displayName: typeof member.name === 'string' ? member.name : undefined,
      status: status.status,
      role: member.role,
      lastActiveAt: member.last_active,
      sourceCreatedAt: member.created_at ?? member.created,
      flags,
    },
    unknownStatus: status.unknownWord,
  };
}

type StatusReading = {
  readonly status: Status;
  readonly unknownWord?: string | undefined;
  readonly unreadable: boolean;
};

/**
 * Whatever says "no access" counts first, as a list "will include disabled users too" (vendor's note of 2021-02-11). With no
 * status field at all the row's presence is the only signal, and it says active.
 */
function readStatus(member: Member): StatusReading {
  const active = readBoolean(member.is_active);
  const disabled = readBoolean(member.disabled);
  const pending = readBoolean(member.is_pending);
  const word = readWord(member.status);
  const unreadable = [active, disabled, pending, member.status].includes(UNREADABLE);
  if (active === false || disabled === true || word.status === 'inactive') return { status: 'inactive', unreadable };
  if (pending === true) return { status: 'pending', unreadable };
  if (word.unknown !== undefined) return { status: 'unknown', unknownWord: word.unknown, unreadable };
  return { status: unreadable ? 'unknown' : (word.status ?? 'active'), unreadable };
}

function readWord(value: Member['status']): {
  readonly status?: Status | undefined;
  readonly unknown?: string | undefined;
} {
  if (typeof value !== 'string' || value.trim() === '') return {};
  const status = parseStatusWord(value);
  return status === undefined ? { unknown: value } : { status };
}
