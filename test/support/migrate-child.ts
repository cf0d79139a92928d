import { migrateUrl } from './database.ts';

// A process of its own that migrates: `node migrate-child.ts URL`; prints the names of what it applied.
const applied = await migrateUrl(process.argv[2] ?? '');
process.stdout.write(applied.join(','));
