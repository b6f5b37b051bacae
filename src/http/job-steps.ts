/** What a worker reports, read from JSON: each step is as declared, or the place of the wrong one is told. */
import { type Static, Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import type { Settings } from '../config/settings.ts'
import { Payment } from '../domain/job-events.ts'
import type { ReportedStep } from '../jobs/worker-steps.ts'
import { OAuthError } from '../protocol/oauth-error.ts'

const noteCharactersMax = 1000
const parametersBytesMax = 8192

const note = Type.String({ minLength: 1, maxLength: noteCharactersMax })
const strict = { additionalProperties: false }
const url = Type.String({ pattern: '^https://', maxLength: 2048 })
const sent = <T extends string>(type: T) => ({ type: Type.Literal(type) })

const stepSchema = Type.Union([
  Type.Object(sent('heartbeat'), strict),
  Type.Object(
    {
      ...sent('progress'),
      note,
      percent: Type.Optional(Type.Number({ minimum: 0, maximum: 100 })),
    },
    strict,
  ),
  Type.Object({ ...sent('paused_payment'), note, payment: Payment }, strict),
  Type.Object({ ...sent('captcha'), note, url }, strict),
  Type.Object({ ...sent('needs_login'), note, url }, strict),
  Type.Object({ ...sent('done'), result: Type.Unknown() }, strict),
  Type.Object(
    { ...sent('error'), code: Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' }), message: note },
    strict,
  ),
  Type.Object(sent('released'), strict),
])
type SentStep = Static<typeof stepSchema>

const compiled = TypeCompiler.Compile(stepSchema)

/** @throws {OAuthError} invalid_request, with the place of what is wrong */
export function readSteps(settings: Settings, given: readonly unknown[]): ReportedStep[] {
  return given.map((one, place) => {
    if (!compiled.Check(one)) throw wrong(place, 'is no step that this takes')
    const problem = problemOf(settings, one)
    if (problem !== undefined) throw wrong(place, problem)
    return stepOf(one)
  })
}

/** What the schema cannot say. */
function problemOf({ jobs }: Settings, step: SentStep): string | undefined {
  if (step.type === 'done' && bytesOf(step.result) > jobs.resultBytesMax) {
    return `has a result of over ${jobs.resultBytesMax} bytes`
  }
  if (step.type === 'paused_payment' && bytesOf(step.payment.parameters) > parametersBytesMax) {
    return `has parameters of over ${parametersBytesMax} bytes`
  }
  if ('url' in step) {
    const address = URL.parse(step.url)
    if (address?.username !== '' || address.password !== '') return 'has no plain URL'
  }
  return undefined
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '')
}

function stepOf(step: SentStep): ReportedStep {
  switch (step.type) {
    case 'heartbeat':
      return { kind: 'heartbeat' }
    case 'progress': {
      const { type: _, ...progress } = step
      return { kind: 'progress', ...progress }
    }
    case 'paused_payment':
    case 'captcha':
    case 'needs_login': {
      const { type: pause, ...shown } = step
      return { kind: 'pause', pause, ...shown }
    }
    case 'done':
      return { kind: 'finish', result: step.result }
    case 'error':
      return { kind: 'fail', code: step.code, message: step.message }
    case 'released':
      return { kind: 'let go' }
    default:
      return step satisfies never
  }
}

function wrong(place: number, problem: string): OAuthError {
  return new OAuthError('invalid_request', `events[${place}] ${problem}`)
}
