/**
 * What a person can choose from at this moment: as the settings say, or as the resource itself
 * answers when it is asked, because it alone knows what the person has there. What is chosen must
 * be among what it answers when the form comes back.
 *
 *   settings ── options ─────────────────────────────▶ shown, chosen, checked
 *   resource ◀─ a JWT of ours: for whom, for which client
 *            ── [{ "value", "label" }], so many bytes ─▶ the same
 *
 * The JWT is typed, so that it is never taken for an access token, and is for one receiver.
 *
 * @see [RFC 9396 §11.4 - Displaying Authorization Details to the User](https://www.rfc-editor.org/rfc/rfc9396.html#section-11.4)
 * @see [RFC 8725 §3.11 - Use Explicit Typing](https://www.rfc-editor.org/rfc/rfc8725.html#section-3.11)
 */
import { type Static, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { DetailField, DetailType } from '../../config/authorization-detail-settings.ts'
import { newId } from '../../domain/ids.ts'
import { findResource } from '../resources.ts'
import type { Services } from '../services.ts'
import { subjectForResource } from '../tokens/subject.ts'
import { type AuthorizationDetail, type Options, typeOf } from './authorization-details.ts'

const jwtType = 'grantlog-options+jwt'
const jwtSeconds = 60
/** A page of so many options is still a small one. */
const answerBytesMax = 16_384
const optionCountMax = 200

const answerSchema = Type.Array(
  Type.Object({
    value: Type.String({ pattern: '^[\\x20-\\x7e]{1,200}$' }),
    label: Type.String({ minLength: 1, maxLength: 200 }),
  }),
  { maxItems: optionCountMax },
)

/** For whom the options are. */
export interface Chooser {
  readonly clientId: string
  /** Empty where there is no account yet. */
  readonly userId: string
  /** What the front calls a person whom it has signed in. */
  readonly frontSubject?: string | undefined
}

/** The options of a field; undefined when they cannot be had now. */
export type OptionsOf = (field: DetailField) => Options | undefined

/** Asks for all of them at once; what the settings say needs no asking. */
export async function readOptions(
  services: Services,
  details: readonly AuthorizationDetail[],
  chooser: Chooser,
): Promise<OptionsOf> {
  const types = new Set(details.map(({ type }) => typeOf(services.settings, type)))
  const fetched = new Map<DetailField, Options>()
  const asking = [...types].flatMap((type) =>
    (type?.fields ?? []).map(async (field) => {
      if (type === undefined || field.optionsUrl === undefined) return
      const options = await fetchOptions(services, { type, url: field.optionsUrl, chooser })
      if (options) fetched.set(field, options)
    }),
  )
  await Promise.all(asking)
  return (field) => (field.optionsUrl === undefined ? field.options : fetched.get(field))
}

interface Question {
  readonly type: DetailType
  readonly url: string
  readonly chooser: Chooser
}

async function fetchOptions(services: Services, question: Question): Promise<Options | undefined> {
  const { url, chooser } = question
  if (chooser.userId === '' && chooser.frontSubject === undefined) return undefined
  const authorization = `Bearer ${await signQuestion(services, question)}`
  const answer = await services.outbound.request({
    url,
    headers: { accept: 'application/json', authorization },
    bytesMax: answerBytesMax,
    ofOperator: true,
    personWaits: true,
  })
  const options = answer.outcome === 'failed' ? answer.cause : readAnswer(answer)
  if (typeof options !== 'string') return options
  services.logger.warn({ url, cause: options }, 'the options of a choice could not be had')
  return undefined
}

async function signQuestion(services: Services, { type, url, chooser }: Question): Promise<string> {
  const { settings, signer, now } = services
  const { clientId, userId, frontSubject } = chooser
  const audience = type.resource ?? new URL(url).origin
  const iat = Math.floor(now() / 1000)
  const about = { sub: userId, userId, resource: audience }
  const claims = {
    iss: settings.issuer,
    aud: audience,
    client_id: clientId,
    iat,
    exp: iat + jwtSeconds,
    jti: newId('opt'),
    ...(userId === '' ? {} : { sub: await subjectForResource(services, about) }),
    ...(frontSubject === undefined ? {} : { front_sub: frontSubject }),
  }
  const alg = findResource(settings, audience)?.accessTokenSigningAlg ?? 'ES256'
  return signer.sign(claims, { alg, typ: jwtType })
}

/** The options, or why there are none; half a list would be none of the person's. */
function readAnswer({ status, body }: { status: number; body: string }): Options | string {
  if (status !== 200) return `status ${status}`
  let answer: unknown
  try {
    answer = JSON.parse(body)
  } catch {
    return 'no JSON'
  }
  if (!Value.Check(answerSchema, answer)) {
    const { path = '', message } = Value.Errors(answerSchema, answer).First() ?? {}
    return `${path.slice(0, 40)}: ${message}`
  }
  const listed: Static<typeof answerSchema> = answer
  const options = Object.fromEntries(listed.map(({ value, label }) => [value, label]))
  return Object.keys(options).length < listed.length ? 'a value is there twice' : options
}
