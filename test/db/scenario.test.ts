import { expect, test } from 'vitest';

import { decisionsBuilt, openScenario } from '../support/scenario/company.ts';
import { expectedLines, foundLines } from '../support/scenario/compare.ts';
import { findingsOn, isPlayable, STORIES } from '../support/scenario/scenario.ts';
import { DAYS } from '../support/scenario/types.ts';

const PLAYED = STORIES.filter((each) => isPlayable(each, decisionsBuilt()));

test('x', async () => {
  await using company = await openScenario(PLAYED, (rows) => [rows]);
  for (const day of DAYS) {
    const t=performance.now();
    const { findings, run } = await company.play(day);
    const expected = findingsOn(PLAYED, day);
    const want = expectedLines(expected), got = foundLines(findings, expected);
    const a = got.filter((l) => !want.includes(l)), b = want.filter((l) => !got.includes(l));
    (await import("node:fs")).appendFileSync("/tmp/scen.log", "\n"+[day, Math.round(performance.now()-t), run.outcomes.map((o) => o.kind === 'judged' ? o.verdict==='complete'?'':`${o.source} ${o.verdict} ${o.reason}` : `${o.source} ${o.kind} ${'message' in o ? o.message:''}`).join(';'), `held ${run.reconciled.held}`, '\n  GOT ', a.join('\n      '), '\n  WANT', b.join("\n      ")].join(" "));
  }
}, 500_000);
