# The model server on Debian: ONNX Runtime needs glibc, so Alpine will not do.
#   docker build -t mlloop .
#   docker run -p 8080:8080 -v mlloop-state:/state -e MLLOOP_TOKEN mlloop
FROM node:22-bookworm-slim AS packages
# Where better-sqlite3 has no library of its own for the platform it is compiled.
RUN apt-get update && apt-get install -y --no-install-recommends g++ make python3 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:22-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY . .
# Builds lib once, so that no start has to. What is built is known by the times of its files, which a layer keeps only in seconds.
RUN find lib package.json -exec touch -d @0 {} + && node lib/cli/mlloop.mjs --version
RUN mkdir -p /state && chown node:node /state
USER node
VOLUME /state
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD node -e "fetch('http://127.0.0.1:8080/v2/health/ready').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"
# Node itself, not npm: it has to get SIGTERM.
CMD ["node", "lib/cli/mlloop.mjs", "serve", "--host", "0.0.0.0", "--port", "8080", "--state", "/state"]
