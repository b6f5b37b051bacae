/** An administrator at the pages: opens one, and sends its form as it stands there. */
import { type DemoPerson, hiddenFields } from '../../src/cli/demo-person.ts'
import { admin, type TestServer } from './server.ts'

export interface Credentials {
  readonly email: string
  readonly password: string
}

export async function signedIn(
  server: Pick<TestServer, 'person'>,
  credentials: Credentials = admin,
): Promise<DemoPerson> {
  const person = server.person(credentials)
  const page = await (await person.open('/sign-in')).text()
  const answer = await person.submit('/sign-in', { ...hiddenFields(page), ...credentials })
  if (answer.status !== 303) throw new Error(`Cannot sign in "${credentials.email}"`)
  return person
}

export function actionPath(action: string, id = ''): string {
  return `/admin/do/${action}${id && `?id=${encodeURIComponent(id)}`}`
}

/** The hidden fields of the page's one form that does something. */
export async function formOf(person: DemoPerson, action: string, id = '') {
  const page = await person.open(actionPath(action, id))
  const html = await page.text()
  const form = html.split('<form').find((part) => part.includes(`action="/admin/do/${action}"`))
  return hiddenFields(form ?? '')
}

export async function act(
  person: DemoPerson,
  action: string,
  { id = '', ...fields }: Record<string, string> = {},
): Promise<Response> {
  const form = await formOf(person, action, id)
  return person.submit(actionPath(action), { ...form, ...fields })
}
