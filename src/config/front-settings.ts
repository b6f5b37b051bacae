/**
 * Two hosts: a front that browsers see, and an API that holds all state. The front has a key of
 * its own and nothing else; the API knows the public half.
 */
import { Type } from '@sinclair/typebox'
import { oneOf, text } from './schema.ts'

/** 32 bytes in base64url: the private half (`d`) and the public half (`x`) of an Ed25519 JWK. */
const keyPattern = '^[A-Za-z0-9_-]{43}$'

export const frontSettings = {
  role: oneOf(['all', 'front', 'api'], {
    default: 'all',
    description:
      'What this process is: everything, the front that browsers see, or the API behind a front',
  }),
  frontKeys: Type.Array(text({ pattern: keyPattern, description: 'A key' }), {
    maxItems: 10,
    default: [],
    description:
      'Public keys (Ed25519, base64url) of the fronts whose word the API takes; `grantlog key front` makes a pair',
  }),
  frontPrivateKey: Type.Optional(
    text({ secret: true, pattern: keyPattern, description: 'The private key of this front' }),
  ),
  interactionUrl: Type.Optional(
    text({
      format: 'base-url',
      defaultText: "the server's own pages",
      description:
        "A page of your own, on the issuer's host, that signs people in and asks them for consent",
    }),
  ),
}

interface FrontSettings {
  readonly role: 'all' | 'front' | 'api'
  readonly issuer: string
  readonly apiUrl: string
  readonly frontKeys: readonly string[]
  readonly frontPrivateKey?: string
  readonly interactionUrl?: string
}

type Problem = { readonly path: readonly string[]; readonly message: string }

/** What the schema cannot say of them. */
export function frontProblems(settings: FrontSettings): Problem[] {
  const { role, issuer, apiUrl, frontKeys, frontPrivateKey, interactionUrl } = settings
  const problems: Problem[] = []
  if (role !== 'all' && apiUrl === issuer) {
    problems.push({ path: ['role'], message: `"${role}" needs an api_url that is not the issuer` })
  }
  if (role === 'front' && frontPrivateKey === undefined) {
    problems.push({ path: ['role'], message: '"front" needs front_private_key' })
  }
  if (role !== 'front' && frontPrivateKey !== undefined) {
    const message = 'is for the front alone: whoever checks a key must not hold it'
    problems.push({ path: ['frontPrivateKey'], message })
  }
  if (role === 'api' && frontKeys.length === 0) {
    problems.push({ path: ['role'], message: '"api" needs front_keys' })
  }
  if (interactionUrl === undefined) return problems
  if (role !== 'front' && frontKeys.length === 0) {
    problems.push({ path: ['interactionUrl'], message: 'needs front_keys beside it' })
  }
  if (URL.parse(interactionUrl)?.hostname !== URL.parse(issuer)?.hostname) {
    const message = "must be on the issuer's host: only there can it see which browser it is"
    problems.push({ path: ['interactionUrl'], message })
  }
  return problems
}
