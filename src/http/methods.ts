/**
 * A known path asked with the wrong method is 405 and says which ones there are; the router alone
 * would call it not found.
 *
 * @see [RFC 9110 §15.5.6 - 405 Method Not Allowed](https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.6)
 */

export interface Route {
  readonly method: string
  readonly path: string
}

export type AllowedMethods = (request: Request) => string | undefined

/** Gives the value of `Allow` where the path is known and the method is not, else undefined. */
export function allowedMethods(routes: () => readonly Route[]): AllowedMethods {
  let known: { pattern: RegExp; methods: Set<string> }[] | undefined
  return ({ url, method }) => {
    known ??= groupByPath(routes())
    const { pathname } = new URL(url)
    const here = known.filter(({ pattern }) => pattern.test(pathname))
    const methods = new Set(here.flatMap((route) => [...route.methods]))
    if (methods.size === 0 || methods.has('ALL') || methods.has(method)) return undefined
    return [...methods].sort().join(', ')
  }
}

function groupByPath(routes: readonly Route[]) {
  const byPath = new Map<string, Set<string>>()
  for (const { path, method } of routes) {
    const methods = byPath.get(path) ?? new Set()
    methods.add(method)
    // Whoever may GET may HEAD (RFC 9110 §9.3.2).
    if (method === 'GET') methods.add('HEAD')
    byPath.set(path, methods)
  }
  return [...byPath].map(([path, methods]) => ({ pattern: patternOf(path), methods }))
}

/** `/audit/events/:id` and `/well-known/*` as regular expressions. */
function patternOf(path: string): RegExp {
  const parts = path.split('/').map((part) => {
    if (part === '*') return '.*'
    return part.startsWith(':') ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${parts.join('/')}$`)
}
