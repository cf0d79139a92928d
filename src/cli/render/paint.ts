import { styleText } from 'node:util';
import type { Severity } from '../../core/rule.ts';

export type Paint = (severity: string, text: string) => string;

/** Colour says how severe something is, and nothing else: what is only red for some is a word for all. */
const STYLES = { critical: ['bold', 'red'], high: ['red'], medium: ['yellow'], low: [] } as const satisfies Record<
  Severity,
  readonly Parameters<typeof styleText>[0][]
>;

/** The text in the colour of a severity, or as it is. */
export function paintOf(color: boolean): Paint {
  return (severity, text) => {
    const style = isSeverity(severity) ? STYLES[severity] : [];
    return color && style.length > 0 ? styleText([...style], text, { validateStream: false }) : text;
  };
}

function isSeverity(text: string): text is Severity {
  return Object.hasOwn(STYLES, text);
}
