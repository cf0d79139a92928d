import type { ContextBlock, HeaderBlock, KnownBlock, PlainTextElement, SectionBlock } from '@slack/types';
import type { AlertPlan, AlertSection } from '../core/alert-plan.ts';
import type { ChannelMessage } from '../ports/alerts.ts';
import { cutTo, toInertLine, toPlainLine } from './slack-text.ts';

/** Slack's documented limits; a message beyond one of them is refused as a whole. */
const HEADER_MAX = 150;
const SECTION_MAX = 3_000;
const CONTEXT_ELEMENTS_MAX = 10;
/** Seen in the field near 13,200 (`msg_blocks_too_long`), documented nowhere: counted on the JSON, which is longest. */
const MESSAGE_MAX = 12_900;
/** A plan with more sections than rules is not ours; three blocks each keep well below Slack's 50. */
const SECTIONS_MAX = 15;
const TEXT_MAX = 3_000;

/** How much of a plan is shown, from all of it to what always fits. */
const DETAILS = [
  { rows: 5, line: 400 },
  { rows: 5, line: 200 },
  { rows: 3, line: 150 },
  { rows: 1, line: 100 },
  { rows: 0, line: 60 },
] as const;
type Detail = { readonly rows: number; readonly line: number };

/** A plan as one Slack message within every limit: what does not fit is counted, never dropped in silence. */
export function renderSlackMessage(plan: AlertPlan): ChannelMessage {
  const shown = toShown(plan);
  const text = fitting(
    (detail) => renderFallback(shown, detail),
    (each) => each.length <= TEXT_MAX,
  );
  return fitting(
    (detail) => ({ text: cutLines(text), blocks: renderBlocks(shown, detail) }),
    (message) => JSON.stringify(message).length <= MESSAGE_MAX,
  );
}

/** The first rendering that fits, from the fullest on; else the shortest. */
function fitting<T>(render: (detail: Detail) => T, fits: (rendered: T) => boolean): T {
  const [fullest, ...shorter] = DETAILS;
  let rendered = render(fullest);
  for (const detail of shorter) {
    if (fits(rendered)) break;
    rendered = render(detail);
  }
  return rendered;
}

type Shown = {
  readonly headline: string;
  readonly sections: readonly AlertSection[];
  readonly footer: readonly string[];
};

function toShown(plan: AlertPlan): Shown {
  const hidden = plan.sections.slice(SECTIONS_MAX).reduce((sum, { rows, more }) => sum + rows.length + more, 0);
  return {
    headline: plan.headline,
    sections: plan.sections.slice(0, SECTIONS_MAX),
    footer: footerLines(plan, hidden),
  };
}

function renderBlocks({ headline, sections, footer }: Shown, detail: Detail): readonly KnownBlock[] {
  return [
    { type: 'header', text: plain(cutTo(toPlainLine(headline), HEADER_MAX)) } satisfies HeaderBlock,
    ...sections.flatMap((section) => renderSection(section, detail)),
    ...(footer.length === 0 ? [] : [context(footer.map((line) => cutTo(toPlainLine(line), detail.line)))]),
  ];
}

function renderSection(section: AlertSection, detail: Detail): readonly KnownBlock[] {
  const title = cutTo(titleOf(section), detail.line);
  const rows = section.rows.slice(0, detail.rows).map(({ primary, detail: why, look }) => {
    // The name is cut before the reason: a long name must not push out why it is here. And neither pushes out what to do.
    const who = cutTo(toPlainLine(primary), Math.ceil(detail.line / 2));
    return `• ${cutTo(`${who} – ${toPlainLine(why)}`, detail.line)}${look === undefined ? '' : ` → ${look}`}`;
  });
  const after = afterRows(section, rows.length).map((line) => cutTo(toPlainLine(line), detail.line));
  return [
    // Bold needs mrkdwn: cut again, because escaping makes it longer, and before escaping, so that no `&lt;` is halved.
    {
      type: 'section',
      text: { type: 'mrkdwn', text: `*${toInertLine(title)}*`, verbatim: true },
    } satisfies SectionBlock,
    ...(rows.length === 0
      ? []
      : [{ type: 'section', text: plain(cutTo(rows.join('\n'), SECTION_MAX)) } satisfies SectionBlock]),
    ...(after.length === 0 ? [] : [context(after)]),
  ];
}

function titleOf({ title, severity }: AlertSection): string {
  return toPlainLine(severity === undefined ? title : `${severity.toUpperCase()}: ${title}`);
}

function afterRows(section: AlertSection, shown: number): readonly string[] {
  const more = section.rows.length - shown + section.more;
  const list = section.list === undefined ? '' : `: ${section.list}`;
  return [
    ...(more > 0 ? [`${shown === 0 ? `${more} in all` : `and ${more} more`}${list}`] : []),
    ...(section.action === undefined ? [] : [`What to do: ${section.action}`]),
  ];
}

/** The last line names the report or the breaker: it stays, whatever is cut. */
function footerLines({ footer }: AlertPlan, hidden: number): readonly string[] {
  const lines = hidden > 0 ? [`and ${hidden} more of other kinds`, ...footer] : footer;
  if (lines.length <= CONTEXT_ELEMENTS_MAX) return lines;
  const kept = CONTEXT_ELEMENTS_MAX - 2;
  return [...lines.slice(0, kept), `and ${lines.length - kept - 1} more remarks`, ...lines.slice(-1)];
}

/** The whole message as text: what a notification shows, and what is sent when Slack refuses the blocks. */
function renderFallback({ headline, sections, footer }: Shown, detail: Detail): string {
  const line = (text: string): string => toInertLine(cutTo(toPlainLine(text), detail.line));
  const lines = [
    line(headline),
    ...sections.flatMap((section) => {
      const rows = section.rows.slice(0, detail.rows);
      return [
        '',
        line(titleOf(section)),
        ...rows.map(
          ({ primary, detail: why, look }) =>
            `• ${line(primary)} – ${line(why)}${look === undefined ? '' : ` → ${toInertLine(look)}`}`,
        ),
        ...afterRows(section, rows.length).map(line),
      ];
    }),
    ...(footer.length === 0 ? [] : ['']),
    ...footer.map(line),
  ];
  return lines.join('\n');
}

/**
 * Text that is too long even at its shortest (escapes make five characters of one) loses whole lines before its last, which
 * names the report: half an escape (`&l`) would be shown, half a name would be another name.
 */
function cutLines(text: string): string {
  if (text.length <= TEXT_MAX) return text;
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  let kept = '';
  for (const line of lines) {
    if (kept.length + line.length + last.length + 4 > TEXT_MAX) break;
    kept += `${line}\n`;
  }
  return `${kept}…\n${last}`;
}

function context(lines: readonly string[]): ContextBlock {
  return { type: 'context', elements: lines.map(plain) };
}

function plain(text: string): PlainTextElement {
  return { type: 'plain_text', text, emoji: false };
}
