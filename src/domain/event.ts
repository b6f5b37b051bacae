/**
 * What an event is, before it has a place in the log.
 *
 * ```ts
 * import { Type } from '@sinclair/typebox'
 *
 * defineEvent('UserRegistered', {
 *   version: 1,
 *   subject: 'userId',
 *   payload: {
 *     userId: open(Type.String()), // public: anyone who reads the log reads it
 *     emailKey: hashed(), // a keyed or high-entropy hash, never reversible
 *     email: Type.String(), // everything else is sealed for the subject
 *   },
 * })
 * ```
 *
 * The class of a field is part of its schema, so that it is decided where the field is born and
 * cannot be forgotten: a field that says nothing is sealed. A sealed field reads back as `null`
 * once its subject's key has been erased; folded state and guards therefore never depend on one.
 */
import { type Static, type TObject, type TSchema, Type } from '@sinclair/typebox'
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler'

export type FieldClass = 'public' | 'hash' | 'sealed'

declare const openMark: unique symbol
type OpenSchema = TSchema & { [openMark]: true }

/** Declares a payload field that anyone who may read the log may read. */
export function open<S extends TSchema>(schema: S): S & { [openMark]: true } {
  return { ...schema, fieldClass: 'public' } as unknown as S & { [openMark]: true }
}

/** Declares a payload field that holds a hash (unpadded base64url of 32 bytes), never its preimage. */
export function hashed() {
  const schema = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' })
  return { ...schema, fieldClass: 'hash' } as unknown as typeof schema & { [openMark]: true }
}

type PayloadFields = Record<string, TSchema>

type Payload<F extends PayloadFields> =
  Static<TObject<F>> extends infer P
    ? { [K in keyof P]: K extends keyof F ? (F[K] extends OpenSchema ? P[K] : P[K] | null) : never }
    : never

/** A kind of event: its name, the version of its payload, and who its sealed fields belong to. */
export interface EventType<Name extends string = string, P = unknown> {
  readonly name: Name
  readonly version: number
  /** The public payload field that names the person (or request) whose key seals; absent if nothing is sealed. */
  readonly subject: string | undefined
  readonly schema: TObject
  readonly fields: Readonly<Record<string, FieldClass>>
  /** True when the payload is one that may be written: complete, and nothing erased. */
  readonly check: (payload: unknown) => boolean
  /** Where a payload departs from its schema, by path, without the values. */
  readonly problems: (payload: unknown) => string[]
  (payload: P): { readonly type: Name; readonly payload: P }
}

/** An event as a decider makes it. */
export interface DomainEvent<Name extends string = string, P = unknown> {
  readonly type: Name
  readonly payload: P
}

export type EventOf<T> = T extends EventType<infer Name, infer P> ? DomainEvent<Name, P> : never

function fieldClass(schema: TSchema): FieldClass {
  return (schema as { fieldClass?: FieldClass }).fieldClass ?? 'sealed'
}

export function defineEvent<Name extends string, F extends PayloadFields>(
  name: Name,
  definition: { version: number; subject?: Extract<keyof F, string>; payload: F },
): EventType<Name, Payload<F>> {
  const fields: Record<string, FieldClass> = {}
  for (const [field, schema] of Object.entries(definition.payload)) {
    fields[field] = fieldClass(schema)
  }
  const sealsSomething = Object.values(fields).includes('sealed')
  if (sealsSomething && (!definition.subject || fields[definition.subject] !== 'public')) {
    throw new Error(`Cannot define "${name}": a sealed field needs a subject that is public`)
  }
  const schema = Type.Object(definition.payload, { additionalProperties: false })
  // Of all that could happen most never does in one process, and compiling takes its time.
  let compiled: TypeCheck<typeof schema> | undefined
  const checker = () => {
    compiled ??= TypeCompiler.Compile(schema)
    return compiled
  }
  const make = (payload: Payload<F>) => ({ type: name, payload })
  return Object.defineProperties(make, {
    name: { value: name },
    version: { value: definition.version },
    subject: { value: definition.subject },
    schema: { value: schema },
    fields: { value: fields },
    check: { value: (payload: unknown) => checker().Check(payload) },
    problems: {
      value: (payload: unknown) =>
        [...checker().Errors(payload)].map((e) => `${e.path || '/'}: ${e.message}`),
    },
  }) as unknown as EventType<Name, Payload<F>>
}
