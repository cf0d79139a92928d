import { readdirSync, readFileSync } from 'node:fs';
import { validate as cronJob } from 'kubernetes-models/_schemas/IoK8sApiBatchV1CronJob';
import { validate as configMap } from 'kubernetes-models/_schemas/IoK8sApiCoreV1ConfigMap';
import { validate as deployment } from 'kubernetes-models/_schemas/IoK8sApiAppsV1Deployment';
import { validate as job } from 'kubernetes-models/_schemas/IoK8sApiBatchV1Job';
import { validate as namespace } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Namespace';
import { validate as networkPolicy } from 'kubernetes-models/_schemas/IoK8sApiNetworkingV1NetworkPolicy';
import { validate as secret } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Secret';
import { validate as service } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Service';
import { validate as serviceAccount } from 'kubernetes-models/_schemas/IoK8sApiCoreV1ServiceAccount';
import { parseAllDocuments } from 'yaml';
import { isBlock, type Block } from '../../../src/config/tree.ts';

const FOLDER = new URL('../../../deploy/kubernetes/', import.meta.url);

/** The validators that kubernetes-models compiles from the cluster's own OpenAPI document. */
const VALIDATORS: ReadonlyMap<string, (data: unknown) => boolean> = new Map([
  ['apps/v1 Deployment', deployment],
  ['batch/v1 CronJob', cronJob],
  ['batch/v1 Job', job],
  ['networking.k8s.io/v1 NetworkPolicy', networkPolicy],
  ['v1 ConfigMap', configMap],
  ['v1 Namespace', namespace],
  ['v1 Secret', secret],
  ['v1 Service', service],
  ['v1 ServiceAccount', serviceAccount],
]);

export type Manifest = { readonly file: string; readonly kind: string; readonly content: Block };

/** Every document of the folder but the kustomizations, which no cluster sees. */
export function readManifests(): readonly Manifest[] {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.yaml') && !file.endsWith('kustomization.yaml'))
    .toSorted()
    .flatMap((file) => readDocuments(file).map((content) => ({ file, kind: String(content['kind']), content })));
}

export function readDocuments(file: string): readonly Block[] {
  return parseAllDocuments(readFileSync(new URL(file, FOLDER), 'utf8')).map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    const content: unknown = document.toJS();
    if (!isBlock(content)) throw new Error(`${file} holds something else than an object`);
    return content;
  });
}

/** What a cluster would say: `false` from the schema, or fields that the schema does not know (which it would drop with a warning). */
export function faultsOf({ content }: { readonly content: Block }): readonly string[] {
  const type = `${String(content['apiVersion'])} ${String(content['kind'])}`;
  const validate = VALIDATORS.get(type);
  if (validate === undefined) return [`no schema for ${type}`];
  const asked = new Set<string>();
  const isValid = validate(watch(content, '', asked));
  const errors = 'errors' in validate && validate.errors !== null ? JSON.stringify(validate.errors) : '';
  const unknown = pathsOf(content, '').filter((path) => !asked.has(path));
  return [...(isValid ? [] : [`against the schema: ${errors}`]), ...unknown.map((path) => `unknown field ${path}`)];
}

/** The schemas allow unknown fields: whatever the validator never looks at is one. */
function watch(value: unknown, path: string, asked: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get: (target, key, receiver) => {
      const found: unknown = Reflect.get(target, key, receiver);
      if (typeof key === 'symbol' || !Object.hasOwn(target, key)) return found;
      const at = `${path}/${key}`;
      asked.add(at);
      return watch(found, at, asked);
    },
  });
}

function pathsOf(value: unknown, path: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [`${path}/${key}`, ...pathsOf(inner, `${path}/${key}`)]);
}
