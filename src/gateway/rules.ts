/**
 * Which scope a tool or a method takes. A name or a pattern with `*` says it; of several that fit
 * the one with the most letters of its own counts, and a name without `*` before all of them.
 */
import type { GatewayUpstream } from '../config/gateway-settings.ts'

type Scopes = Readonly<Record<string, string>>

/** What any token may ask that is good for the resource: it opens the conversation, and no more. */
const openMethods = ['initialize', 'ping', 'server/discover', 'tools/list'] as const

const expressions = new Map<string, RegExp>()

function fits(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return pattern === name
  const known = expressions.get(pattern)
  const expression = known ?? new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`)
  if (!known) expressions.set(pattern, expression)
  return expression.test(name)
}

function escaped(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\/-]/g, '\\$&')
}

function specificity(pattern: string): number {
  const letters = pattern.replaceAll('*', '').length
  return pattern.includes('*') ? letters : Number.POSITIVE_INFINITY
}

/** Undefined where nothing fits: it is not offered. */
function scopeIn(scopes: Scopes, name: string): string | undefined {
  const [best] = Object.keys(scopes)
    .filter((pattern) => fits(pattern, name))
    .sort((a, b) => specificity(b) - specificity(a))
  return best === undefined ? undefined : scopes[best]
}

export function scopeOfTool({ tools }: GatewayUpstream, tool: string): string | undefined {
  return scopeIn(tools, tool)
}

export type MethodRule =
  | { readonly kind: 'open' }
  | { readonly kind: 'scope'; readonly scope: string }
  | { readonly kind: 'not_offered' }

/** For every method but `tools/call`, for which the tool decides. */
export function ruleOfMethod({ methods }: GatewayUpstream, method: string): MethodRule {
  const scope = scopeIn(methods, method)
  if (scope !== undefined) return { kind: 'scope', scope }
  const isOpen = openMethods.some((open) => open === method) || method.startsWith('notifications/')
  return { kind: isOpen ? 'open' : 'not_offered' }
}

export function needsApproval({ approval }: GatewayUpstream, tool: string): boolean {
  return approval.some((pattern) => fits(pattern, tool))
}
