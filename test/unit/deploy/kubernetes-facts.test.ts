import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseCommand } from '../../../src/cli/command.ts';
import { isBlock, type Block } from '../../../src/config/tree.ts';
import { VARIABLES } from '../../../src/config/environment.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { refuse } from '../../../src/http/guard.ts';
import { readManifests } from './manifests.ts';

/** The seconds after the grace that a job which was aborted may still need, and the HTTP server's last answers. */
const AFTER_GRACE_S = 10;

const Probe = z.looseObject({
  httpGet: z.object({ path: z.string(), port: z.string() }),
  timeoutSeconds: z.number().optional(),
});
const Container = z.looseObject({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()),
  env: z.never().optional(),
  envFrom: z.array(z.object({ secretRef: z.object({ name: z.string() }) })),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })).optional(),
  startupProbe: Probe.optional(),
  livenessProbe: Probe.optional(),
  readinessProbe: Probe.optional(),
  resources: z.object({
    requests: z.looseObject({ memory: z.string() }),
    limits: z.looseObject({ memory: z.string() }),
  }),
  securityContext: z.unknown(),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().optional() })),
});
const Pod = z.looseObject({
  metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
  spec: z.looseObject({
    automountServiceAccountToken: z.boolean(),
    enableServiceLinks: z.boolean(),
    terminationGracePeriodSeconds: z.number(),
    restartPolicy: z.string().optional(),
    securityContext: z.unknown(),
    containers: z.array(Container).length(1),
    volumes: z.array(z.unknown()),
  }),
});

const manifests = readManifests();

function only(kind: string, name?: string): Block {
  const found = manifests.filter(
    ({ content }) => content['kind'] === kind && (name === undefined || nameOf(content) === name),
  );
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${found.length} of ${kind} ${name ?? ''}`);
  return first.content;
}
function nameOf({ metadata }: Block): unknown {
  return isBlock(metadata) ? metadata['name'] : undefined;
}

function findPod(value: unknown): unknown {
  if (!isBlock(value)) return undefined;
  const template = isBlock(value['template']) ? value['template'] : undefined;
  return template ?? findPod(value['spec']) ?? findPod(value['jobTemplate']);
}
const pods = [
  { kind: 'Deployment', command: 'start' },
  { kind: 'Job', command: 'migrate' },
  { kind: 'CronJob', command: 'run' },
].map(({ kind, command }) => ({ kind, command, pod: Pod.parse(findPod(only(kind))) }));
const [worker] = pods;
if (worker === undefined) throw new Error('no Deployment');
const [container] = worker.pod.spec.containers;

const secretNames = Object.keys(
  z.looseObject({ stringData: z.record(z.string(), z.string()) }).parse(only('Secret')).stringData,
);
const configText = z.looseObject({ data: z.object({ 'rollcall.yaml': z.string() }) }).parse(only('ConfigMap')).data[
  'rollcall.yaml'
];

/** The ConfigMap's file as the program reads it, each variable with a value of its kind. */
function loadMounted() {
  const directory = mkdtempSync(join(tmpdir(), 'rollcall-manifest-'));
  try {
    writeFileSync(join(directory, 'rollcall.yaml'), configText);
    const env = {
      DATABASE_URL: 'postgresql://rollcall:secret@db.example.com:5432/rollcall',
      NIMBLE_TOKEN: 'token-1',
      NAMELY_COMPANY: 'acme',
      NAMELY_TOKEN: 'token-2',
      SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/T000/B000/made-up',
      ROLLCALL_HTTP_TOKEN: 'token-3',
    };
    return loadConfig({ env, cwd: directory });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe.each(pods)('the pod of the $kind', ({ command, pod }) => {
  const [it] = pod.spec.containers;
  test('is nobody special: no root, no rights, no token, nothing to write to', () => {
    expect(pod.spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(it?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod.spec.automountServiceAccountToken).toBe(false);
    expect(pod.spec.enableServiceLinks).toBe(false);
    expect(pod.spec).not.toHaveProperty('hostNetwork');
    expect(pod.spec.volumes).toEqual([{ name: 'config', configMap: { name: 'rollcall' } }]);
    expect(it?.volumeMounts).toEqual([{ name: 'config', mountPath: '/config', readOnly: true }]);
  });

  test('runs a command of the program, with the memory that was measured', () => {
    expect(it?.args).toEqual([command]);
    expect(parseCommand(it?.args ?? [], '0.0.0')).toMatchObject({ kind: 'command', command: { name: command } });
    expect(it?.resources.requests.memory).toMatch(/^\d+Mi$/);
    expect(it?.resources.limits.memory).toMatch(/^\d+Mi$/);
    expect(Number.parseInt(it?.resources.limits.memory ?? '', 10)).toBeGreaterThanOrEqual(192);
  });

  test('is given longer to end than the program takes', () => {
    const graceS = loadMounted().config.shutdownGraceMs / 1000;
    expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(graceS + AFTER_GRACE_S);
  });

  test('is selected by the NetworkPolicy', () => {
    expect(only('NetworkPolicy', 'rollcall')).toMatchObject({
      spec: {
        podSelector: { matchLabels: { 'app.kubernetes.io/name': pod.metadata.labels['app.kubernetes.io/name'] } },
      },
    });
  });
});

describe('the worker of the Deployment', () => {
  test('is asked where the program answers, without a token, and its words are waited for', () => {
    const asked = {
      startup: container?.startupProbe,
      live: container?.livenessProbe,
      ready: container?.readinessProbe,
    };
    expect(asked).toMatchObject({
      startup: { httpGet: { path: '/livez', port: 'http' } },
      live: { httpGet: { path: '/livez', port: 'http' } },
      ready: { httpGet: { path: '/readyz', port: 'http' } },
    });
    for (const probe of [asked.startup, asked.live, asked.ready]) {
      const path = probe?.httpGet.path ?? '';
      // The kubelet names the pod's address, and no token.
      const request = { method: 'GET', path, host: '10.1.2.3:8080', authorization: undefined };
      expect(refuse(request, 'a-token')).toBeUndefined();
    }
    // A check of /readyz ends after 2 s with a reason; one second of the kubelet would hide it.
    expect(asked.ready?.timeoutSeconds).toBeGreaterThan(2);
  });

  test('one port in container, Service, NetworkPolicy and configuration', () => {
    const { bind, port } = loadMounted().config.http;
    expect(bind).toBe('0.0.0.0');
    expect(container?.ports).toEqual([{ name: 'http', containerPort: port }]);
    expect(only('Service')).toMatchObject({
      spec: { selector: worker.pod.metadata.labels, ports: [{ port, targetPort: 'http' }] },
    });
    expect(only('NetworkPolicy', 'rollcall')).toMatchObject({
      spec: { ingress: [{ ports: [{ protocol: 'TCP', port }] }] },
    });
  });

  test('a roll-out takes no worker away before the next is ready', () => {
    expect(only('Deployment')).toMatchObject({
      spec: {
        strategy: { rollingUpdate: { maxUnavailable: 0 } },
        selector: { matchLabels: worker.pod.metadata.labels },
      },
    });
  });
});

describe('configuration and secrets', () => {
  test('the ConfigMap is a configuration without a fault or a warning', () => {
    expect(loadMounted().warnings).toEqual([]);
  });

  test('the workers do not migrate: the Job does', () => {
    expect(loadMounted().config.database.migrate).toBe('never');
  });

  test('the Secret names variables of the program, all that the file uses, and holds no value', () => {
    const known: ReadonlySet<string> = new Set(VARIABLES.map(({ name }) => name));
    expect(secretNames.filter((name) => !known.has(name))).toEqual([]);
    const used = [...configText.matchAll(/\$\{([A-Z_]+)\}/g)].map(([, name]) => name ?? '');
    expect(used.filter((name) => !secretNames.includes(name))).toEqual([]);
    expect(only('Secret')['stringData']).toEqual(Object.fromEntries(secretNames.map((name) => [name, ''])));
    for (const { pod } of pods)
      expect(pod.spec.containers[0]?.envFrom).toEqual([{ secretRef: { name: nameOf(only('Secret')) } }]);
    expect(parse(configText)).toMatchObject({ http: { token: '${ROLLCALL_HTTP_TOKEN}' } });
  });
});

describe('the network', () => {
  test('is closed for everything, then open for names, Postgres and public https', () => {
    expect(only('NetworkPolicy', 'default-deny')['spec']).toEqual({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
    });
    const Rule = z.object({
      to: z.array(z.unknown()).min(1),
      ports: z.array(z.object({ protocol: z.string(), port: z.number() })).min(1),
    });
    const policy = z
      .looseObject({ spec: z.looseObject({ egress: z.array(Rule) }) })
      .parse(only('NetworkPolicy', 'rollcall'));
    expect(policy.spec.egress.map(({ ports }) => ports.map(({ protocol, port }) => `${protocol} ${port}`))).toEqual([
      ['UDP 53', 'TCP 53'],
      ['TCP 5432'],
      ['TCP 443'],
    ]);
    const metadataService = '169.254.0.0/16';
    expect(policy.spec.egress[2]?.to).toMatchObject([
      {
        ipBlock: {
          cidr: '0.0.0.0/0',
          except: expect.arrayContaining([metadataService, '10.0.0.0/8', '192.168.0.0/16']),
        },
      },
      { ipBlock: { cidr: '::/0', except: expect.arrayContaining(['fc00::/7', 'fe80::/10']) } },
    ]);
  });
});

describe('case 78: the CronJob', () => {
  const spec = z.looseObject({ spec: z.looseObject({ jobTemplate: z.unknown() }) }).parse(only('CronJob')).spec;
  test('never runs twice at once, catches a missed start up, and an eviction is no failure', () => {
    expect(spec).toMatchObject({ concurrencyPolicy: 'Forbid', startingDeadlineSeconds: 600, timeZone: 'Etc/UTC' });
    expect(spec.jobTemplate).toMatchObject({
      spec: {
        podFailurePolicy: {
          rules: [
            { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
            // Codes of contract §2 that a second try would not change; 1 and 75 are tried again.
            { action: 'FailJob', onExitCodes: { operator: 'In', values: [3, 64, 77, 78] } },
          ],
        },
        template: { spec: { restartPolicy: 'Never' } },
      },
    });
  });
});
