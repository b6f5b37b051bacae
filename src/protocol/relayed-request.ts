/**
 * A browser's request that a front passes on. The front signs what it passes: method, path, body,
 * cookies and the browser's address. So the API knows that a person came through the front, and
 * from where, and nobody who sees one such request can make another of it.
 *
 * @see [RFC 7519 §4.3 - Private Claim Names](https://www.rfc-editor.org/rfc/rfc7519.html#section-4.3)
 * @see [RFC 9110 §7.6 - Message Forwarding](https://www.rfc-editor.org/rfc/rfc9110.html#section-7.6)
 */
import type { KeyObject } from 'node:crypto'
import type { Settings } from '../config/settings.ts'
import { sha256 } from '../domain/keyring.ts'
import { hearFront, signAsFront } from './front-key.ts'
import type { Services } from './services.ts'
import { JwtRefused } from './signed-jwt.ts'

/** Carries the front's signature. */
export const relayHeader = 'grantlog-relay'

export interface Relayed {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly body: string
  readonly cookie: string
  /** Of the browser, as the front sees it. */
  readonly address: string
}

/**
 * For clients, programs and operators: asked of the API itself, and of no front. What a page asks
 * while it waits for an agent goes where its browser's cookie is.
 */
const apiPaths =
  /^(?!\/api\/check-status$)\/(?:(?:api|audit|mcp)(?:\/.*)?|(?:oauth2?\/)?(?:token|introspect|revoke|register|userinfo|par|device_authorization|bc-authorize)(?:\/.*)?|health|healthz|readyz|metrics)$/
const wellKnown = /\/\.well-known\//

export type PathKind = 'api' | 'document' | 'page'

/** Pages are asked of the front alone, and whatever is new is a page until it is named above. */
export function pathKind(path: string): PathKind {
  if (wellKnown.test(path)) return 'document'
  return apiPaths.test(path) ? 'api' : 'page'
}

export function signRelay(
  settings: Settings,
  relayed: Relayed,
  { key, now }: { key: KeyObject; now: number },
): Promise<string> {
  return signAsFront('relay', claimsOf(relayed), { parties: settings, key, now })
}

/**
 * The address of the browser, if a front has passed on this request, and just as it is.
 * @throws {JwtRefused}
 */
export async function addressOfRelayed(
  services: Pick<Services, 'settings' | 'now'>,
  jwt: string,
  received: Omit<Relayed, 'address'>,
): Promise<string> {
  const claims = await hearFront(services, 'relay', jwt)
  const { address } = claims
  if (typeof address !== 'string') throw new JwtRefused('address is missing')
  for (const [name, value] of Object.entries(claimsOf({ ...received, address }))) {
    if (claims[name] !== value) throw new JwtRefused(`${name} is another`)
  }
  return address
}

function claimsOf({ method, path, body, cookie, address }: Relayed): Record<string, string> {
  return { method, path, body: sha256(body), cookie: sha256(cookie), address }
}
