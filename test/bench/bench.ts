import type { StoredSource } from '../../src/ports/store.ts';
import type { Company } from './company.ts';
import type { BenchDatabase } from './database.ts';
import type { Figure } from './figure.ts';

/** What every measurement works with. */
export type Bench = {
  readonly company: Company;
  readonly database: BenchDatabase;
  readonly rounds: number;
  readonly signal: AbortSignal;
  /** For people who wait; the table comes at the end. */
  readonly say: (line: string) => void;
};

export type Sources = { readonly directory: StoredSource; readonly application: StoredSource };

/** One file each. They run in this order on one database: a later one finds what the one before has left. */
export type Measurement = (bench: Bench) => Promise<readonly Figure[]>;
