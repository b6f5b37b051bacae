/**
 * What another service says of a person, whatever way it says it: who they are there, and which of
 * its words are believed here.
 */
import type { Upstream } from '../config/upstream-settings.ts'
import type { Keyring } from '../domain/keyring.ts'
import type { Services } from '../protocol/services.ts'

/** A person as another service knows them. */
export interface UpstreamPerson {
  /** The service, and what it calls the person: together they are the person, and nothing else is. */
  readonly issuer: string
  readonly subject: string
  /** What people know that account by. */
  readonly label: string
  readonly name: string
  /** Only one that the service itself has verified. */
  readonly verifiedEmail?: string
  /** As the service says it, where it does. */
  readonly amr?: readonly string[]
  /** When the person last proved to the service who they are; milliseconds since 1970. */
  readonly authenticatedAt?: number
}

export type UpstreamProblem = 'upstream_expired' | 'upstream_denied' | 'upstream_failed'

/** Why a person who went to another service came back without a proof. */
export class UpstreamRefused extends Error {
  override name = 'UpstreamRefused'
  readonly problem: UpstreamProblem
  /** @param cause for our log */
  constructor(problem: UpstreamProblem, cause: unknown) {
    super(`Cannot sign in elsewhere: ${cause instanceof Error ? cause.message : cause}`, { cause })
    this.problem = problem
  }
}

export function findUpstream(
  { settings }: Pick<Services, 'settings'>,
  id: string | null | undefined,
): Upstream | undefined {
  return settings.upstreams.find((upstream) => upstream.id === id)
}

/** Those that a button can lead to. */
export function upstreamsWithButton({ settings }: Pick<Services, 'settings'>): Upstream[] {
  return settings.upstreams.filter(({ kind }) => kind !== 'telegram_widget')
}

/** What an identity is found by, so that the log and the tables need not hold it. */
export function identityKey(
  keyring: Keyring,
  { issuer, subject }: Pick<UpstreamPerson, 'issuer' | 'subject'>,
  version?: number,
): string {
  return keyring.mac('lookup', ['identity', issuer, subject], version)
}

/** RFC 8176 has no value for "another service says so"; this one is in use elsewhere. */
const federated = 'fed'
const amrValuesMax = 10

/** How the person proved who they are, as clients are told it. */
export function amrOf({ trustAmr }: Upstream, { amr = [] }: UpstreamPerson): string[] {
  const said = amr.filter((value) => /^[a-z0-9_-]{1,32}$/i.test(value)).slice(0, amrValuesMax)
  return trustAmr && said.length > 0 ? said : [federated]
}
