import { expect, test } from 'vitest';
import { RESOLUTION_MEANINGS } from '../../../src/words/rule-meanings.ts';
import { renderTable, showIn } from '../../support/document.ts';

const PAGE = new URL('../../../docs/how-it-decides.md', import.meta.url);
const PLACE = ['<!-- resolutions:begin, written by UPDATE_DOCS=1 -->', '<!-- resolutions:end -->'] as const;

test('docs/how-it-decides.md has every reason for which a finding ends', async () => {
  const rows = Object.entries(RESOLUTION_MEANINGS).map(([reason, meaning]) => [
    `\`${reason}\``,
    `${meaning.slice(0, 1).toUpperCase()}${meaning.slice(1).replace(/\.$/u, '')}`,
  ]);
  const { published, current } = await showIn(PAGE, PLACE, renderTable(['Resolved because', 'Means'], rows));
  expect(published).toBe(current);
});
