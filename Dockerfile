# The service alone: its PostgreSQL is another container (DATABASE_URL), so the embedded one is left out.
# Nobody has built this image yet; tests/package/deployment.test.ts checks what can be checked without a container engine.
ARG NODE=24.22.3-bookworm-slim

FROM node:${NODE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Workspaces of their own, whose packages build them. --ignore-scripts leaves the build itself for later.
COPY client/package.json client/package.json
COPY console/package.json console/package.json
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY client client
COPY src src
RUN npm run build
COPY console console
# The console shows the runbook.
COPY docs/runbooks docs/runbooks
RUN npm run build -w console

FROM node:${NODE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:${NODE}
WORKDIR /app
ENV NODE_ENV=production HTTP_HOST=0.0.0.0 DATA_DIR=/data
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/client/dist/esm client/dist/esm
COPY --from=build /app/console/dist console/dist
COPY package.json LICENSE CHANGELOG.md ./
COPY bin bin
# The root file system may be read-only: nothing is written but the secret of DATA_DIR, and exports. Without JWT_SECRET
# and JWKS_URL the volume keeps the secret that the first start makes.
RUN mkdir /data && chown 1000:1000 /data
VOLUME /data
# By number, because Kubernetes refuses a name where it requires a user that is not root.
USER 1000:1000
EXPOSE 8084
# Migrations run before the port is open. While they do, the container is "starting" and not "unhealthy".
HEALTHCHECK --interval=10s --timeout=3s --start-period=30m --start-interval=2s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HTTP_PORT ?? 8084}/analytics/v1/status/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# As `npm start` has it: left to itself, Node lets garbage pile up to 450 MB under overload, and stays there.
ENTRYPOINT ["node", "--max-semi-space-size=32", "--max-old-space-size=1024", "bin/tidemark.js"]
CMD ["start"]
