import { showIn } from '../support/document.ts';

const DOCS = new URL('../../docs/performance.md', import.meta.url);
const PLACE = ['<!-- bench -->', '<!-- /bench -->'] as const;

/** With `UPDATE_DOCS=1` puts one run's output into docs/performance.md; what people have written around it stays. */
export async function updateDocs(text: string): Promise<void> {
  const [facts = '', table = ''] = text.trimEnd().split('\n\n');
  await showIn(DOCS, PLACE, `\`\`\`text\n${facts}\n\`\`\`\n\n${table}`);
}
