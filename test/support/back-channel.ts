/** A client that asks people from elsewhere, and the person who answers on the page. */
import type { DemoPerson } from '../../src/cli/demo-person.ts'
import { hiddenFields } from '../../src/cli/demo-person.ts'
import type { ClientMetadata } from '../../src/domain/client-events.ts'
import { type Answer, post, type Tokens } from './oauth-client.ts'
import { addClient, type OperatorClient } from './operator-client.ts'
import { admin, type TestServer } from './server.ts'

export const ciba = 'urn:openid:params:grant-type:ciba'
export const questionsPath = '/approvals/apps'

export function addAsker(
  { services }: Pick<TestServer, 'services'>,
  metadata: Partial<ClientMetadata> = {},
): Promise<OperatorClient> {
  return addClient(services, {
    clientName: 'Counter',
    grantTypes: ['refresh_token', ciba],
    backChannel: { deliveryMode: 'poll' },
    ...metadata,
  })
}

export interface Acknowledged {
  readonly auth_req_id: string
  readonly expires_in: number
  readonly interval: number
  readonly error?: string
  readonly error_description?: string
}

/** `undefined` leaves a parameter out. */
export type Form = Readonly<Record<string, string | undefined>>

export function ask(
  server: Pick<TestServer, 'url'>,
  { headers }: Pick<OperatorClient, 'headers'>,
  form: Form = {},
): Promise<Answer<Acknowledged>> {
  const all: Form = { scope: 'openid read', login_hint: admin.email, ...form }
  const said = Object.entries(all).filter((entry): entry is [string, string] => !!entry[1])
  return post(server, '/oauth/bc-authorize', { form: Object.fromEntries(said), headers })
}

export function poll(
  server: Pick<TestServer, 'url'>,
  { headers }: Pick<OperatorClient, 'headers'>,
  { auth_req_id }: Pick<Acknowledged, 'auth_req_id'>,
): Promise<Answer<Tokens & { error?: string }>> {
  const form = { grant_type: ciba, auth_req_id }
  return post(server, '/oauth/token', { form, headers })
}

/** Signs in on the way to a page, and opens it. */
export async function openSignedIn(
  person: DemoPerson,
  path = questionsPath,
  credentials = admin,
): Promise<string> {
  const first = await person.open(path)
  const location = first.headers.get('location')
  if (location === null) return first.text()
  const form = await (await person.open(location)).text()
  const signedIn = await person.submit('/sign-in', { ...hiddenFields(form), ...credentials })
  return (await person.open(signedIn.headers.get('location') ?? '')).text()
}

/** The addresses of the questions that a list shows. */
export function questionsOn(list: string): string[] {
  return [...list.matchAll(/href="(\/approvals\/apps\/[\w]+)"/g)].map(([, path = '']) => path)
}

export type Decision = 'approve' | 'deny' | 'mute'

/** Sends the form of a question as its page has it. */
export function decideOn(
  person: DemoPerson,
  { path, page }: { path: string; page: string },
  decision: Decision,
): Promise<Response> {
  const form = page.split('<form').find((part) => part.includes('name="decision"')) ?? ''
  return person.submit(path, { ...hiddenFields(form), decision })
}

/** Opens the newest question of this person, and answers it. */
export async function answer(
  person: DemoPerson,
  decision: Decision,
  credentials = admin,
): Promise<Response> {
  const path = questionsOn(await openSignedIn(person, questionsPath, credentials)).at(-1) ?? ''
  const page = await (await person.open(path)).text()
  return decideOn(person, { path, page }, decision)
}
