import type { Command } from 'commander'
import type { TSchema } from 'typebox'
import { Errors } from 'typebox/value'
import { codeList } from './platform/profile.ts'
import { readPassword } from './read-password.ts'
import {
  createOrganisation,
  createPerson,
  findOrganisation,
  getPerson,
  grantRole,
  OrganisationInput,
  operatorActor,
  PersonInput,
  type Role,
  reloadOrganisationTree,
  revokeRole,
  roles,
  setPassword,
} from './security/index.ts'
import { withStores } from './with-stores.ts'

/**
 * Bodies and accounts by the hand of whoever owns the machine: the first ones of a production node, and the way back in
 * when an administrator has lost a password. All of it is in the audit log under the name of the machine's account.
 */
export function addPeople(program: Command): void {
  addBody(program.command('body').description('public bodies'))
  const person = program.command('person').description('accounts and their roles')
  addCreate(person)
  person
    .command('set-password')
    .description('set a password, read from standard input; ends sessions and tokens')
    .argument('<login>')
    .action(async (login: string) => {
      const password = await readPassword()
      await withStores(async ({ postgres: { db } }) => {
        const actor = operatorActor()
        const { uid } = await getPerson(db, actor, login)
        await setPassword(db, actor, uid, { password })
        console.log(`${login} has a new password.`)
      })
    })
  addRoles(person)
}

function addBody(body: Command): void {
  body
    .command('create')
    .description('register a body')
    .argument('<code>', 'stable key, e.g. interior or a credit code')
    .requiredOption('--name <name>')
    .requiredOption('--tier <tier>', 'a tier of the profile, e.g. nation')
    .option('--parent <code>', 'the body above it')
    .action((code: string, { name, tier, parent }: { name: string; tier: string; parent?: string }) =>
      withStores(async ({ postgres: { db }, profile }) => {
        const above = parent === undefined ? undefined : await findBody(db, parent)
        const input = { code, name, tier, parentUid: above?.uid ?? null }
        checkForm(OrganisationInput, input)
        await reloadOrganisationTree(db)
        await createOrganisation(db, operatorActor(), input, {
          tiers: new Set(codeList(profile, 'tier').keys()),
        })
        console.log(`The body ${code} is registered.`)
      }),
    )
}

interface PersonFlags {
  name: string
  body: string
  email?: string
  language?: string
  role: Role[]
  /** False with --no-password. */
  password: boolean
}

function addCreate(person: Command): void {
  person
    .command('create')
    .description('make an account; the password is read from standard input')
    .argument('<login>')
    .requiredOption('--name <name>', 'the person’s name')
    .requiredOption('--body <code>', 'the body the person belongs to')
    .option('--email <address>', 'also binds the account to an outside sign-in with this address')
    .option('--language <code>', 'e.g. en or zh-CN')
    .option('--role <role>', `may be given several times: ${roles.join(', ')}`, collectRole, [] as Role[])
    .option('--no-password', 'the person signs in through the identity provider only')
    .action(async (login: string, flags: PersonFlags) => {
      const password = flags.password ? await readPassword() : undefined
      await withStores(async ({ postgres: { db } }) => {
        const { uid } = await findBody(db, flags.body)
        const { name, email, language } = flags
        const input = { login, name, organisationUid: uid, email, language, password }
        checkForm(PersonInput, Object.fromEntries(Object.entries(input).filter(([, v]) => v !== undefined)))
        await createPerson(db, operatorActor(), { ...input, roles: flags.role })
        console.log(`${login} may sign in${flags.role.length > 0 ? ` as ${flags.role.join(', ')}` : ''}.`)
      })
    })
}

function addRoles(person: Command): void {
  for (const [verb, description, done, change] of [
    ['grant', 'grant a role', 'is', grantRole],
    ['revoke', 'take a role back', 'is no longer', revokeRole],
  ] as const)
    person
      .command(verb)
      .description(description)
      .argument('<login>')
      .argument('<role>', roles.join(', '))
      .action((login: string, role: string) =>
        withStores(async ({ postgres: { db } }) => {
          const actor = operatorActor()
          const { uid } = await getPerson(db, actor, login)
          await change(db, actor, uid, role)
          console.log(`${login} ${done} ${role}.`)
        }),
      )
}

type Db = Parameters<typeof findOrganisation>[0]

async function findBody(db: Db, code: string) {
  const found = await findOrganisation(db, { code })
  if (!found)
    throw new Error(`There is no body ${code}. Make it first: concord body create ${code} --name … --tier …`)
  return found
}

function collectRole(text: string, before: Role[]): Role[] {
  if (!(roles as readonly string[]).includes(text))
    throw new Error(`There is no role ${text}. Use one of ${roles.join(', ')}.`)
  return [...before, text as Role]
}

/** What the routes check by their schema. @throws Error naming every fault */
function checkForm(schema: TSchema, value: unknown): void {
  const faults = Errors(schema, value).map((e) => `  ${e.instancePath.slice(1) || 'input'}: ${e.message}`)
  if (faults.length > 0) throw new Error(`This is not valid:\n${faults.join('\n')}`)
}
