/** What can happen to a client, and what it says of itself; see `client.ts` for the rules. */
import { type Static, Type } from '@sinclair/typebox'
import { defineEvent, type EventOf, hashed, open } from './event.ts'
import { signingAlgorithms } from './signing-key.ts'

/** A key as RFC 7517 writes it, its public members alone. */
export const PublicJwk = Type.Object({
  kty: Type.String(),
  crv: Type.Optional(Type.String()),
  x: Type.Optional(Type.String()),
  y: Type.Optional(Type.String()),
  n: Type.Optional(Type.String()),
  e: Type.Optional(Type.String()),
  kid: Type.Optional(Type.String()),
  alg: Type.Optional(Type.String()),
})
export type PublicJwk = Static<typeof PublicJwk>

/** Where in a certificate a client's name stands; the wire has `tls_client_auth_` before each. */
export const certificateNameKinds = [
  'subject_dn',
  'san_dns',
  'san_uri',
  'san_ip',
  'san_email',
] as const

export const CertificateName = Type.Object({
  kind: Type.Union(certificateNameKinds.map((kind) => Type.Literal(kind))),
  value: Type.String(),
})
export type CertificateName = Static<typeof CertificateName>

/** How a client that asks people without a browser learns their answer, and signs what it asks. */
export const BackChannel = Type.Object({
  deliveryMode: Type.Union([Type.Literal('poll'), Type.Literal('ping')]),
  /** Where it is told that there is an answer; with `ping` alone. */
  notificationEndpoint: Type.Optional(Type.String()),
  /** Requests that it has not signed with this are then not its own. */
  requestSigningAlg: Type.Optional(Type.String()),
})
export type BackChannel = Static<typeof BackChannel>

/** What a client says of itself, in our spelling. */
export const ClientMetadata = Type.Object({
  clientName: Type.String(),
  redirectUris: Type.Array(Type.String()),
  grantTypes: Type.Array(Type.String()),
  responseTypes: Type.Array(Type.String()),
  tokenEndpointAuthMethod: Type.Union([
    Type.Literal('none'),
    Type.Literal('client_secret_basic'),
    Type.Literal('client_secret_post'),
    Type.Literal('private_key_jwt'),
    Type.Literal('self_signed_tls_client_auth'),
    Type.Literal('tls_client_auth'),
  ]),
  /** What it signs with; absent when any algorithm that is offered will do. */
  tokenEndpointAuthSigningAlg: Type.Optional(Type.String()),
  /** Its keys, or where it publishes them: never both. */
  jwks: Type.Optional(Type.Object({ keys: Type.Array(PublicJwk) })),
  jwksUri: Type.Optional(Type.String()),
  /** What it signs its authorization requests with; absent when any that is offered will do. */
  requestObjectSigningAlg: Type.Optional(Type.String()),
  /** Requests that it has not signed are then not its own. */
  requireSignedRequestObject: Type.Optional(Type.Literal(true)),
  /** The name that a trusted authority must have certified; with `tls_client_auth` alone. */
  certificateName: Type.Optional(CertificateName),
  applicationType: Type.Union([Type.Literal('web'), Type.Literal('native')]),
  /** Space-separated; absent when the client asked for nothing in particular. */
  scope: Type.Optional(Type.String()),
  /** Types of RFC 9396 that it will ask for, and no others; absent for all. */
  authorizationDetailsTypes: Type.Optional(Type.Array(Type.String())),
  clientUri: Type.Optional(Type.String()),
  logoUri: Type.Optional(Type.String()),
  tosUri: Type.Optional(Type.String()),
  policyUri: Type.Optional(Type.String()),
  postLogoutRedirectUris: Type.Optional(Type.Array(Type.String())),
  /** Absent: RS256. */
  idTokenSignedResponseAlg: Type.Optional(
    Type.Union(signingAlgorithms.map((name) => Type.Literal(name))),
  ),
  softwareId: Type.Optional(Type.String()),
  softwareVersion: Type.Optional(Type.String()),
  /** It wants no token that is not bound to a key (RFC 9449 §5.2), or a certificate (RFC 8705 §3.4). */
  dpopBoundAccessTokens: Type.Optional(Type.Boolean()),
  tlsClientCertificateBoundAccessTokens: Type.Optional(Type.Boolean()),
  /** OpenID Connect CIBA; with that grant type alone. */
  backChannel: Type.Optional(BackChannel),
})
export type ClientMetadata = Static<typeof ClientMetadata>

/** How it became known; `document` is one whose id is the URL of its metadata. */
export const RegisteredVia = Type.Union([
  Type.Literal('dynamic'),
  Type.Literal('preregistered'),
  Type.Literal('document'),
])
export type RegisteredVia = Static<typeof RegisteredVia>

/** All that there is to know of a client, however it came here. */
const wholeClient = {
  clientId: open(Type.String()),
  registeredVia: open(RegisteredVia),
  metadata: open(ClientMetadata),
  /** Addresses of people, as the registration named them. */
  contacts: Type.Array(Type.String()),
  secretHash: Type.Optional(hashed()),
  /** Of the token that reads, changes and deletes this registration. */
  managementHash: Type.Optional(hashed()),
  /** One registration for everybody who sends the same: it belongs to nobody, and never changes. */
  shared: Type.Optional(open(Type.Literal(true))),
}

export const ClientRegistered = defineEvent('ClientRegistered', {
  version: 1,
  subject: 'clientId',
  payload: { ...wholeClient, at: open(Type.Integer()) },
})

/** All of the metadata as it is from now on, not what became different. */
export const ClientMetadataChanged = defineEvent('ClientMetadataChanged', {
  version: 1,
  subject: 'clientId',
  payload: {
    clientId: open(Type.String()),
    metadata: open(ClientMetadata),
    contacts: Type.Array(Type.String()),
    /** Whether it sends people or proves itself otherwise than when they consented to it. */
    voidsConsents: open(Type.Boolean()),
    at: open(Type.Integer()),
  },
})

/** The secret before this one is good until `previousEndsAt`. */
export const ClientSecretRotated = defineEvent('ClientSecretRotated', {
  version: 1,
  payload: {
    clientId: open(Type.String()),
    secretHash: hashed(),
    previousEndsAt: open(Type.Integer()),
    at: open(Type.Integer()),
  },
})

/** It holds no grant and has not been asked for in a long time: it is kept in the log alone. */
export const ClientHibernated = defineEvent('ClientHibernated', {
  version: 1,
  payload: { clientId: open(Type.String()), at: open(Type.Integer()) },
})

/** Somebody consents to it again; it is as it was, and the table is told all of it anew. */
export const ClientWoken = defineEvent('ClientWoken', {
  version: 1,
  subject: 'clientId',
  payload: { ...wholeClient, registeredAt: open(Type.Integer()), at: open(Type.Integer()) },
})

export const ClientDisabled = defineEvent('ClientDisabled', {
  version: 1,
  subject: 'clientId',
  payload: {
    clientId: open(Type.String()),
    reason: Type.String(),
    at: open(Type.Integer()),
  },
})

export const ClientEnabled = defineEvent('ClientEnabled', {
  version: 1,
  payload: { clientId: open(Type.String()), at: open(Type.Integer()) },
})

export const ClientDeleted = defineEvent('ClientDeleted', {
  version: 1,
  payload: { clientId: open(Type.String()), at: open(Type.Integer()) },
})

export const clientEventTypes = [
  ClientRegistered,
  ClientMetadataChanged,
  ClientSecretRotated,
  ClientHibernated,
  ClientWoken,
  ClientDisabled,
  ClientEnabled,
  ClientDeleted,
]

export type ClientEvent = EventOf<
  | typeof ClientRegistered
  | typeof ClientMetadataChanged
  | typeof ClientSecretRotated
  | typeof ClientHibernated
  | typeof ClientWoken
  | typeof ClientDisabled
  | typeof ClientEnabled
  | typeof ClientDeleted
>
