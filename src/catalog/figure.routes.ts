import Type from 'typebox'
import { type App, problems } from '../platform/http.ts'
import type { Db } from '../platform/postgres.ts'
import type { Profile } from '../platform/profile.ts'
import { BodiesFigures, BodyFigures, Figures, Themes } from './figure.schema.ts'
import { getBodiesFigures, getBodyFigures, getFigures, getThemes } from './figure.ts'
import { plainAnswer, ref } from './route-schemas.ts'

const tags = ['figures']

/** Counts for public pages, and the profile that says what the codes mean. */
export function figureRoutes(app: App, { db, profile }: { db: Db; profile: Profile }): void {
  app.get(
    '/api/v1/figures',
    {
      config: { action: 'figure:read' },
      schema: {
        tags,
        operationId: 'getFigures',
        summary: 'How much the catalogue holds',
        response: { 200: ref(Figures), ...problems },
      },
    },
    () => getFigures(db),
  )
  app.get(
    '/api/v1/themes',
    {
      config: { action: 'figure:read' },
      schema: {
        tags,
        operationId: 'getThemes',
        summary: 'Published entries by theme and by base or theme database',
        response: { 200: ref(Themes), ...problems },
      },
    },
    () => getThemes(db),
  )
  app.get(
    '/api/v1/bodies',
    {
      config: { action: 'figure:read' },
      ...plainAnswer,
      schema: {
        tags,
        operationId: 'getBodiesFigures',
        summary: 'Bodies with published entries, most first',
        response: { 200: ref(BodiesFigures), ...problems },
      },
    },
    async () => ({ bodies: await getBodiesFigures(db) }),
  )
  app.get(
    '/api/v1/bodies/:code',
    {
      config: { action: 'figure:read' },
      ...plainAnswer,
      schema: {
        tags,
        operationId: 'getBodyFigures',
        summary: 'What a body has published',
        params: Type.Object({ code: Type.String({ minLength: 1, maxLength: 64 }) }),
        response: { 200: ref(BodyFigures), ...problems },
      },
    },
    (request) => getBodyFigures(db, request.params.code),
  )
  profileRoute(app, profile)
}

function profileRoute(app: App, profile: Profile): void {
  // Synonyms are a third of the profile and of no use to a page.
  const text = JSON.stringify({ ...profile, synonyms: undefined })
  app.get(
    '/api/v1/profile',
    {
      config: { action: 'public:read' },
      serializerCompiler: () => () => text,
      schema: {
        tags,
        operationId: 'getProfile',
        summary: 'Code lists with labels, extension fields and identifiers of this jurisdiction',
        response: {
          200: Type.Object({ id: Type.String(), version: Type.String() }, { additionalProperties: true }),
          ...problems,
        },
      },
    },
    (_request, reply) => {
      reply
        .header('etag', `"${profile.id}-${profile.version}"`)
        .header('cache-control', 'public, max-age=300')
      return { id: profile.id, version: profile.version }
    },
  )
}
