import { OperationalError } from '../errors.ts';

/** `source-file` with what is wrong and what to do. Never a cell of the file: cells are people. */
export function fileFault(source: string, what: string): OperationalError {
  return new OperationalError('source-file', `${source}: the file ${what}`);
}
