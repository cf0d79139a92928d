import { readFile, writeFile } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { aWorld } from '../../src/sandbox/world.ts';
import { openAudit } from '../support/corpus/audit.ts';
import { expectSame, releaseBreakers } from '../support/corpus/compare.ts';
import { Corpus } from '../support/corpus/corpus.ts';
import { Diary } from '../support/corpus/diary.ts';
import { startFaultServer } from '../support/sandbox.ts';

const DOCUMENT = new URL('../../docs/drift-corpus.md', import.meta.url);
/** Half a minute on a quiet machine; the database of a busy one takes several times that. */
const TIMEOUT_MS = 300_000;

test(
  'sixty days of drift and faults: the roster is the one that was there, and the findings are those of the corpus',
  { timeout: TIMEOUT_MS },
  async () => {
    await using sandbox = await startFaultServer(aWorld());
    await using audit = await openAudit(sandbox);
    const corpus = new Corpus(sandbox);
    const diary = new Diary();

    for (const [number, moment] of corpus.moments.entries()) {
      const run = corpus.prepare(moment, number);
      await releaseBreakers(audit, corpus, run);
      const result = await audit.run(run.at, run.full);
      const fired = Object.values(sandbox.firedCounts());
      const outcome = corpus.conclude(run);
      const findings = await expectSame(audit, corpus, { run, result, outcome });
      diary.note({ run, outcomes: result.outcomes, outcome, fired, findings, truth: sandbox.world.people });
    }

    expect(corpus.untold).toEqual([]);
    expect(diary.falseOrphans).toEqual([]);
    expect(diary.missedOrphans).toEqual([]);
    const text = diary.render();
    if (process.env['UPDATE_DOCS'] === '1') await writeFile(DOCUMENT, text);
    // `UPDATE_DOCS=1` in the environment writes it anew.
    expect(await readFile(DOCUMENT, 'utf8')).toBe(text);
  },
);
