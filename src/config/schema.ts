/** The words that settings are described with: kinds of values, each with limits and a meaning. */
import { type SchemaOptions, type TLiteral, type TUnion, Type } from '@sinclair/typebox'
import type { SettingFormat } from './formats.ts'

/** What a setting's schema says beside its type. */
export interface SettingOptions extends SchemaOptions {
  readonly description: string
  readonly format?: SettingFormat
  /** Never shown: not in a message, a log line or `grantlog settings`. */
  readonly secret?: true
  /** How to describe a default that is worked out from other settings. */
  readonly defaultText?: string
}

export const minute = 60
export const hour = 60 * minute
export const day = 24 * hour

export function text(options: SettingOptions) {
  return Type.String({ minLength: 1, ...options })
}

export function flag(options: SettingOptions) {
  return Type.Boolean(options)
}

export function whole(range: { from: number; to: number }, options: SettingOptions) {
  return Type.Integer({ minimum: range.from, maximum: range.to, ...options })
}

export function seconds(options: SettingOptions & { from?: number }) {
  const { from = 1, ...rest } = options
  return whole({ from, to: 10 * 365 * day }, rest)
}

export function oneOf<const T extends readonly string[]>(names: T, options: SettingOptions) {
  return Type.Union(
    names.map((name) => Type.Literal(name)),
    options,
  ) as unknown as TUnion<{ -readonly [K in keyof T]: TLiteral<T[K] & string> }>
}

export function group<P extends Parameters<typeof Type.Object>[0]>(properties: P) {
  return Type.Object(properties, { default: {}, additionalProperties: false })
}
