import { InvalidArgumentError } from 'commander';

/** What an auditor reads in a year: some words at least. */
export function parseReason(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('say why in a few words.');
  return text.trim();
}
