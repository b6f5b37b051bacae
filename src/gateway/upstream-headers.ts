/**
 * What goes to a server elsewhere beside the message: all of it made here. Nothing that the client
 * sent is copied, so neither its token nor a header by which it would be somebody else gets there.
 *
 * Who asks is said in one signed header, which the server checks by our JWK set:
 *
 *   X-Grantlog-Identity: JWT { iss, aud, sub, owner, client_id, grant, scope, jti, iat, exp, request_hash }
 *
 * @see [RFC 7519 §4.1 - Registered Claim Names](https://www.rfc-editor.org/rfc/rfc7519.html#section-4.1)
 * @see [RFC 9068 §2.2 - JWT Access Token Claims](https://www.rfc-editor.org/rfc/rfc9068.html#section-2.2)
 * @see [MCP 2026-07-28 - Authorization, Token Passthrough](https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization)
 */
import { newId } from '../domain/ids.ts'
import { sha256 } from '../domain/keyring.ts'
import { actClaim } from '../protocol/tokens/access-token.ts'
import { type About, subjectForResource } from '../protocol/tokens/subject.ts'
import type { Message } from './message.ts'
import { mirrorHeaders } from './mirrored-headers.ts'
import type { LiveTool } from './tool-definitions.ts'
import type { Visit } from './visit.ts'

const identityHeader = 'x-grantlog-identity'
const identityType = 'grantlog-identity+jwt'
const signedSeconds = 60

export interface Outgoing {
  readonly method: 'POST' | 'GET' | 'DELETE'
  readonly body?: string
  readonly message?: Message
  /** Of a call. */
  readonly tool?: LiveTool | undefined
}

export async function headersFor(
  visit: Visit,
  { method, body, message, tool }: Outgoing,
): Promise<Record<string, string>> {
  const { session, lastEvent, protocolVersion } = visit
  const accept = method === 'POST' ? 'application/json, text/event-stream' : 'text/event-stream'
  return {
    accept,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(session === undefined ? {} : { 'mcp-session-id': session }),
    ...(lastEvent === undefined ? {} : { 'last-event-id': lastEvent }),
    ...(protocolVersion === undefined ? {} : { 'mcp-protocol-version': protocolVersion }),
    ...(message === undefined ? {} : mirrorHeaders(message, { protocolVersion, tool })),
    ...(await credentialOf(visit)),
    [identityHeader]: await identityOf(visit, body ?? ''),
  }
}

/** Both are about the person as this resource knows them, and for a minute. */
async function claimsFor({ gate, token }: Visit) {
  const { services, resource, upstream } = gate
  const { sub, userId, agent, clientId, scopes } = token
  const ownerId = agent?.ownerId
  const knownAs = (whom: About) =>
    subjectForResource(services, { ...whom, resource: resource.resource })
  const iat = Math.floor(services.now() / 1000)
  return {
    iss: services.settings.issuer,
    aud: upstream.audience ?? upstream.url,
    sub: await knownAs({ sub, userId }),
    ...(ownerId === undefined ? {} : { owner: await knownAs({ sub: ownerId, userId: ownerId }) }),
    client_id: clientId,
    scope: scopes.join(' '),
    jti: newId('gtw'),
    iat,
    exp: iat + signedSeconds,
  }
}

async function identityOf(visit: Visit, body: string): Promise<string> {
  const { grantId } = visit.token
  const claims = {
    ...(await claimsFor(visit)),
    ...(grantId === undefined ? {} : { grant: grantId }),
    request_hash: sha256(body),
  }
  return visit.gate.services.signer.sign(claims, { alg: 'ES256', typ: identityType })
}

async function credentialOf(visit: Visit): Promise<Record<string, string>> {
  const { upstream, secret = '', services } = visit.gate
  switch (upstream.credential) {
    case 'none':
      return {}
    case 'bearer':
      return { authorization: `Bearer ${secret}` }
    case 'header':
      return { [upstream.credentialHeader ?? '']: secret }
    case 'exchange': {
      const { sub, userId, agent, clientId, actors } = visit.token
      const isOfOther = sub !== clientId && (userId !== undefined || agent !== undefined)
      const acting = isOfOther ? [{ sub: clientId, clientId }, ...actors] : actors
      const claims = { ...(await claimsFor(visit)), ...actClaim(acting) }
      const jwt = await services.signer.sign(claims, { alg: 'ES256', typ: 'at+jwt' })
      return { authorization: `Bearer ${jwt}` }
    }
    default:
      return upstream.credential satisfies never
  }
}
