# The worker: Node 24 runs src/ as it is, so there is no build, only the production packages.
# Tags are kept current by their makers. For a reproducible image pin both by digest
# (`FROM node:24-bookworm-slim@sha256:…`) and let a bot raise it.

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without the optional embedded Postgres: the image is given a database. No package here needs an install script.
# `install`, not `ci`: docs/decisions/0002. It takes the versions of the lock file, whose hashes are checked, and then must not
# have changed it.
RUN cp package-lock.json /tmp/before.json \
 && npm install --omit=dev --omit=optional --ignore-scripts \
 && node --eval "const versions = (file) => JSON.stringify(Object.entries(require(file).packages).map(([at, p]) => at && [at, p.version, p.integrity])); \
    if (versions('/tmp/before.json') !== versions('/app/package-lock.json')) throw new Error('package-lock.json does not fit package.json')"

FROM gcr.io/distroless/nodejs24-debian12:nonroot AS program
COPY --from=packages /app/node_modules /app/node_modules
COPY package.json /app/
COPY migrations /app/migrations
COPY src /app/src

# Node strips types and compiles at every start; the health check starts every 30 s. One start here, with the same Node, the same
# paths and the same user (all are part of the key), leaves the result for all others: a third of the time, 20 MB less.
FROM program AS warm
USER nonroot
ENV NODE_COMPILE_CACHE=/home/nonroot/cache
RUN ["/nodejs/bin/node", "--import", "/app/src/ask-health.ts", "/app/src/main.ts", "config", "schema"]
# Node makes the files readable for their owner alone. They become root's, so that the program cannot write them; and a cache that it
# cannot read either is passed over without a word.
RUN ["/nodejs/bin/node", "--eval", "const fs = require('node:fs'); for (const file of fs.readdirSync('/home/nonroot/cache', { recursive: true, withFileTypes: true })) if (file.isFile()) fs.chmodSync(file.parentPath + '/' + file.name, 0o444)"]

FROM program
COPY --from=warm --chown=0:0 /home/nonroot/cache /app/.compile-cache
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.compile-cache
# Where rollcall.yaml and the files it names are mounted; nothing is ever written here.
WORKDIR /config
USER nonroot
STOPSIGNAL SIGTERM
EXPOSE 8080
# No shell and no curl in here: the program asks itself. Its heap counts against the worker's memory limit, so it gets a small one.
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s --retries=3 \
  CMD ["/nodejs/bin/node", "--max-semi-space-size=1", "--max-old-space-size=64", "/app/src/main.ts", "healthcheck"]
# A reconciliation of many findings makes much that lives shortly: with Node's own 16 MB for it the heap grew to 200 MB before the first large
# collection, whatever the roster's size.
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=4", "/app/src/main.ts"]
CMD ["start"]
