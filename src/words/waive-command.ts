import type { FindingRow } from '../core/views.ts';
import type { Advised } from './link-sentences.ts';

/** What a person says who accepts the finding, or does so no longer; of one that is resolved there is nothing to say. */
export function waiveCommand({ id, status }: Pick<FindingRow, 'id' | 'status'>): Advised | undefined {
  if (status === 'resolved') return undefined;
  return status === 'waived'
    ? { lead: 'To take the waiver back', command: `rollcall unwaive ${id}` }
    : { lead: 'To accept it for a time', command: `rollcall waive ${id} --until YYYY-MM-DD --reason "why"` };
}
