import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { OperationalError } from '../../../../src/errors.ts';
import { toFailure } from '../../../../src/sources/sql/failures.ts';

const FAILING = { source: 'contractors', statementMs: 60_000, placeOf: () => ', line 1, column 2 of query' };

function fromServer(state: string): pg.DatabaseError {
  const error = new pg.DatabaseError('message with canary@example.com', 10, 'error');
  return Object.assign(error, { code: state, detail: 'canary', hint: 'canary', where: 'canary', table: 'canary' });
}

function fromSystem(code: string, syscall?: string): Error {
  return Object.assign(new Error('connect to canary.example.com'), { code, syscall });
}

/** Code and text of an error that must be operational, and must have kept nothing of the message. */
function told(error: unknown): readonly [string, string] {
  const failure = toFailure(error, FAILING);
  if (!(failure instanceof OperationalError)) throw new Error('not operational', { cause: failure });
  expect(failure.message).not.toContain('canary');
  return [failure.code, failure.message];
}

describe('an error of the server', () => {
  test.each([
    ['28P01', 'source-auth', 'user and password'],
    ['28000', 'source-auth', 'user and password'],
    ['3D000', 'source-contract', 'no database'],
    ['42501', 'source-forbidden', 'SELECT'],
    ['25006', 'source-contract', 'read-only'],
    ['25001', 'source-contract', 'read-only'],
    ['57014', 'source-unavailable', 'longer than 60 s'],
    ['55P03', 'source-unavailable', 'lock'],
    ['25P03', 'source-unavailable', 'too long'],
    ['40001', 'source-unavailable', 'other work'],
    ['53300', 'source-unavailable', 'busy'],
    ['57P01', 'source-unavailable', 'restarting'],
    ['08006', 'source-unavailable', 'trouble'],
    ['08P01', 'source-contract', 'parameters'],
    ['58030', 'source-unavailable', 'trouble'],
    ['42601', 'source-contract', 'semicolon'],
    ['42P01', 'source-contract', 'table or schema'],
    ['42703', 'source-contract', 'column'],
    ['22P02', 'source-contract', 'value'],
    ['0A000', 'source-contract', 'refused query'],
    ['P0001', 'source-contract', 'refused query'],
  ])('%s is %s', (state, code, words) => {
    const [found, text] = told(fromServer(state));
    expect(found).toBe(code);
    expect(text).toContain(words);
    expect(text).toContain(`(SQLSTATE ${state}${code === 'source-contract' ? ', line 1, column 2 of query' : ''})`);
  });
});

describe('an error on the way', () => {
  test.each([
    ['ECONNREFUSED', 'cannot be reached'],
    ['ETIMEDOUT', 'cannot be reached'],
    ['EHOSTUNREACH', 'cannot be reached'],
    ['ENOTFOUND', 'host of url is not known'],
    ['EAI_AGAIN', 'host of url is not known'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'not trusted'],
    ['CERT_HAS_EXPIRED', 'not trusted'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'not trusted'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS with the server failed'],
  ])('%s is told as it is', (code, words) => {
    expect(told(fromSystem(code))).toEqual(['source-unavailable', expect.stringContaining(words)]);
    expect(told(new AggregateError([fromSystem(code)]))).toEqual([
      'source-unavailable',
      expect.stringContaining(words),
    ]);
  });

  test('of a file is none of the server', () => {
    expect(told(fromSystem('ENOENT', 'open'))).toEqual([
      'source-unavailable',
      expect.stringContaining('certificate file'),
    ]);
    expect(told(fromSystem('ENOENT', 'connect'))).toEqual(['source-unavailable', expect.stringContaining('reached')]);
  });

  test.each([
    ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', 'source-auth'],
    ['The server does not support SSL connections', 'source-unavailable'],
    ['timeout expired', 'source-unavailable'],
    ['Query read timeout', 'source-unavailable'],
    ['Connection terminated unexpectedly', 'source-unavailable'],
  ])('"%s" is %s', (message, code) => {
    expect(told(new Error(message))[0]).toBe(code);
  });
});

test.each([new TypeError('x is not a function'), new Error('anything else'), fromSystem('ERR_INVALID_ARG_TYPE')])(
  'a bug stays a bug: %s',
  (bug) => {
    expect(toFailure(bug, FAILING)).toBe(bug);
  },
);
