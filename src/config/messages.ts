import type { z } from 'zod';
import { suggestion } from './nearest.ts';

const KIND_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a block of keys',
  record: 'a block of keys',
  array: 'a list',
};

/** zod's issues in our words; none repeats a value. undefined leaves zod's own sentence. */
export function issueMessage(issue: z.core.$ZodRawIssue): string | undefined {
  const isAbsent = issue.input === undefined && issue.code !== 'unrecognized_keys' && issue.code !== 'custom';
  if (isAbsent) return 'is required';
  if (issue.code === 'invalid_type') return wrongKind(issue.expected, issue.input);
  if (issue.code === 'invalid_value') {
    return `must be one of ${listWords(issue.values)}${closest(issue.input, issue.values)}`;
  }
  return sizeMessage(issue);
}

function sizeMessage(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'too_small')
    return SIZED.has(issue.origin) ? 'must not be empty' : `must be at least ${issue.minimum}`;
  if (issue.code !== 'too_big') return undefined;
  return SIZED.has(issue.origin) ? `must have at most ${issue.maximum} entries` : `must be at most ${issue.maximum}`;
}

// Of these the length is meant; the only least length in the schema is one.
const SIZED: ReadonlySet<string> = new Set(['string', 'array']);

function wrongKind(expected: string, input: unknown): string {
  const message = `must be ${KIND_WORDS[expected] ?? expected}`;
  const looksLikeText = expected === 'string' && (typeof input === 'number' || typeof input === 'boolean');
  return looksLikeText ? `${message}; put it in quotes` : message;
}

function listWords(values: readonly unknown[]): string {
  return values.map(String).join(', ');
}

function closest(input: unknown, values: readonly unknown[]): string {
  return typeof input === 'string' ? suggestion(input, values.map(String)) : '';
}
