import { openDatabase, type Database } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import type { Log } from '../../src/ports/surroundings.ts';

export const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export function openTestDatabase(url: string): Database {
  return openDatabase({ url, poolMax: 4, log: SILENT, applicationName: 'rollcall test' });
}

export async function migrateUrl(url: string): Promise<readonly string[]> {
  const database = openTestDatabase(url);
  try {
    return await migrate(database.pool);
  } finally {
    await database.close();
  }
}
