import fc from 'fast-check';

/** Not a setup file of vitest's: only the tests that need it should load the library. */
const { PROPERTY_SEED } = process.env;
const SAME_EVERY_TIME = 5;

// The same cases in each run: a merge must not depend on a draw, and a check of coverage ("every rule was charged") would be one. To look
// further, PROPERTY_SEED=random or a number; what that finds becomes an example of the property.
fc.configureGlobal({ seed: seedOf(PROPERTY_SEED) });

function seedOf(text: string | undefined): number {
  if (text === undefined || text === '') return SAME_EVERY_TIME;
  const seed = text === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(text);
  if (!Number.isSafeInteger(seed)) throw new Error(`PROPERTY_SEED is a number or random, not ${text}`);
  process.stderr.write(`PROPERTY_SEED=${seed}\n`); // a property that hangs would not tell it
  return seed;
}

export { default } from 'fast-check';
