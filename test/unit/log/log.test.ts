import fc from '../../support/property.ts';
import ky from 'ky';
import { describe, expect, test } from 'vitest';
import { OperationalError } from '../../../src/errors.ts';
import { createLog, type LogOptions } from '../../../src/log.ts';

type Lines = { readonly text: () => string; readonly last: () => Record<string, unknown> };

function openLog(options: Partial<LogOptions> = {}): { log: ReturnType<typeof createLog> } & Lines {
  const lines: string[] = [];
  const log = createLog({
    level: 'debug',
    secrets: [],
    destination: { write: (line) => lines.push(line) },
    ...options,
  });
  return { log, text: () => lines.join(''), last: () => JSON.parse(lines.at(-1) ?? 'null') };
}

describe('a log line', () => {
  test('is JSON with level, time, data and the static message', () => {
    const { log, last } = openLog();
    log.info({ source: 'nimble', page: 3, at: new Date(0) }, 'page read');
    expect(last()).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T.*Z$/),
      source: 'nimble',
      page: 3,
      at: '1970-01-01T00:00:00.000Z',
      msg: 'page read',
    });
  });

  test.each(['debug', 'info', 'warn', 'error'] as const)(
    'of level %s is written at its own level and not above',
    (level) => {
      const written = openLog({ level });
      written.log[level]({}, 'here');
      expect(written.last()['level']).toBe(level);
      const silent = openLog({ level: 'silent' });
      silent.log[level]({}, 'here');
      expect(silent.text()).toBe('');
    },
  );

  test('shows plain data only, and only so much of it', () => {
    const { log, last } = openLog();
    class Client {
      readonly password = 'canary';
    }
    const deep = { a: { b: { c: { d: { e: 'canary' } } } } };
    log.info(
      {
        client: new Client(),
        map: new Map([['canary', 1]]),
        deep,
        many: Array.from({ length: 99 }, () => 1),
        none: null,
      },
      'x',
    );
    expect(JSON.stringify(last())).not.toContain('canary');
    expect(last()).toMatchObject({ client: '[Client]', map: '[Map]', none: null });
    expect(last()['many']).toHaveLength(50);
  });
});

class DrizzleQueryError extends Error {
  readonly query = 'select canary-query';
  readonly params = ['jane@example.com', 'canary-param'];
}

describe('an error in the log', () => {
  test('of ours shows code, message and frames, and of its causes the class and code', () => {
    const { log, last, text } = openLog();
    const query = new DrizzleQueryError('Failed query: select\nparams: jane@example.com,canary-param', {
      cause: Object.assign(new Error('password canary-cause is wrong'), { code: '28P01' }),
    });
    log.error({ err: new OperationalError('database-auth', 'the database refused us', { cause: query }) }, 'stopped');
    expect(last()['err']).toMatchObject({
      class: 'OperationalError',
      code: 'database-auth',
      message: 'the database refused us',
      causes: ['DrizzleQueryError', 'Error 28P01'],
    });
    // pino's own serializer would add it.
    expect(last()['err']).not.toHaveProperty('type');
    expect(text()).not.toMatch(/canary|jane/);
    expect(text()).toMatch(/at .*log\.test\.ts/);
  });

  test.each([
    ['under another key', (log: ReturnType<typeof openLog>['log'], error: Error) => log.warn({ failure: error }, 'x')],
    ['deep inside', (log: ReturnType<typeof openLog>['log'], error: Error) => log.warn({ a: { b: [error] } }, 'x')],
    ['as the data itself', (log: ReturnType<typeof openLog>['log'], error: Error) => log.warn(error, 'x')],
  ])('of a library keeps its message, parameters and query to itself: %s', (_place, write) => {
    const { log, text } = openLog();
    write(log, new DrizzleQueryError('Failed query\nparams: canary-param'));
    expect(text()).not.toContain('canary');
    expect(text()).toContain('"class":"DrizzleQueryError"');
  });

  test('of a body that is no JSON does not quote the body', () => {
    const { log, text } = openLog();
    try {
      JSON.parse('canary-body');
    } catch (error) {
      log.error({ err: error }, 'x');
    }
    expect(text()).toContain('"class":"SyntaxError"');
    expect(text()).not.toContain('canary');
  });

  test('whose message looks like a stack does not show it as frames', () => {
    const { log, text } = openLog();
    log.error({ err: new DrizzleQueryError('Failed\n    at canary-frame (jane@example.com)') }, 'x');
    expect(text()).not.toMatch(/canary|jane/);
  });

  test('of ky does not show the address', async () => {
    const { log, text } = openLog();
    const error: unknown = await ky('http://127.0.0.1:1/services/T0/canaryHook', { retry: 0 }).catch(
      (cause: unknown) => cause,
    );
    log.error({ err: error }, 'x');
    expect(text()).not.toContain('canary');
  });

  test('that is a bug shows its message and where it happened', () => {
    const { log, last } = openLog();
    log.error({ err: new TypeError('x is not a function') }, 'bug');
    expect(last()['err']).toMatchObject({ class: 'TypeError', message: 'x is not a function' });
  });
});

describe('known secrets', () => {
  const secret = 'canary/+ "s€cret"\\7';

  test.each([
    ['as data', { note: `before ${secret} after` }, 'x'],
    ['deep in data', { a: { b: [{ c: secret }] } }, 'x'],
    ['under a name that redact would not know', { headers: { AUTHORIZATION: `Bearer ${secret}` } }, 'x'],
    ['as a key', { [secret]: 1 }, 'x'],
    ['in the message', {}, `said ${secret}`],
    ['percent-encoded', { path: `/a/${encodeURIComponent(secret)}/b` }, 'x'],
    ['percent-encoded in small letters', { path: encodeURIComponent(secret).toLowerCase() }, 'x'],
    ['as a form field', { body: new URLSearchParams({ token: secret }).toString() }, 'x'],
    ['in an error of ours', { err: new OperationalError('source-auth', `refused ${secret}`) }, 'x'],
  ])('are replaced %s', (_place, data, message) => {
    const { log, text, last } = openLog({ secrets: [secret] });
    log.warn(data, message);
    expect(text()).not.toContain('canary');
    expect(JSON.stringify(last())).toContain('***');
  });

  test('that are digits are replaced in numbers too, and the line stays JSON', () => {
    const { log, last } = openLog({ secrets: ['424242'] });
    log.warn({ count: 14242420, other: 7 }, 'x');
    expect(last()).toMatchObject({ count: '1***0', other: 7 });
  });

  test('inside one another leave no rest', () => {
    const { log, text } = openLog({ secrets: ['canary', 'canary-and-rest'] });
    log.warn({ a: 'canary-and-rest' }, 'x');
    expect(text()).not.toContain('rest');
  });

  test('empty or very short are not looked for', () => {
    const { log, last } = openLog({ secrets: ['', 'a'] });
    log.info({ a: 'banana' }, 'x');
    expect(last()).toMatchObject({ a: 'banana' });
  });

  test('never pass, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 8, unit: 'grapheme' }).filter((text) => text.trim().length >= 8),
        (any) => {
          const { log, last } = openLog({ secrets: [any] });
          log.warn({ a: `x${any}y`, b: { c: [any] } }, 'fixed');
          expect(last()).toMatchObject({ a: 'x***y', b: { c: ['***'] } });
        },
      ),
    );
  });
});
