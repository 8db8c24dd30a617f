# The service alone: its PostgreSQL is another container (DATABASE_URL), so the embedded one is left out.
FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24-slim
WORKDIR /app
ENV NODE_ENV=production HTTP_HOST=0.0.0.0 DATA_DIR=/data
COPY --from=dependencies /app/node_modules node_modules
COPY package.json LICENSE ./
COPY bin bin
COPY src src
# Nothing is written but the secret of DATA_DIR, and that only when neither JWT_SECRET nor JWKS_URL is given.
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
EXPOSE 8084
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HTTP_PORT ?? 8084}/analytics/v1/status/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# As `npm start` has it: left to itself, Node lets garbage pile up to 450 MB under overload, and stays there.
ENTRYPOINT ["node", "--max-semi-space-size=32", "--max-old-space-size=1024", "bin/tidemark.js"]
CMD ["start"]
