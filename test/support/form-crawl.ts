/** Every form that a person comes to by following links, as their browser would send it. */
import { type DemoPerson, hiddenFields } from '../../src/cli/demo-person.ts'

export interface FoundForm {
  /** The page that it stands on. */
  readonly page: string
  readonly action: string
  /** What it carries, and what was typed in. */
  readonly fields: Readonly<Record<string, string>>
}

const pagesMax = 300

/** Every form on these pages, and on those that links lead to. */
export async function formsFrom(
  person: DemoPerson,
  starts: readonly string[],
  password = '',
): Promise<FoundForm[]> {
  const pages = await pagesFrom(person, starts)
  return [...pages].flatMap(([page, html]) => formsOn(html, page, password))
}

/** Follows what is on this site, from these pages on; of pages that differ in their query, all. */
export async function pagesFrom(
  person: DemoPerson,
  starts: readonly string[],
): Promise<Map<string, string>> {
  const pages = new Map<string, string>()
  const seen = new Set<string>()
  const waiting = [...starts]
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (seen.has(path) || seen.size >= pagesMax) continue
    seen.add(path)
    const response = await person.open(path)
    const location = response.headers.get('location')
    if (location?.startsWith('/')) waiting.push(location)
    if (response.status !== 200) continue
    const html = await response.text()
    pages.set(path, html)
    for (const [, href = ''] of html.matchAll(/<a [^>]*?href="(\/[^"/][^"]*)"/g)) {
      if (!href.startsWith('/audit')) waiting.push(href.replaceAll('&amp;', '&'))
    }
  }
  return pages
}

export function formsOn(html: string, page: string, password = ''): FoundForm[] {
  return [...html.matchAll(/<form ([^>]*)>(.*?)<\/form>/gs)].flatMap(
    ([, tag = '', inside = '']) => {
      if (!tag.includes('method="post"')) return []
      const action = /action="([^"]*)"/.exec(tag)?.[1] ?? page
      return [{ page, action, fields: { ...hiddenFields(inside), ...typed(inside, password) } }]
    },
  )
}

function typed(html: string, password: string): Record<string, string> {
  const inputs = [...html.matchAll(/<(input|textarea|button) ([^>]*)>/g)].flatMap(
    ([, kind = '', tag = '']): [string, string][] => {
      const name = /name="([^"]*)"/.exec(tag)?.[1]
      const type = /type="([^"]*)"/.exec(tag)?.[1] ?? kind
      const value = /value="([^"]*)"/.exec(tag)?.[1]
      if (name === undefined || type === 'hidden') return []
      if (type === 'password') return [[name, password]]
      if (type === 'email') return [[name, 'somebody@example.com']]
      return [[name, value || 'words']]
    },
  )
  // The first of several buttons or answers with one name, as a person in a hurry takes.
  return Object.fromEntries([...chosen(html), ...inputs.toReversed()])
}

/** What a list stands at when the page opens. */
function chosen(html: string): [string, string][] {
  const lists = html.matchAll(/<select [^>]*?name="([^"]*)"[^>]*>(.*?)<\/select>/gs)
  return [...lists].map(([, name = '', options = '']) => {
    const values = /<option value="([^"]*)"[^>]* selected/.exec(options) ?? []
    const [, value = ''] =
      values.length > 0 ? values : (/<option value="([^"]*)"/.exec(options) ?? [])
    return [name, value]
  })
}
