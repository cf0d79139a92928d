import { html } from 'hono/html';
import { forgottenPhrase } from '../core/forgotten-usable.ts';
import { RULE_WORDS } from '../core/rule-words.ts';
import { isRule } from '../core/rule.ts';
import type { BreakerRow, ReportRow } from '../core/views.ts';
import type { SourceStateRow } from '../ports/page.ts';
import { ago, inert, sentence, type Html } from './words.ts';

/** What was not concluded, and why: above all figures, because these mean less then. */
export function renderWithheldNotice(withheld: ReportRow['withheld']): Html | string {
  if (withheld.length === 0) return '';
  return html`<section class="notice" aria-labelledby="withheld">
    <h2 id="withheld">Not everything could be judged</h2>
    <p>Findings of these rules stay as they were, and nothing new of them is shown:</p>
    <ul>
      ${withheld.map((each) => html`<li><strong>${inert(each.source)}</strong>: ${sentence(reasonOf(each))}. ${notJudged(each.rules)}</li>`)}
    </ul>
  </section>`;
}

/** Most reasons begin with the name that stands before them already. */
function reasonOf({ source, reason }: ReportRow['withheld'][number]): string {
  return reason.startsWith(`${source} `) ? reason.slice(source.length + 1) : reason;
}

function notJudged(rules: readonly string[]): Html {
  const titles = rules.map((rule) => (isRule(rule) ? RULE_WORDS[rule].title : rule));
  return html`<details>
    <summary>Not judged: ${rules.length === 1 ? '1 rule' : `${rules.length} rules`}</summary>
    ${titles.join('; ')}.
  </details>`;
}

/** What no finding may name any more. */
export function renderForgottenNotice(sources: readonly SourceStateRow[]): Html | string {
  const phrase = forgottenPhrase(sources);
  if (phrase === undefined) return '';
  return html`<section class="notice" aria-labelledby="forgotten">
    <h2 id="forgotten">Forgotten, and still let in</h2>
    <p>${inert(phrase)}. No finding names them: remove them in their application.</p>
  </section>`;
}

const WHY: Readonly<Record<BreakerRow['kind'], string>> = {
  source: 'a listing had lost too many rows and was not believed',
  conclusion: 'too many new findings at once are held until somebody has looked',
  baseline: 'the settings that say what its rows are have changed',
};

/** Each open breaker with the commands that show and release it. */
export function renderBreakerNotice(breakers: readonly BreakerRow[], now: Date): Html | string {
  if (breakers.length === 0) return '';
  return html`<section class="notice" aria-labelledby="breakers">
    <h2 id="breakers">${breakers.length === 1 ? 'A breaker is open' : `${breakers.length} breakers are open`}</h2>
    <ul>
      ${breakers.map(
        (each) =>
          html`<li>
            <strong>${inert(each.source)}</strong>: ${WHY[each.kind]}, ${ago(each.tripped_at, now)}. Look with
            <code>rollcall breaker show ${each.id}</code>; if it is right,
            <code>rollcall breaker release ${each.id} --reason "why"</code>.
          </li>`,
      )}
    </ul>
  </section>`;
}
