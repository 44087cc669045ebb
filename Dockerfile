# Two images from one build:
#   docker build --target server .   the server alone, without any dependency, configured as Apache's official image
#   docker build --target bench .    the benchmark harness
FROM node:20-slim AS build
WORKDIR /app
COPY .npmrc package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.test.json ./
COPY server server
COPY harness harness
COPY workloads workloads
COPY reports reports
COPY scripts scripts
RUN npm run build && npm prune --omit=dev

FROM node:20-slim AS server
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/dist/server dist/server
COPY docker/healthcheck.mjs docker/entrypoint.sh docker/
RUN mkdir /conf /data /datalog && chown node:node /conf /data /datalog
USER node
VOLUME ["/data", "/datalog"]
EXPOSE 2181 2888 3888 7000 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=5s CMD ["node", "docker/healthcheck.mjs", "2181"]
ENTRYPOINT ["docker/entrypoint.sh"]

FROM node:20-slim AS bench
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
RUN mkdir runs && chown node:node runs
USER node
VOLUME ["/app/runs"]
ENTRYPOINT ["node", "dist/harness/main.js"]
CMD ["bench", "--help"]
