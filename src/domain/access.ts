/**
 * What a grant or a token gives access to, and who may use it: the pieces that every kind of
 * token shares.
 */
import { type Static, Type } from '@sinclair/typebox'

/** What the holder of a token must prove to use it (RFC 7800 §3.1). */
export const Confirmation = Type.Object({
  /** SHA-256 thumbprint of a DPoP key (RFC 9449 §6). */
  jkt: Type.Optional(Type.String()),
  /** SHA-256 thumbprint of a client's certificate (RFC 8705 §3.1). */
  'x5t#S256': Type.Optional(Type.String()),
})
export type Confirmation = Static<typeof Confirmation>

/** One resource, and what may be done there. */
export const Access = Type.Object({
  /** The RFC 8707 identifier, byte for byte as configured. */
  resource: Type.String(),
  scopes: Type.Array(Type.String()),
})
export type Access = Static<typeof Access>

export function exceeds(asked: readonly string[], allowed: readonly string[]): boolean {
  return asked.some((scope) => !allowed.includes(scope))
}

/** What of the access is also among the others, in its own order; what has no scope left is out. */
export function common(access: readonly Access[], others: readonly Access[]): Access[] {
  return access.flatMap(({ resource, scopes }) => {
    const other = others.find((o) => o.resource === resource)?.scopes ?? []
    const both = scopes.filter((scope) => other.includes(scope))
    return both.length > 0 ? [{ resource, scopes: both }] : []
  })
}

/** How many scopes there are at all resources together. */
export function breadth(access: readonly Access[]): number {
  return access.reduce((sum, { scopes }) => sum + scopes.length, 0)
}

/** Whether the holder of what is proved here holds this key, or certificate. */
export function confirms(thumbprint: string, proved: Confirmation = {}): boolean {
  return thumbprint === proved.jkt || thumbprint === proved['x5t#S256']
}

export function isSameConfirmation(a: Confirmation = {}, b: Confirmation = {}): boolean {
  return a.jkt === b.jkt && a['x5t#S256'] === b['x5t#S256']
}
