import { html } from 'hono/html';
import { counted } from '../core/alert-plan.ts';
import { toTerminalText } from '../words/inert-text.ts';
import { renderMoment } from '../words/time.ts';

/** What `html` makes: escaped, and not to be escaped again. */
export type Html = ReturnType<typeof html>;

/** In a list; the page of the finding has it all. */
const NAME_MAX = 120;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * Text of people and vendors: nothing in it reverses, hides or breaks what stands around it. `html` escapes it, `bdi` keeps the direction of
 * its letters to itself.
 */
export function inert(text: string): Html {
  return html`<bdi>${toTerminalText(text)}</bdi>`;
}

/** The same, cut where it is longer than any name, or than `max`. */
export function inertName(text: string, max = NAME_MAX): Html {
  const plain = toTerminalText(text);
  if (plain.length <= max) return html`<bdi>${plain}</bdi>`;
  let cut = '';
  for (const { segment } of graphemes.segment(plain.slice(0, 2 * max))) {
    if (cut.length + segment.length > max) break;
    cut += segment;
  }
  return html`<bdi>${cut}…</bdi>`;
}

/** A sentence of ours in which commands stand between backticks. */
export function sentence(text: string): Html {
  const parts = text.split('`');
  return html`${parts.map((part, at) => (at % 2 === 1 && at < parts.length - 1 ? html`<code>${toTerminalText(part)}</code>` : inert(part)))}`;
}

/** `2026-11-21 09:15 UTC`; machines read the rest of it. */
export function moment(at: string | null): Html {
  return at === null ? html`never` : html`<time datetime="${at}">${renderMoment(at)}</time>`;
}

/** `12 minutes ago`, with the moment for who points at it. */
export function ago(at: string, now: Date): Html {
  return html`<time datetime="${at}" title="${renderMoment(at)}">${agoText(at, now)}</time>`;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Below this, hours tell more than days. */
const HOURS_MAX = 48;

/** The database's clock may be a little ahead of ours: that is just now. */
function agoText(at: string, now: Date): string {
  const ms = now.getTime() - Date.parse(at);
  if (Number.isNaN(ms)) return 'at an unknown time';
  if (ms < MINUTE_MS) return 'just now';
  return `${lasting(ms)} ago`;
}

/** `12 minutes`, `5 hours`, `3 days`. */
export function lasting(ms: number): string {
  if (ms < HOUR_MS) return counted(Math.floor(ms / MINUTE_MS), 'minute', 'minutes');
  if (ms < HOURS_MAX * HOUR_MS) return counted(Math.floor(ms / HOUR_MS), 'hour', 'hours');
  return counted(Math.floor(ms / (24 * HOUR_MS)), 'day', 'days');
}
