import type { ActionTable } from './action.ts'
import { activityActions } from './activity-actions.ts'
import { missing, notFound } from './errors.ts'
import { organizationActions } from './organization-actions.ts'
import { organizationWriteActions } from './organization-write.ts'
import { packageActions } from './package-actions.ts'
import { text } from './params.ts'
import { datastoreActions, siteActions } from './site-actions.ts'
import { tagActions } from './tag-actions.ts'
import { writeActions } from './write-actions.ts'

/** Every action of CKAN's API that this node has. */
export const actions: ActionTable = {
  ...packageActions,
  ...tagActions,
  ...organizationActions,
  ...activityActions,
  ...siteActions,
  ...datastoreActions,
  ...writeActions,
  ...organizationWriteActions,
  help_show: {
    needs: 'dataset:read',
    help: 'What an action does: name.',
    run: async (_, { params }) => {
      const name = text(params, 'name')
      if (name === undefined) throw missing('name')
      const known = Object.hasOwn(actions, name) ? actions[name] : undefined
      if (!known) throw notFound(`Action name not known: ${name.slice(0, 100)}`)
      return known.help
    },
  },
}
