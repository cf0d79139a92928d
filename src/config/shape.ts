import type { z } from 'zod';
import type { Fault, Path } from './faults.ts';
import { knownKeysAt } from './known-keys.ts';
import { issueMessage } from './messages.ts';
import { suggestion } from './nearest.ts';
import { ConfigFile, type ReadingFile } from './schema.ts';
import { SOURCE_TYPES } from './source-schema.ts';
import { isBlock } from './tree.ts';

/** Checks the tree against the schema: the converted values, or every fault. */
export function checkShape(
  tree: unknown,
  schema: typeof ConfigFile | typeof ReadingFile = ConfigFile,
): { readonly document: ConfigFile } | { readonly document?: undefined; readonly faults: readonly Fault[] } {
  const parsed = schema.safeParse(tree, { error: issueMessage, reportInput: true });
  if (parsed.success) return { document: parsed.data };
  return { faults: parsed.error.issues.flatMap((issue) => toFaults(issue, [], tree)) };
}

function toFaults(issue: z.core.$ZodIssue, base: Path, tree: unknown): readonly Fault[] {
  const path: Path = [...base, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))];
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeysAt(path, tree);
    return issue.keys.map((key) => ({ path: [...path, key], message: `unknown key${suggestion(key, known)}` }));
  }
  if (issue.code !== 'invalid_union') return [{ path, message: issue.message }];
  if (issue.discriminator !== undefined) return [typeFault(path, issue.input)];
  // The alternative of the same kind as the value says best what is wrong; `true` instead of a block is of another kind.
  const alternative = issue.errors.find((issues) => issues.every(({ path: inner }) => inner.length > 0));
  const closest = isBlock(issue.input) ? alternative : undefined;
  return closest?.flatMap((inner) => toFaults(inner, path, tree)) ?? [{ path, message: issue.message }];
}

function typeFault(path: Path, input: unknown): Fault {
  const type = isBlock(input) ? input['type'] : input;
  const known = SOURCE_TYPES.join(', ');
  if (type === undefined) return { path, message: `is required: one of ${known}` };
  const guess = typeof type === 'string' ? suggestion(type, SOURCE_TYPES) : '';
  return { path, message: `must be one of ${known}${guess}` };
}
