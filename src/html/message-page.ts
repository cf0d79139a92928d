import { html } from 'hono/html';
import { renderDocument } from './document.ts';
import { inertName, sentence, type Html } from './words.ts';

/** What is wrong with a request or with us, and what to do: never a bare number. `asked` is shown as text. */
export type Message = {
  readonly title: string;
  readonly what: string;
  readonly asked?: string | undefined;
  readonly next: readonly string[];
};

export function renderMessagePage({ title, what, asked, next }: Message): Html {
  const body = html`<h1>${title}</h1>
    <p>${what}${asked === undefined ? '' : html` You asked for: ${inertName(asked)}.`}</p>
    <ul>
      ${next.map((each) => html`<li>${sentence(each)}</li>`)}
    </ul>
    <p><a href="/">To the report</a></p>`;
  return renderDocument({ title, body });
}
