import { describe, expect, test } from 'vitest';

import { parsePostmaster } from '../../../../src/store/embedded/postmaster.ts';

// As PostgreSQL 18 writes it: process, data folder, start, port, socket folder, address, shared memory key, status.
const WHOLE = '21734\n/srv/data\n1795000000\n46725\n\n127.0.0.1\n  1234  5678\nready   \n';

const cases: { name: string; given: string; expected: ReturnType<typeof parsePostmaster> }[] = [
  { name: 'a whole file', given: WHOLE, expected: { pid: 21734, port: 46725 } },
  {
    name: 'a file without the lines that come later',
    given: '21734\n/srv/data\n1795000000\n46725\n',
    expected: { pid: 21734, port: 46725 },
  },
  { name: 'a file that is being written', given: '21734\n/srv/data\n', expected: undefined },
  { name: 'an empty file', given: '', expected: undefined },
  { name: 'a single-user server (negative number)', given: WHOLE.replace('21734', '-21734'), expected: undefined },
  { name: 'something else', given: 'x\ny\nz\nw\n', expected: undefined },
];

describe('parsePostmaster', () => {
  test.each(cases)('$name', ({ given, expected }) => {
    expect(parsePostmaster(given)).toEqual(expected);
  });
});
