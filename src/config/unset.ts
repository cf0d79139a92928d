import type { Path } from './faults.ts';
import { listAt, type Block } from './tree.ts';
import type { Written } from './written.ts';

/** What a command that only asks the database has no use for: vendors, Slack, the HTTP server. */
const BLOCKS = ['slack', 'http'] as const;

/** A tree without what lacks a variable, and whether a fault is about a part that was left out. */
export type Spared = { readonly tree: Block; readonly isLeftOut: (path: Path) => boolean };

/**
 * Leaves out each source, and each block of `BLOCKS`, that lacks a variable. Whoever reads a report, or lets an assistant read, need not hold the
 * vendors' secrets; what has its variables is checked as ever.
 */
export function leaveOutUnset(tree: Block, { isUnsetIn }: Pick<Written, 'isUnsetIn'>): Spared {
  const sources = listAt(tree, 'sources');
  const isLeftOut = ([block, index]: Path): boolean => {
    if (block === 'sources') return typeof index === 'number' && isUnsetIn(['sources', index]);
    return BLOCKS.some((each) => each === block) && isUnsetIn([block ?? '']);
  };
  const kept = Object.entries(tree).filter(([key]) => !isLeftOut([key]));
  const whole = Object.fromEntries(kept);
  if (!Array.isArray(tree['sources'])) return { tree: whole, isLeftOut };
  return { tree: { ...whole, sources: sources.filter((_source, at) => !isLeftOut(['sources', at])) }, isLeftOut };
}
