/** The way of a person to another service and back, step by step, as their browser goes it. */
import { type DemoPerson, hiddenFields } from '../../src/cli/demo-person.ts'

/** From a page with buttons to the service's authorization endpoint. */
export async function leaveFor(
  person: DemoPerson,
  { from = '/sign-in', upstream = 'provider' } = {},
): Promise<string> {
  const html = await (await person.open(from)).text()
  const action = from.startsWith('/account') ? '/account/link' : '/sign-in/with'
  const form = html.split('<form').find((part) => part.includes(`action="${action}"`)) ?? ''
  const left = await person.submit(action, { ...hiddenFields(form), upstream })
  const onward = await person.open(left.headers.get('location') ?? '')
  return /^0; url=(.+)$/.exec(onward.headers.get('refresh') ?? '')?.[1] ?? ''
}

/** What the service sends the browser back with. */
export async function answerOf(url: string): Promise<string> {
  const response = await fetch(url, { redirect: 'manual' })
  return response.headers.get('location') ?? ''
}

/** There and back; gives where the person is sent in the end. */
export async function visit(
  person: DemoPerson,
  way: { from?: string; upstream?: string } = {},
): Promise<string> {
  const back = await answerOf(await leaveFor(person, way))
  return locationOf(await person.open(back))
}

export function locationOf(response: Response): string {
  return response.headers.get('location') ?? `status ${response.status}`
}
