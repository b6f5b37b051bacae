/** A device without a browser, and the person who answers it in another one. */
import type { DemoPerson } from '../../src/cli/demo-person.ts'
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { type Answer, post, type Registered, register, type Tokens } from './oauth-client.ts'
import { admin, type TestServer } from './server.ts'

export const deviceCodeGrant = 'urn:ietf:params:oauth:grant-type:device_code'

export interface DeviceAuthorization {
  readonly device_code: string
  readonly user_code: string
  readonly verification_uri: string
  readonly verification_uri_complete: string
  readonly expires_in: number
  readonly interval: number
}

type Server = Pick<TestServer, 'url'>

export function registerDevice(server: Server, metadata: Record<string, unknown> = {}) {
  return register(server, {
    client_name: 'Television',
    grant_types: [deviceCodeGrant],
    redirect_uris: undefined,
    ...metadata,
  })
}

export async function startDevice(
  server: Server,
  { client_id }: Registered,
  form: Record<string, string> = {},
): Promise<DeviceAuthorization> {
  const asked = { form: { client_id, ...form } }
  return (await post<DeviceAuthorization>(server, '/oauth/device_authorization', asked)).body
}

export function poll(
  server: Server,
  { client_id }: Registered,
  { device_code }: Pick<DeviceAuthorization, 'device_code'>,
): Promise<Answer<Tokens & { error?: string }>> {
  const form = { grant_type: deviceCodeGrant, client_id, device_code }
  return post(server, '/oauth/token', { form })
}

/** Opens the page, and signs in there. */
export async function signInForDevice(person: DemoPerson, credentials = admin): Promise<string> {
  const asked = await person.open('/device')
  const form = await (await person.open(asked.headers.get('location') ?? '')).text()
  const signedIn = await person.submit('/sign-in', { ...hiddenFields(form), ...credentials })
  return (await person.open(signedIn.headers.get('location') ?? '')).text()
}

/** Types a code into the form that this page holds. */
export function typeCode(person: DemoPerson, page: string, userCode: string): Promise<Response> {
  return person.submit('/device', { ...hiddenFields(page), user_code: userCode })
}

/** Answers on the page that the code led to. */
export function decideOn(
  person: DemoPerson,
  page: string,
  decision: 'approve' | 'deny',
): Promise<Response> {
  const form = page.split('<form').find((part) => part.includes('name="decision"')) ?? ''
  return person.submit('/device/decision', { ...hiddenFields(form), decision })
}

/** All of it, from the page to the answer. */
export async function answerDevice(
  person: DemoPerson,
  { user_code }: Pick<DeviceAuthorization, 'user_code'>,
  decision: 'approve' | 'deny' = 'approve',
): Promise<Response> {
  const question = await typeCode(person, await signInForDevice(person), user_code)
  return decideOn(person, await question.text(), decision)
}
