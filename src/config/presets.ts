/**
 * Named sets of settings, chosen with `GRANTLOG_PRESET`. A preset stands between the defaults and
 * the file: whatever the file or the environment says wins over it.
 */
import type { GivenSettings } from './settings.ts'

export const presets: ReadonlyMap<string, GivenSettings> = new Map()
