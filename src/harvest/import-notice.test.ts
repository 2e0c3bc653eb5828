import { beforeAll, expect, test } from 'vitest'
import { importKit } from '../../test/support/import-kit.ts'
import { workPage } from '../platform/work-page.ts'
import {
  type Actor,
  createOrganisation,
  createPerson,
  reloadOrganisationTree,
  systemActor,
} from '../security/index.ts'

const kit = importKit()
const system = systemActor('test')
let actor: Actor

beforeAll(async () => {
  const { db } = kit.database()
  const body = await createOrganisation(db, system, { code: 'water', name: 'Water', tier: 'nation' })
  await reloadOrganisationTree(db)
  const person = await createPerson(db, system, {
    login: 'stella',
    name: 'Stella',
    organisationUid: body.uid,
    roles: ['data_office_reviewer'],
  })
  actor = {
    kind: 'person',
    personId: person.id,
    uid: person.uid,
    name: person.name,
    organisationId: body.id,
    roles: ['data_office_reviewer'],
    scopes: null,
  }
})

const notices = () => kit.query('select person_id, kind, params, link from notice.notice order by id')

test('whoever started an import is told how it ended; a command line is not', async () => {
  const whole = kit.write('wells.jsonl', '{"id":"1","title":"Wells"}\n{"id":"2","title":"Springs"}\nnone\n')
  const done = await kit.load(whole, { format: 'ckan', source: 'wells', actor })
  expect(done.state).toBe('done')
  const broken = kit.write('broken.json', '[{"id":"1","title":"Wells"},{"id":"2","ti')
  const failed = await kit.load(broken, { format: 'ckan', source: 'broken', actor })
  expect(failed.state).toBe('failed')
  await kit.load(whole, { format: 'ckan', source: 'again' })
  expect(await notices()).toEqual([
    {
      person_id: actor.personId,
      kind: 'import.done',
      params: { file: 'wells.jsonl', added: done.added, changed: 0, rejected: 1, unchanged: 0 },
      link: workPage('imports', done.run),
    },
    {
      person_id: actor.personId,
      kind: 'import.failed',
      params: { file: 'broken.json', error: expect.stringMatching(/./) },
      link: workPage('imports', failed.run),
    },
  ])
  expect(done.added).toBe(2)
})
