import { docker, HARDENED, ROOT, tryCommand, uniqueName, waitFor } from './docker.ts';

export type Place = {
  readonly network: string;
  readonly name: (role: string) => string;
  [Symbol.asyncDispose](): Promise<void>;
};

/** A network of its own; disposing of it removes the containers that were named by it. */
export async function makePlace(): Promise<Place> {
  const network = uniqueName('network');
  const names = new Set<string>();
  await docker('network', 'create', network);
  return {
    network,
    name: (role) => {
      names.add(`${network}-${role}`);
      return `${network}-${role}`;
    },
    [Symbol.asyncDispose]: async () => {
      for (const name of names) await tryCommand('docker', ['rm', '--force', '--volumes', name]);
      await docker('network', 'rm', network);
    },
  };
}

/** A Postgres under the name `postgres`, ready to take connections. */
export async function startPostgres(place: Place): Promise<string> {
  const name = place.name('postgres');
  await docker(
    'run',
    '--detach',
    `--network=${place.network}`,
    '--network-alias=postgres',
    `--name=${name}`,
    '--env=POSTGRES_PASSWORD=test-only',
    '--env=POSTGRES_USER=rollcall',
    'postgres:18-alpine',
  );
  await waitFor('Postgres takes connections', 60_000, async () => {
    const { code } = await tryCommand('docker', ['exec', name, 'pg_isready', '-h', '127.0.0.1']);
    return code === 0 ? true : undefined;
  });
  return name;
}

type Started = {
  readonly role: string;
  readonly image: string;
  readonly options?: readonly string[];
  readonly command?: readonly string[];
};

/** A container of the image, hardened, known to the others by its role. */
export async function startRollcall(
  place: Place,
  { role, image, options = [], command = [] }: Started,
): Promise<string> {
  const name = place.name(role);
  const network = [`--network=${place.network}`, `--network-alias=${role}`, `--name=${name}`];
  await docker('run', '--detach', ...network, ...HARDENED, ...options, image, ...command);
  return name;
}

/** Options of a worker that reads `configuration`, a file of the repository or one made by the test. */
export function workerOptions(configuration = `${ROOT}/deploy/compose-demo.yaml`): readonly string[] {
  return [
    `--volume=${configuration}:/config/rollcall.yaml:ro`,
    '--env=DATABASE_URL=postgresql://rollcall:test-only@postgres:5432/rollcall',
  ];
}

export async function stateOf(container: string): Promise<string> {
  const format = '{{.State.Status}} {{.State.ExitCode}}, killed for memory: {{.State.OOMKilled}}';
  return await docker('inspect', '--format', format, container);
}

export async function logsOf(container: string): Promise<string> {
  const { stdout, stderr } = await tryCommand('docker', ['logs', container]);
  return `${stdout}${stderr}`;
}
