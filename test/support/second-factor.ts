/** A person with an app that shows codes, and what their browser sends. */
import { type DemoPerson, hiddenFields } from '../../src/cli/demo-person.ts'
import { totpCode, totpStep } from '../../src/identity/totp.ts'

/** The key that an enrolment page shows, as the app keeps it. */
export function keyOn(html: string): Buffer {
  const typed = /class="typed-key"><code>([A-Z2-7 ]+)</.exec(html)?.[1] ?? ''
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...typed.replaceAll(' ', '')]
    .map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

/** What the app shows at this moment, or some steps before or after it. */
export function codeAt(key: Uint8Array, atMs: number, steps = 0): string {
  return totpCode(key, totpStep(atMs) + steps)
}

export function recoveryCodesOn(html: string): string[] {
  return [...html.matchAll(/<li><code>([A-Z0-9]{5}-[A-Z0-9]{5})<\/code>/g)].map(
    ([, code = '']) => code,
  )
}

export interface Credentials {
  readonly email: string
  readonly password: string
}

/** Types address and password into the page at this path; where that leads. */
export async function signInAt(
  person: DemoPerson,
  path: string,
  credentials: Credentials,
): Promise<Response> {
  const html = await (await person.open(path)).text()
  return person.submit('/sign-in', { ...hiddenFields(html), ...credentials })
}

/** Sends the form of a page that is open, with a code typed in. */
export async function sendCode(person: DemoPerson, path: string, code: string): Promise<Response> {
  const html = await (await person.open(path)).text()
  return person.submit(path.split('?')[0] ?? path, { ...hiddenFields(html), code })
}

/** Sets up an app on the account page. */
export async function enrol(person: DemoPerson, atMs: number) {
  const path = '/account/security/codes'
  const html = await (await person.open(path)).text()
  const key = keyOn(html)
  const response = await person.submit(path, { ...hiddenFields(html), code: codeAt(key, atMs) })
  return { key, status: response.status, codes: recoveryCodesOn(await response.text()) }
}

/** Does that in another browser of theirs, so that the session at hand stays as it began. */
export async function enrolElsewhere(
  server: { person(): DemoPerson },
  credentials: Credentials,
  atMs: number,
) {
  const other = server.person()
  await signInAt(other, '/sign-in', credentials)
  return enrol(other, atMs)
}
