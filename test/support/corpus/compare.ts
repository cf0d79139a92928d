import { expect } from 'vitest';

import type { RunResult } from '../../../src/worker/run.ts';
import type { Audit } from './audit.ts';
import type { Corpus, Run } from './corpus.ts';
import type { Finding, Outcome } from './oracle.ts';
import { SOURCES, type Row } from './rows.ts';

/** What people must let go before this run: the program shows exactly those breakers, and the corpus lets go of the same. */
export async function releaseBreakers(audit: Audit, corpus: Corpus, { released, at }: Run): Promise<void> {
  if (released === undefined) return;
  const { kind, sources } = released;
  expect(sources, `the plan wants something to release before ${at}`).not.toEqual([]);
  expect(await audit.release(kind, at), `breakers to release before ${at}`).toEqual(sources);
  for (const source of sources) corpus.oracle.release(kind, source);
}

export type Ended = { readonly run: Run; readonly result: RunResult; readonly outcome: Outcome };

/** Everything that the corpus says of a run, beside what the program did; returns its findings. */
export async function expectSame(audit: Audit, corpus: Corpus, ended: Ended): Promise<readonly Finding[]> {
  const { run, outcome } = ended;
  const { outcomes, reconciled } = ended.result;
  expect(toVerdicts(outcomes), `in ${describe(run)}`).toEqual(toExpectedVerdicts(run));
  const withheld = new Set(reconciled.plan.withheld.map(({ source }) => source));
  expect([...withheld], `in ${describe(run)}`).toEqual(corpus.oracle.withheld(run.at));
  await expectRosters(audit, corpus, run);
  const findings = await audit.findings();
  expect(toLines(findings, corpus), `in ${describe(run)}`).toEqual(
    toLines([...corpus.oracle.findings.values()], corpus),
  );
  const { opened, resolved, held } = reconciled;
  expect({ opened, resolved, held }, `in ${describe(run)}`).toEqual(outcome);
  return findings;
}

function toVerdicts(outcomes: RunResult['outcomes']): readonly string[] {
  return outcomes
    .map((each) => `${each.source} ${each.kind === 'judged' ? `${each.mode} ${each.verdict}` : each.kind}`)
    .toSorted();
}

function toExpectedVerdicts({ expected }: Run): readonly string[] {
  return SOURCES.map((source) => {
    const each = expected[source];
    return `${source} ${each.kind === 'judged' ? `${each.mode} ${each.verdict}` : each.kind}`;
  }).toSorted();
}

/** Always what the corpus believes; and where a full listing was complete, nothing but what the system had. */
async function expectRosters(audit: Audit, corpus: Corpus, run: Run): Promise<void> {
  for (const source of SOURCES) {
    const stored = await audit.roster(source);
    expect(stored, `in ${describe(run)}`).toEqual(byId(corpus.oracle.sources[source].present));
    const expected = run.expected[source];
    if (expected.kind !== 'judged' || expected.verdict !== 'complete') continue;
    const truth = byId(expected.shown);
    expect(expected.mode === 'full' ? stored : keepOnly(stored, truth), `in ${describe(run)}`).toEqual(truth);
  }
}

/** A reading of changes says nothing of who is gone. */
function keepOnly(stored: readonly Row[], truth: readonly Row[]): readonly Row[] {
  const ids = new Set(truth.map(({ id }) => id));
  return stored.filter(({ id }) => ids.has(id));
}

function byId(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** One line a finding; how it was resolved only where the contract has a word for it. */
function toLines(findings: readonly Finding[], corpus: Corpus): readonly string[] {
  return findings
    .map(({ source, rule, subject, severity, status, resolution = '' }) => {
      const told = corpus.oracle.findings.get(`${source} ${rule} ${subject}`);
      const isNamed = status === 'resolved' && told?.resolution !== undefined;
      return `${source} ${rule} ${subject} ${severity} ${status} ${isNamed ? resolution : ''}`.trim();
    })
    .toSorted();
}

function describe({ at, trouble, happened }: Run): string {
  return `${at}: ${trouble?.what ?? 'nothing goes wrong'}; ${happened.join(', ')}`;
}
