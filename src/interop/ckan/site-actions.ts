import type { ActionTable, Call } from './action.ts'
import { notFound } from './errors.ts'
import { idOf, natural } from './params.ts'

/** The site and its people; only what concerns the caller is told of people. */

/** The released line of CKAN whose API this is: clients ask for it before they use an action. */
const ckanVersion = '2.11.5'

const ownUser = ({ ctx: { actor } }: Call) =>
  actor.uid === null
    ? []
    : [
        {
          id: actor.uid,
          name: actor.uid,
          display_name: actor.name,
          fullname: actor.name,
          about: null,
          activity_streams_email_notifications: false,
          capacity: null,
          created: null,
          image_url: '',
          number_created_packages: 0,
          state: 'active',
          sysadmin: false,
        },
      ]

export const siteActions: ActionTable = {
  site_read: { needs: 'dataset:read', help: 'Whether this site may be read: yes.', run: async () => true },
  status_show: {
    needs: 'dataset:read',
    help: 'What this site is.',
    run: async ({ profile, publicUrl }) => ({
      ckan_version: ckanVersion,
      site_url: publicUrl,
      site_title: 'Concord',
      site_description: profile.name[profile.language] ?? Object.values(profile.name)[0] ?? '',
      error_emails_to: null,
      locale_default: profile.language.replace('-', '_'),
      extensions: ['activity'],
    }),
  },
  user_show: {
    needs: 'dataset:read',
    help: 'The caller; others are not shown here.',
    run: async (_, call) => {
      const ref = call.params.id === undefined ? undefined : idOf(call.params)
      const [own] = ownUser(call)
      if (!own || (ref !== undefined && ref !== own.id && ref !== own.fullname)) throw notFound('User')
      return own
    },
  },
  user_list: {
    needs: 'dataset:read',
    help: 'The caller; others are not shown here.',
    run: async (_, call) => ownUser(call),
  },
  user_autocomplete: { needs: 'dataset:read', help: 'Nobody is shown here.', run: async () => [] },
}

/** Rows of collected data come with collection; until then no resource has a table. */
const noTable = async (_: unknown, { params }: Call): Promise<never> => {
  throw notFound(`Resource "${String(params.resource_id ?? params.id ?? '').slice(0, 100)}" was not found.`)
}
const reading = (help: string) => ({ needs: 'dataset:read' as const, help, run: noTable })
const writing = (help: string) => ({ needs: 'dataset:update' as const, writes: true, help, run: noTable })

export const datastoreActions: ActionTable = {
  datastore_search: {
    ...reading('Rows of a resource that has a table.'),
    run: async (ckan, call) => {
      // The list of all tables is there, and empty.
      if (call.params.resource_id !== '_table_metadata') {
        idOf(call.params, 'resource_id')
        return noTable(ckan, call)
      }
      return {
        resource_id: '_table_metadata',
        fields: [
          { id: '_id', type: 'text' },
          { id: 'name', type: 'text' },
        ],
        records: [],
        total: 0,
        total_was_estimated: false,
        limit: Math.min(natural(call.params, 'limit') ?? 100, 32_000),
        offset: natural(call.params, 'offset') ?? 0,
        records_format: 'objects',
        _links: { start: '/api/3/action/datastore_search', next: '/api/3/action/datastore_search' },
      }
    },
  },
  datastore_info: reading('Fields of a resource that has a table.'),
  datastore_create: writing('Tables come with collection.'),
  datastore_upsert: writing('Tables come with collection.'),
  datastore_delete: writing('Tables come with collection.'),
}
