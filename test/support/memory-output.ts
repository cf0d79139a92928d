import type { Output } from '../../src/cli/output.ts';

/** Output that is kept. */
export function createMemoryOutput(
  overrides: Partial<Pick<Output, 'columns' | 'isTerminal' | 'color'>> = {},
): Output & { readonly text: () => string; readonly errors: () => string } {
  const written: string[] = [];
  const remarks: string[] = [];
  return {
    stdout: async (text) => void written.push(text),
    stderr: async (text) => void remarks.push(text),
    isTerminal: false,
    columns: 160,
    color: false,
    ...overrides,
    text: () => written.join(''),
    errors: () => remarks.join(''),
  };
}
