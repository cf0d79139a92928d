import { html } from 'hono/html';
import { RULE_WORDS } from '../core/rule-words.ts';
import { RULES, SEVERITIES } from '../core/rule.ts';
import type { Html } from './words.ts';

/** What the form offers. Ages: first seen at least so many days ago. */
export const STATUSES_SHOWN = ['open', 'held', 'waived'] as const;
const AGES = [1, 7, 30, 90] as const;
export const FILTER_NAMES = ['status', 'severity', 'rule', 'source', 'age'] as const;
type FilterName = (typeof FILTER_NAMES)[number];
/** The words as they stand in the address, checked. */
export type AskedFilter = Readonly<Record<FilterName, readonly string[]>>;

type Choice = readonly [value: string, text: string];

/** A form without script: it leads to the same address that a person could write. */
export function renderFilterForm(asked: AskedFilter, sources: readonly string[]): Html {
  return html`<form action="/#findings" method="get" aria-label="Which findings are shown">
    ${select('status', 'Status', asked, [['', 'open and held'], ...STATUSES_SHOWN.map(same)])}
    ${select('severity', 'Severity', asked, [['', 'any'], ...SEVERITIES.toReversed().map(same)])}
    ${select('rule', 'Rule', asked, [['', 'any'], ...RULES.map((rule): Choice => [rule, RULE_WORDS[rule].title])])}
    ${select('source', 'Source', asked, [['', 'any'], ...sources.map(same)])}
    ${select('age', 'Known for', asked, [['', 'any time'], ...AGES.map((days): Choice => [String(days), atLeast(days)])])}
    <button type="submit">Show</button>
  </form>`;
}

function same(word: string): Choice {
  return [word, word];
}

function atLeast(days: number): string {
  return days === 1 ? 'a day or more' : `${days} days or more`;
}

/** An address may name several of a kind; the form shows the first, and the sentence above the table all of them. */
function select(name: FilterName, label: string, asked: AskedFilter, choices: readonly Choice[]): Html {
  const chosen = asked[name][0] ?? '';
  const isListed = choices.some(([value]) => value === chosen);
  const all = isListed ? choices : [...choices, same(chosen)];
  return html`<label
    >${label}
    <select name="${name}">
      ${all.map(([value, text]) =>
        value === chosen
          ? html`<option value="${value}" selected>${text}</option>`
          : html`<option value="${value}">${text}</option>`,
      )}
    </select></label
  >`;
}

export function isFiltered(asked: AskedFilter): boolean {
  return FILTER_NAMES.some((name) => asked[name].length > 0);
}

/** `severity high or critical, source nimble`. */
export function describeFilter(asked: AskedFilter): string {
  const parts = FILTER_NAMES.filter((name) => asked[name].length > 0).map((name) =>
    name === 'age' ? `known for ${atLeast(Number(asked.age[0]))}` : `${name} ${asked[name].join(' or ')}`,
  );
  return parts.join(', ');
}
