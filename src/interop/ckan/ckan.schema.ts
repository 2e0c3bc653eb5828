import Type from 'typebox'

/** What the OpenAPI document says of CKAN's API; CKAN's own documentation says the rest. */

export const CkanFailure = Type.Union(
  [
    Type.Object(
      {
        help: Type.String(),
        success: Type.Literal(false),
        error: Type.Object({ __type: Type.String() }, { additionalProperties: true }),
      },
      { description: 'What the action says; other members of `error` are a message, or messages by field.' },
    ),
    Type.String({ description: 'The request is none that an action could take.' }),
  ],
  { $id: 'CkanFailure' },
)

export const ckanProblems = { '4xx': Type.Ref('CkanFailure'), '5xx': Type.Ref('CkanFailure') } as const

const success = (result: Type.TSchema) =>
  Type.Object({ help: Type.String(), success: Type.Literal(true), result })

export const CkanPackage = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    name: Type.String(),
    title: Type.String(),
    notes: Type.String(),
    state: Type.String(),
    private: Type.Boolean(),
    owner_org: Type.String(),
    metadata_created: Type.String({ description: 'UTC, without saying so.' }),
    metadata_modified: Type.String(),
    num_resources: Type.Integer(),
    num_tags: Type.Integer(),
    extras: Type.Array(Type.Object({ key: Type.String(), value: Type.String() })),
    groups: Type.Array(Type.Object({ name: Type.String() }, { additionalProperties: true })),
    resources: Type.Array(
      Type.Object({ id: Type.String(), url: Type.Unknown() }, { additionalProperties: true }),
    ),
    tags: Type.Array(Type.Object({ name: Type.String() }, { additionalProperties: true })),
  },
  { $id: 'CkanPackage', additionalProperties: true },
)

const one = (name: string, description: string) =>
  Type.Optional(Type.String({ description, examples: [name] }))

/** Actions that the document shows: one of each family, with its parameters. */
export const described = {
  package_search: {
    querystring: Type.Object(
      {
        q: one('water', 'Words, "phrases", field:value; * for everything.'),
        fq: one('organization:x', 'A filter in the same language, not ranking.'),
        rows: Type.Optional(Type.Integer({ minimum: 0, description: 'At most 1000 are given.' })),
        start: Type.Optional(Type.Integer({ minimum: 0 })),
        sort: Type.Optional(
          Type.Enum(['score desc', 'metadata_modified desc', 'title_string asc', 'id asc']),
        ),
        'facet.field': Type.Optional(
          Type.Enum(['["organization"]', '["groups"]', '["tags"]', '["res_format"]', '["license_id"]']),
        ),
      },
      { additionalProperties: true },
    ),
    answer: success(
      Type.Object({
        count: Type.Integer(),
        sort: Type.String(),
        facets: Type.Record(Type.String(), Type.Record(Type.String(), Type.Integer())),
        search_facets: Type.Record(Type.String(), Type.Unknown()),
        results: Type.Array(Type.Ref('CkanPackage')),
      }),
    ),
  },
  package_show: {
    querystring: Type.Object(
      { id: Type.Optional(Type.String({ description: 'Id or name.' })) },
      { additionalProperties: true },
    ),
    answer: success(Type.Ref('CkanPackage')),
  },
  organization_list: {
    querystring: Type.Object(
      { all_fields: Type.Optional(Type.Boolean()), limit: Type.Optional(Type.Integer({ minimum: 0 })) },
      { additionalProperties: true },
    ),
    answer: success(Type.Array(Type.Unknown())),
  },
  package_create: {
    body: Type.Object(
      {
        title: Type.Optional(Type.String()),
        name: Type.Optional(Type.String({ description: 'Without one the id is the name.' })),
        owner_org: Type.Optional(
          Type.String({ description: 'Id or name of an organization; else your own.' }),
        ),
        notes: Type.Optional(Type.String()),
      },
      { additionalProperties: true },
    ),
    answer: success(Type.Ref('CkanPackage')),
  },
} as const
