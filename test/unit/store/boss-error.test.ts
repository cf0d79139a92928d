import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { toBossError } from '../../../src/store/boss-error.ts';

/** What pg-boss emits: the fields of an error, in an object that is none. */
function emitted(error: Error): object {
  return {
    ...Object.fromEntries(Object.entries(error)),
    message: `${error.message} (Queue: sync, Worker: 42)`,
    stack: error.stack,
    queue: 'sync',
  };
}

const cases = [
  { name: 'a network error', error: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) },
  { name: 'a connection that fell silent', error: new Error('Query read timeout') },
  {
    name: 'an error of the server',
    error: Object.assign(new pg.DatabaseError('canary', 6, 'error'), { severity: 'FATAL', code: '57P01' }),
  },
];

describe('an error of pg-boss', () => {
  test.each(cases)('$name is told by its code, whether copied or not', ({ error }) => {
    for (const given of [emitted(error), error]) {
      const told = toBossError(given);
      expect(told).toMatchObject({ code: 'database-unavailable' });
      expect(told.message).toMatch(/^job queue: /);
      expect(told.message).not.toMatch(/canary|42|Queue:/);
    }
  });

  test('of its own is told by its class and place, never by its message', () => {
    const told = toBossError(emitted(new TypeError('canary')));
    expect(told.message).toBe('job queue: unexpected TypeError');
    expect(told.stack).toContain('boss-error.test.ts');
  });

  test('that is nothing at all is still an error', () => {
    expect(toBossError(undefined)).toBeInstanceOf(Error);
  });
});
