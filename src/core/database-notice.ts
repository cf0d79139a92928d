import type { AlertPlan } from './alert-plan.ts';

/** Why nothing can be written, in the words of the error's code. */
export type DatabaseTrouble = 'database-full' | 'database-read-only';

const HEADLINES = {
  'database-full': 'Rollcall cannot write to its database: the disk is full',
  'database-read-only': 'Rollcall cannot write to its database: it is read-only',
} as const satisfies Record<DatabaseTrouble, string>;

const ADVICE = {
  'database-full': 'Make room on the disk of the database server; nothing has to be restarted.',
  'database-read-only': 'Point database.url to the primary, or make the database writable again.',
} as const satisfies Record<DatabaseTrouble, string>;

/** No job of the queue can tell this: it would have to be written first. */
export function planDatabaseTrouble(trouble: DatabaseTrouble): AlertPlan {
  const kept = 'What is known stays as it is, and nothing is concluded or announced until then.';
  return { headline: HEADLINES[trouble], sections: [], footer: [kept, ADVICE[trouble]] };
}

export function planDatabaseWell(): AlertPlan {
  return {
    headline: 'Rollcall can write to its database again',
    sections: [],
    footer: ['What was missed meanwhile is read with the next ticks.'],
  };
}
