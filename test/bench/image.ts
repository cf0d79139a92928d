import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { BenchDatabase } from './database.ts';

const DOCKERFILE = new URL('../../Dockerfile', import.meta.url);

/** How the image starts Node, so that a process's memory and start are those that users get. The first one fills the compile cache. */
export async function imageNode({ folder }: Pick<BenchDatabase, 'folder'>): Promise<{
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}> {
  const entry = /^ENTRYPOINT (\[.*\])$/m.exec(await readFile(DOCKERFILE, 'utf8'))?.[1];
  if (entry === undefined) throw new Error('the Dockerfile has no ENTRYPOINT');
  const flags = z
    .array(z.string())
    .parse(JSON.parse(entry))
    .filter((part) => part.startsWith('--'));
  return { flags, env: { NODE_COMPILE_CACHE: path.join(folder, 'compile-cache') } };
}
