import { openEmbeddedPostgres } from '../../src/store/embedded/open.ts';

// A process of its own that holds an embedded Postgres until it is killed; prints the URL when it is there.
const directory = process.argv[2] ?? '';
const { url } = await openEmbeddedPostgres({ directory, say: () => undefined, settings: { fsync: 'off' } });
process.stdout.write(`${url}\n`);
setInterval(() => undefined, 1_000);
