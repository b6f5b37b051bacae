/**
 * How well a person must have proved who they are, as clients name it, and stepping up to it. Two
 * classes are known: two factors, and a proof that cannot be lured away. A password alone is none,
 * and is called nothing.
 *
 * @see [OpenID Connect Core 1.0 §5.5.1.1 - Requesting the "acr" Claim](https://openid.net/specs/openid-connect-core-1_0.html#acrSemantics)
 * @see [RFC 9470 §4 - Authorization Request](https://www.rfc-editor.org/rfc/rfc9470.html#section-4)
 */
import { type ContextClass, contextClasses } from '../../config/context-classes.ts'
import { findPasskeysOf, findTotp } from '../../projections/authenticators.ts'
import { OAuthError } from '../oauth-error.ts'
import type { Services } from '../services.ts'

const [, twoFactors] = contextClasses

export function isContextClass(name: string): name is ContextClass {
  return contextClasses.some((each) => each === name)
}

export interface ContextTerms {
  /** The classes that the client would have, the best first; any of them will do. */
  readonly acrValues?: readonly string[]
  /** Without one of them there is to be no answer. */
  readonly acrEssential?: true
}

/** The classes that these ways to prove it reach (RFC 8176). */
function reached(amr: readonly string[]): ContextClass[] {
  if (!amr.includes('mfa')) return []
  const byKey = amr.includes('hwk') || amr.includes('swk')
  return byKey ? [...contextClasses] : [twoFactors]
}

/** Whether these ways to prove it reach one of these classes. */
export function meetsOneOf(classes: readonly string[], amr: readonly string[]): boolean {
  const met: readonly string[] = reached(amr)
  return classes.some((each) => met.includes(each))
}

/** Whether a condition that the client set is met; a wish is none. */
export function meetsCondition(
  { acrValues = [], acrEssential }: ContextTerms,
  amr: readonly string[],
): boolean {
  return !acrEssential || meetsOneOf(acrValues, amr)
}

/** What the ID token says: of what was asked for, else the best that there is. */
export function contextClassOf(
  amr: readonly string[],
  asked: readonly string[] = [],
): string | undefined {
  const classes: readonly string[] = reached(amr)
  return asked.find((each) => classes.includes(each)) ?? classes[0]
}

/** What a resource demands; 0 seconds are for ever. */
interface Demands {
  readonly acrValues: readonly ContextClass[]
  readonly maxAgeSeconds: number
}

/**
 * What a client asks for, with what the resources themselves demand: a client that knows nothing of
 * that gets a token that will do all the same.
 */
export function withDemands<T extends ContextTerms & { readonly maxAgeSeconds?: number }>(
  asked: T,
  resources: readonly Demands[],
): T {
  const limits = resources.map(({ maxAgeSeconds }) => maxAgeSeconds).filter((each) => each > 0)
  const ages = [...limits, asked.maxAgeSeconds ?? Number.POSITIVE_INFINITY]
  const age = limits.length === 0 ? {} : { maxAgeSeconds: Math.min(...ages) }
  // A better class is in the place of a lesser one; the resource that wants most decides.
  const places = resources
    .filter(({ acrValues }) => acrValues.length > 0)
    .map(({ acrValues }) => Math.max(...acrValues.map((each) => contextClasses.indexOf(each))))
  if (places.length === 0) return { ...asked, ...age }
  const enough: readonly string[] = contextClasses.slice(0, Math.min(...places) + 1)
  const wished = (asked.acrValues ?? []).filter((each) => enough.includes(each))
  const isCondition = asked.acrEssential && wished.length > 0
  const acrValues = isCondition ? wished : [...new Set([...wished, ...enough])]
  return { ...asked, ...age, acrValues, acrEssential: true }
}

export function unmetContext(): OAuthError {
  return new OAuthError(
    'access_denied',
    'The authentication context that is asked for is not there',
  )
}

interface Proved {
  readonly userId: string
  readonly startedAt: number
  readonly amr: readonly string[]
}

/**
 * Whether this session will do, another sign-in could do better, or nothing that this person has.
 * A wish is tried for once; what is essential, until it is there.
 */
export async function stepUp(
  { reader }: Pick<Services, 'reader'>,
  { acrValues = [], acrEssential, receivedAt }: ContextTerms & { readonly receivedAt: number },
  { userId, startedAt, amr }: Proved,
): Promise<'enough' | 'sign in' | 'unmet'> {
  if (acrValues.length === 0 || meetsOneOf(acrValues, amr)) return 'enough'
  const possible: string[] = []
  if ((await findPasskeysOf(reader, userId)).length > 0) possible.push(...contextClasses)
  if (await findTotp(reader, userId)) possible.push(twoFactors)
  const canBeMet = acrValues.some((each) => possible.includes(each))
  if (acrEssential) return canBeMet ? 'sign in' : 'unmet'
  return canBeMet && startedAt < receivedAt ? 'sign in' : 'enough'
}
