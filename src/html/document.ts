import { html } from 'hono/html';
import { STYLE_DIGEST, STYLE_ELEMENT } from './style.ts';
import type { Html } from './words.ts';

/** No script, nothing from elsewhere, the one style by its digest; forms and the icon from where the page comes from. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src ${STYLE_DIGEST}`,
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');
/** Of a file, which has no sender that could say so; what only a sender may say is left out. */
const FILE_POLICY = ["default-src 'none'", `style-src ${STYLE_DIGEST}`, "base-uri 'none'", "form-action 'none'"].join(
  '; ',
);

type Document = {
  /** Of the window; the program's name is added. */
  readonly title: string;
  readonly body: Html;
  /** Links beside the name of the program. */
  readonly nav?: Html | undefined;
  /** One file, opened from disk: without links to the server's pages. */
  readonly isFile?: boolean | undefined;
};

export function renderDocument({ title, body, nav, isFile = false }: Document): Html {
  const head = isFile
    ? html`<meta http-equiv="content-security-policy" content="${FILE_POLICY}" />`
    : html`<link rel="icon" href="/favicon.svg" type="image/svg+xml" />`;
  const brand = isFile ? html`<span class="brand">Rollcall</span>` : html`<a class="brand" href="/">Rollcall</a>`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        ${head}
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${title} · Rollcall</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <a class="skip" href="#main">To the content</a>
        <header class="site">${brand} <span>Who still has an account, and should not?</span> ${nav ?? ''}</header>
        <main id="main" tabindex="-1">${body}</main>
        <footer>
          Rollcall only reads: nothing on this page changes anything in your applications. To accept, link or release
          something use the commands that are shown.
        </footer>
      </body>
    </html> `;
}

/** The whole text, for a file or an answer. */
export async function toText(page: Html): Promise<string> {
  return (await page).toString();
}
