import { readFile, writeFile } from 'node:fs/promises';

const DOCS = new URL('../../docs/performance.md', import.meta.url);
const [BEGIN, END] = ['<!-- bench -->', '<!-- /bench -->'];

/** Puts one run's output between two marks of docs/performance.md; what people have written around it stays. */
export async function updateDocs(text: string): Promise<void> {
  const before = await readFile(DOCS, 'utf8');
  const [start, end] = [before.indexOf(BEGIN), before.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`docs/performance.md has no ${BEGIN} … ${END}`);
  const [facts = '', table = ''] = text.trimEnd().split('\n\n');
  const told = `${BEGIN}\n\n\`\`\`\n${facts}\n\`\`\`\n\n${table}\n\n`;
  await writeFile(DOCS, before.slice(0, start) + told + before.slice(end));
}
