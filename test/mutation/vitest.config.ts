import { defineConfig } from 'vitest/config';

/** What Stryker runs against each mutant: the unit tests of the core, and the guard of the tool itself (fixture). */
export default defineConfig({
  test: {
    include: ['test/unit/core/**/*.test.ts', 'test/mutation/fixture/*.test.ts'],
    setupFiles: ['test/mutation/same-cases.ts'],
    // Of instrumented code: the initial run counts each mutant that it passes.
    testTimeout: 60_000,
    isolate: false,
  },
});
