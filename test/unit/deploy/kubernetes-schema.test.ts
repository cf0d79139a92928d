import { describe, expect, test } from 'vitest';
import { faultsOf, readDocuments, readManifests } from './manifests.ts';

const manifests = readManifests();

describe('case 78: the Kubernetes manifests', () => {
  test.each(manifests.map((each) => ({ ...each, name: `${each.file}: ${each.kind}` })))(
    '$name fits its schema',
    (manifest) => {
      expect(faultsOf(manifest)).toEqual([]);
    },
  );

  test('are all in a kustomization, but for the example of a Secret', () => {
    const listed = ['kustomization.yaml', 'cron/kustomization.yaml'].flatMap((file) => {
      const resources = readDocuments(file)[0]?.['resources'];
      if (!Array.isArray(resources)) throw new Error(`${file} lists nothing`);
      return resources.map((name) => file.replace('kustomization.yaml', String(name)));
    });
    const files = new Set(manifests.map(({ file }) => file));
    expect(listed.filter((file) => !file.endsWith('/')).toSorted()).toEqual(
      [...files].filter((file) => file !== 'secret.example.yaml').toSorted(),
    );
  });
});

describe('the check of the manifests', () => {
  const aJob = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'a', labels: { any: 'thing' } } };
  const container = { name: 'a', image: 'b', securityContext: { runAsNonRoot: true } };
  const withPod = (spec: object) => ({ ...aJob, spec: { template: { spec } } });
  test.each([
    { name: 'nothing wrong', given: withPod({ containers: [container] }), fault: /^$/ },
    {
      name: 'a field that is nowhere',
      given: withPod({ containers: [container], runAsNonroot: true }),
      fault: /unknown field \/spec\/template\/spec\/runAsNonroot/,
    },
    {
      name: 'a field one level too high',
      given: withPod({ containers: [{ ...container, runAsNonRoot: true }] }),
      fault: /unknown field \/spec\/template\/spec\/containers\/0\/runAsNonRoot/,
    },
    {
      name: 'a wrong type',
      given: withPod({ containers: [container], terminationGracePeriodSeconds: '45s' }),
      fault: /against the schema/,
    },
    { name: 'a field that must be there', given: withPod({}), fault: /against the schema.*containers/ },
    { name: 'a kind that nobody knows', given: { ...aJob, kind: 'Jobb' }, fault: /no schema for batch\/v1 Jobb/ },
  ])('sees $name', ({ given, fault }) => {
    expect(faultsOf({ content: given }).join('\n')).toMatch(fault);
  });
});
