import { describe, expect, test } from 'vitest';
import { GOOD_YAML, load, loadWell } from './folder.ts';

const F = 'rollcall.yaml';
const CANARY = 'canary-Zx81';

describe('broken text', () => {
  const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 9; level += 1) {
    bomb.push(`a${level}: &a${level} [${Array.from({ length: 9 }, () => `*a${level - 1}`).join(', ')}]`);
  }

  const cases = [
    {
      name: 'a key twice',
      yaml: 'timezone: UTC\ntimezone: UTC\n',
      expected: [`${F}:2:1 this key is there twice in its block; keep one`],
    },
    { name: 'a tab', yaml: 'slack:\n\tdigest: immediate\n', expected: [`${F}:2:1 is indented with a tab; use blanks`] },
    {
      name: 'an open quote, without the text in it',
      yaml: `slack: { webhookUrl: "${CANARY}`,
      expected: [
        `${F}:1:34 a closing quote, bracket or comma is missing before this place`,
        `${F}:1:34 is indented differently from its neighbours, or a bracket before it was not closed`,
      ],
    },
    {
      name: 'two colons, without the text',
      yaml: `sources:\n  - name: nimble\n    token: ${CANARY}: x\n`,
      expected: [`${F}:3:12 a second colon on this line; put the value in quotes`],
    },
    {
      name: 'two documents',
      yaml: 'timezone: UTC\n---\na: 1\n',
      expected: [`${F}:2:1 a second document begins here (---); keep one`],
    },
    {
      name: 'a tag',
      yaml: 'timezone: !secret x\n',
      expected: [`${F}:1:11 tags (!word) are not understood; for a secret write \${NAME} and set NAME or NAME_FILE`],
    },
    {
      name: 'an alias of nothing',
      yaml: 'timezone: *nowhere\n',
      expected: [`${F}:1:11 this alias (*name) has no anchor (&name) before it`],
    },
    {
      name: 'a default inside a reference in braces, told three times at most',
      yaml: 'database: { url: ${URL:-x} }\n'.repeat(9),
      expected: Array.from({ length: 3 }, () => expect.stringMatching(/^rollcall\.yaml:\d+:\d+ /)),
    },
    {
      name: 'an alias bomb',
      yaml: bomb.join('\n'),
      expected: [`${F}:1:1 aliases (*name) unfold to too much; write the values out`],
    },
  ];
  test.each(cases)('$name', ({ yaml, expected }) => {
    expect(load({ yaml }).lines).toEqual(expected);
  });

  test('a block that holds itself ends as a fault', () => {
    const { lines } = load({ yaml: `${GOOD_YAML}slack: &s { digest: [*s, *s] }\n` });
    expect(lines.some((line) => line.includes('is nested too deep'))).toBe(true);
  });

  test('bytes that are no UTF-8 are refused', () => {
    const files = { 'rollcall.yaml': Uint8Array.of(0x61, 0x3a, 0x20, 0xff, 0xfe, 0x0a) };
    expect(load({ files }).lines).toEqual(['rollcall.yaml: is not UTF-8 text']);
  });

  test('a byte order mark is no fault', () => {
    expect(loadWell({ yaml: `\uFEFF${GOOD_YAML}` }).config.sources).toHaveLength(2);
  });

  test('a key written against its colon is not repeated, since it holds the value', () => {
    const { lines } = load({ yaml: `${GOOD_YAML}slack: { webhookUrl:${CANARY} }\n` });
    expect(lines).toEqual([`${F}:6:10 slack.(a key that is not shown): unknown key`]);
  });

  test('an alias repeats a block and keeps its own line', () => {
    const yaml = `sources:
  - { name: a, type: file, authoritative: true, path: a.csv, columns: &c { email: Mail } }
  - { name: b, type: file, path: b.csv, columns: *c }
`;
    expect(loadWell({ yaml }).config.sources.map((source) => source.type === 'file' && source.columns)).toEqual([
      { email: 'Mail' },
      { email: 'Mail' },
    ]);
  });

  test('a key with nothing behind it is absent', () => {
    expect(loadWell({ yaml: `${GOOD_YAML}http:\n  # port: 1\n` }).config.http.port).toBe(8080);
  });
});

function withToken(token: string): string {
  return GOOD_YAML.replace('token: abc', () => `token: ${token}`);
}

function tokenOf(yaml: string, env: Readonly<Record<string, string>>): unknown {
  const source = loadWell({ yaml, env }).config.sources[1];
  return source?.type === 'nimble' && source.access.kind === 'token' ? source.access.token : undefined;
}

describe('${NAME}', () => {
  test('needs no quotes, not even in braces and brackets, and moves no column', () => {
    const yaml = `${GOOD_YAML}slack: { webhookUrl: \${HOOK}, digest: x }\nprivilegedRoles: [\${A}, \${B}]\n`;
    expect(load({ yaml, env: { A: 'a', B: 'b' } }).lines).toEqual([
      `${F}:6:31 slack.digest: must be immediate, or daily and a time of the day in \`timezone\`, such as daily "09:00"`,
    ]);
    const { config } = loadWell({ yaml: yaml.replace(', digest: x', ''), env: { A: 'a', B: 'b}' } });
    expect([...config.policy.privilegedRoles]).toEqual(['a', 'b}']);
  });

  test('is replaced inside a value too, several times', () => {
    expect(tokenOf(withToken('"a-${X}-${Y}"'), { X: '1', Y: '2' })).toBe('a-1-2');
  });

  test.each(['yes', '[a]', '#x', '{a:b}', '*a', '123', 'null', '${X}', 'it\'s"so', '$&'])(
    'keeps %s as the text it is, never read as YAML',
    (value) => {
      expect(tokenOf(withToken('${X}'), { X: value })).toBe(value);
    },
  );

  test('gives a number where a number is meant', () => {
    const yaml = `${GOOD_YAML}http: { port: "\${PORT}" }\nbreaker: { ratio: "\${RATIO}" }\n`;
    const { config } = loadWell({ yaml, env: { PORT: '9090', RATIO: '0.5' } });
    expect([config.http.port, config.policy.breakerRatio]).toEqual([9090, 0.5]);
  });

  test.each([
    ['unset', {}],
    ['empty', { NIMBLE_TOKEN: '' }],
  ])('%s is a fault at a required key, which names the variable', (_state, env) => {
    expect(load({ yaml: withToken('${NIMBLE_TOKEN}'), env }).lines).toEqual([
      `${F}:5:5 sources[1].token: is required, but NIMBLE_TOKEN has no value in the environment`,
    ]);
  });

  test('unset makes an optional key absent, also in the middle of text and in a list', () => {
    const yaml = `${GOOD_YAML}slack: { webhookUrl: "https://hooks.slack.com/\${NOPE}" }
privilegedRoles: ["\${NOPE}", boss]
http: { port: "\${NOPE}" }
`;
    const { config } = loadWell({ yaml });
    expect(config.slack.webhookUrl).toBeUndefined();
    expect([...config.policy.privilegedRoles]).toEqual(['boss']);
    expect(config.http.port).toBe(8080);
  });

  test.each(['${NAME:-default}', '${NAME', '${}', '${A B}'])('%s is refused', (text) => {
    const { lines } = load({ yaml: withToken(`"${text}"`), env: { NAME: 'x' } });
    expect(lines).toContain(
      `${F}:5:5 sources[1].token: holds a \${…} that is not of the form \${NAME}; there are no defaults inside`,
    );
  });

  test('is not replaced in keys', () => {
    expect(load({ yaml: `${GOOD_YAML}"\${X}": 1\n`, env: { X: 'timezone' } }).lines).toEqual([
      `${F}:6:1 (a key that is not shown): unknown key`,
    ]);
  });
});
