/** Why a command of the docs is not run by the test beside this, and the file that tests it instead. */
export type Elsewhere = { readonly why: string; readonly testedIn: string };

const README_SAYS: Elsewhere = {
  why: 'the first use, with a sandbox of its own',
  testedIn: 'test/e2e/first-use.test.ts',
};
const VENDOR: Elsewhere = { why: 'would ask the vendor itself', testedIn: 'test/unit/config/environment.test.ts' };
const TERMINAL: Elsewhere = { why: 'asks at a terminal', testedIn: 'test/e2e/init/init.test.ts' };
const BROWSER: Elsewhere = { why: 'needs a sign-in with a browser', testedIn: 'test/e2e/login.test.ts' };
const CI: Elsewhere = { why: 'takes minutes, and CI does it', testedIn: '.ci/run' };
const INSTALLS: Elsewhere = { why: 'installs packages', testedIn: '.ci/run' };
const RELEASE: Elsewhere = { why: 'needs a release', testedIn: 'test/unit/deploy/workflow.test.ts' };
const CLUSTER: Elsewhere = { why: 'needs a cluster', testedIn: 'test/unit/deploy/kubernetes-schema.test.ts' };
const ENGINE: Elsewhere = { why: 'needs a container engine', testedIn: 'test/container/image.test.ts' };
const BENCH: Elsewhere = { why: 'measures for minutes', testedIn: 'test/bench/main.ts' };
const MUTATION: Elsewhere = { why: 'takes minutes', testedIn: 'test/e2e/mutation.test.ts' };
const VITEST: Elsewhere = { why: 'runs tests, as this one', testedIn: 'vitest.config.ts' };

/** Complete: what stands in no page any more must go from here. */
export const ELSEWHERE: ReadonlyMap<string, Elsewhere> = new Map([
  ['npm install && rollcall demo', README_SAYS],
  ['rollcall demo', README_SAYS],
  ['rollcall sandbox &', README_SAYS],
  [
    'export NIMBLE_TOKEN=sandbox-canary-nimble-token-4b1d7e NAMELY_TOKEN=sandbox-canary-namely-token-90c2fa',
    README_SAYS,
  ],
  [
    'rollcall init --yes --identities http://127.0.0.1:8090/identities.csv --allow 127.0.0.1 --nimble-url http://127.0.0.1:8090/nimble --namely-url http://127.0.0.1:8090/namely',
    README_SAYS,
  ],
  ['IDENTITIES=./identities.csv NIMBLE_TOKEN=… rollcall run', VENDOR],
  ['rollcall init', TERMINAL],
  ['rollcall login NAME', BROWSER],
  ['rollcall login nimble', BROWSER],
  ['rollcall login namely', BROWSER],
  ['rollcall login NAME --new-key', BROWSER],
  ['docker compose run --rm worker login nimble --paste', BROWSER],
  ['npm install', INSTALLS],
  ['npm ci', INSTALLS],
  ['npm install -g', INSTALLS],
  ['npm install && npm test', CI],
  ['npm test', CI],
  ['npm run check', CI],
  ['npm run coverage', CI],
  ['npm run test:kill', CI],
  ['npm run test:container', CI],
  ['bash .ci/run', CI],
  ['npm run sbom', CI],
  ['npm sbom --omit=dev', CI],
  ['npm run test:db', VITEST],
  ['npm run test:soak', VITEST],
  ['UPDATE_DOCS=1 npm run test:soak', VITEST],
  ['UPDATE_DOCS=1 npx vitest run --project unit test/unit/docs', VITEST],
  ['UPDATE_DOCS=1 npx vitest run --project db test/db/data-dictionary.test.ts', VITEST],
  ['UPDATE_DOCS=1 npx vitest run --project db test/db/reliability', VITEST],
  ['UPDATE_DOCS=1 npx vitest run --project kill --no-file-parallelism', VITEST],
  ['PROPERTY_SEED=random npm run test:db', VITEST],
  ['npm run mutation', MUTATION],
  ['npm run mutation -- --file src/core/ledger.ts', MUTATION],
  ['UPDATE_DOCS=1 npm run mutation', MUTATION],
  ['npm run bench', BENCH],
  ['npm run bench -- --only unchanged', BENCH],
  ['npm run bench -- --rows 10000 --rounds 5', BENCH],
  ['npm run bench -- --json > bench.json', BENCH],
  ['UPDATE_DOCS=1 npm run bench', BENCH],
  ['npm run bench:page', { ...BENCH, testedIn: 'test/bench/page.ts' }],
  ['npm run bench:scaling', { ...BENCH, testedIn: 'test/bench/scaling/main.ts' }],
  ['npm run screenshots', { why: 'draws with a browser', testedIn: 'test/e2e/page/browser.test.ts' }],
  ['npm run db:generate -- --name words', { why: 'writes into the checkout', testedIn: '.ci/run' }],
  ['docker build -t rollcall .', ENGINE],
  [
    'docker run --read-only --cap-drop ALL --security-opt no-new-privileges --memory 256m --stop-timeout 30 -v ./config:/config:ro --env-file .env rollcall',
    ENGINE,
  ],
  ['kubectl apply -k', CLUSTER],
  ['kubectl apply -k deploy/kubernetes', CLUSTER],
  ['kubectl apply -k deploy/kubernetes/cron', CLUSTER],
  ['kubectl apply -f deploy/kubernetes/namespace.yaml', CLUSTER],
  ['kubectl -n rollcall create secret generic rollcall --from-env-file=rollcall.env', CLUSTER],
  ['kubectl -n rollcall delete job rollcall-migrate --ignore-not-found', CLUSTER],
  [
    String.raw`cosign verify IMAGE@DIGEST --certificate-oidc-issuer https://token.actions.githubusercontent.com --certificate-identity-regexp '^https://github\.com/OWNER/REPOSITORY/\.github/workflows/release\.yml@refs/tags/v'`,
    RELEASE,
  ],
  ['gh attestation verify oci://IMAGE@DIGEST --owner OWNER', RELEASE],
]);
