import { fencesOf, inlinesOf, type Page } from '../../support/markdown.ts';

/** A command that a page tells somebody to type. */
export type Documented = {
  /** As it is written, on one line and without its comment; `npx rollcall` and `rollcall` are the same. */
  readonly text: string;
  /** 0, or what the comment behind it says: `# exit code 3`. */
  readonly code: number;
  /** `README.md:12`, each place once. */
  readonly places: readonly string[];
};

/** Words that begin a command in the middle of a sentence; in a block of `sh` every line is one. */
const PROGRAMS = new Set(
  'rollcall npx npm node bash docker kubectl psql pg_dump pg_restore openssl python3 curl set sha256sum cosign gh'.split(
    ' ',
  ),
);

/** Every command of the pages once: the lines of `sh` blocks, and code in sentences that begins with a program and says more than its name. */
export function documentedCommands(pages: readonly Page[]): readonly Documented[] {
  const found = new Map<string, Documented>();
  const add = (text: string, place: string, code: number): void => {
    const known = found.get(`${text}\n${code}`);
    const places = known === undefined ? [place] : [...known.places, place];
    found.set(`${text}\n${code}`, { text, code, places });
  };
  for (const page of pages) {
    for (const { line, language, text } of fencesOf(page)) {
      if (language !== 'sh') continue;
      for (const each of linesOf(text)) add(each.text, `${page.path}:${line}`, each.code);
    }
    for (const { line, code } of inlinesOf(page)) {
      if (isCommand(code)) add(withoutNpx(code), `${page.path}:${line}`, 0);
    }
  }
  return [...found.values()];
}

function linesOf(block: string): readonly { readonly text: string; readonly code: number }[] {
  return block
    .replaceAll(/\\\n\s*/gu, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, command = line, comment = ''] = /^(.*?)\s+#\s(.*)$/u.exec(line) ?? [];
      return { text: withoutNpx(command), code: Number(/exit code (\d+)/u.exec(comment)?.[1] ?? 0) };
    });
}

function isCommand(code: string): boolean {
  const [program = '', ...rest] = code.split(' ').filter((word) => !/^[A-Z_]+=/u.test(word));
  return PROGRAMS.has(program) && rest.length > 0;
}

function withoutNpx(command: string): string {
  return command.replaceAll(/\bnpx rollcall\b/gu, 'rollcall');
}
