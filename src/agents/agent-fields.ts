/**
 * What an agent may say of itself, and how long it may be. Nothing of it is believed; pages show
 * it as text that a stranger chose.
 */
import type { Settings } from '../config/settings.ts'
import { normalizeEmail } from '../protocol/email-address.ts'
import { OAuthError } from '../protocol/oauth-error.ts'

const handlePattern = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{1,62})[A-Za-z0-9]$/
/** Ids that this server makes: none of them may be an agent's name. */
const ownIdPattern = /^(?:agt|usr|grt|iss|dcr)_/i
const lineCharactersMax = 200
/** What bcrypt looks at, and more than anybody types. */
const secretBytesMax = { argon2id: 1024, bcrypt: 72 } as const
const differentCharactersMin = 6
// Controls, line and paragraph separators, and what turns the order of letters round.
const unfitForLine = /[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u

type Body = Readonly<Record<string, unknown>>

export interface RegistrationFields {
  readonly handle: string
  readonly secret: string
  readonly modelName: string
  readonly ownerName: string
  /** As it was given; accounts are compared by `ownerAddress`. */
  readonly ownerEmail: string
  readonly ownerAddress: string
}

/** @throws {OAuthError} invalid_request, which names the field and repeats nothing of it */
export function readRegistration(settings: Settings, body: unknown): RegistrationFields {
  const fields = objectOf(body)
  const handle = required(fields, 'agent_id')
  if (!handlePattern.test(handle) || ownIdPattern.test(handle)) {
    throw invalid('agent_id must be 3 to 64 letters, digits, dots, dashes and underscores')
  }
  const secret = readSecret(settings, fields, 'agent_secret')
  if (secret.toLowerCase().includes(handle.toLowerCase())) {
    throw invalid('agent_secret must not hold the agent_id')
  }
  const ownerEmail = required(fields, 'owner_email').trim()
  const ownerAddress = normalizeEmail(ownerEmail)
  if (ownerAddress === undefined) throw invalid('owner_email must be an e-mail address')
  const modelName = readLine(fields, 'model_name')
  const ownerName = readLine(fields, 'owner_name')
  return { handle, secret, modelName, ownerName, ownerEmail, ownerAddress }
}

/** @throws {OAuthError} invalid_request */
export function readSecret({ agents }: Settings, body: unknown, name: string): string {
  const secret = required(objectOf(body), name)
  const { secretCharactersMin: least, secretHash } = agents
  if ([...secret].length < least) throw invalid(`${name} must have at least ${least} characters`)
  if (Buffer.byteLength(secret) > secretBytesMax[secretHash]) {
    throw invalid(`${name} has over ${secretBytesMax[secretHash]} bytes`)
  }
  if (unfitForLine.test(secret)) throw invalid(`${name} holds a character that is not allowed`)
  if (new Set(secret.toLowerCase()).size < differentCharactersMin) {
    throw invalid(`${name} must have at least ${differentCharactersMin} different characters`)
  }
  return secret
}

export interface ProfileChange {
  readonly modelName?: string
  readonly ownerName?: string
}

const changeable = ['model_name', 'owner_name']
const fixed = ['agent_id', 'agent_secret', 'owner_email']

/** @throws {OAuthError} invalid_request, also for a field that never changes */
export function readProfileChange(body: unknown): ProfileChange {
  const fields = objectOf(body)
  const refused = fixed.find((name) => fields[name] !== undefined)
  if (refused) throw invalid(`${refused} cannot be changed here`)
  if (!changeable.some((name) => fields[name] !== undefined)) {
    throw invalid('model_name and owner_name can be changed; neither is there')
  }
  return {
    ...(fields.model_name === undefined ? {} : { modelName: readLine(fields, 'model_name') }),
    ...(fields.owner_name === undefined ? {} : { ownerName: readLine(fields, 'owner_name') }),
  }
}

function readLine(fields: Body, name: string): string {
  const line = required(fields, name).trim()
  if (line === '' || line.length > lineCharactersMax || unfitForLine.test(line)) {
    throw invalid(`${name} must be one line of at most ${lineCharactersMax} characters`)
  }
  return line
}

/** @throws {OAuthError} invalid_request in the words `Missing required parameter: <name>` */
export function required(fields: Body, name: string): string {
  const value = fields[name]
  if (value === undefined || value === '') throw invalid(`Missing required parameter: ${name}`)
  if (typeof value !== 'string') throw invalid(`${name} must be text`)
  return value
}

export function objectOf(body: unknown): Body {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Body
  throw invalid('The body must be a JSON object')
}

function invalid(words: string): OAuthError {
  return new OAuthError('invalid_request', words)
}
