/**
 * Named sets of settings, chosen with `GRANTLOG_PRESET`. A preset stands between the defaults and
 * the file: whatever the file or the environment says wins over it, and it can say nothing that
 * they could not say too.
 */
import { aigon } from './presets/aigon.ts'
import { along } from './presets/along.ts'
import { authAgent } from './presets/auth-agent.ts'
import { onegent } from './presets/onegent.ts'
import type { GivenSettings } from './settings.ts'

export const presets = { aigon, 'auth-agent': authAgent, along, onegent } as const

export type PresetName = keyof typeof presets

export const presetNames = Object.keys(presets) as PresetName[]

export function findPreset(name: string): GivenSettings | undefined {
  return Object.hasOwn(presets, name) ? presets[name as PresetName] : undefined
}

/** Groups are merged, those inside them too; everything else is replaced as a whole. */
export function overlay<T extends object>(under: T, over: T): T {
  const result: { [name: string]: unknown } = { ...(under as object) }
  for (const [name, value] of Object.entries(over)) {
    const below = result[name]
    result[name] = isGroup(value) && isGroup(below) ? overlay(below, value) : value
  }
  return result as T
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
