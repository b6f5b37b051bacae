/** The works that every OAuth server can do, in the words of the RFCs. */
import type { Work } from '../contenders/contender.ts'
import { type Answer, requestText } from '../load/connection.ts'
import { driveClosed } from '../load/drive.ts'
import {
  jsonOf,
  requireStatus,
  requireWords,
  type Step,
  textOf,
  type Worker,
  WrongAnswer,
} from '../load/worker.ts'
import { type Actor, authorizationPath, basic, newPkce, type Party, redirectUri } from './party.ts'

const formType = 'application/x-www-form-urlencoded'

/** How much longer stock is made than it is used: making it is slower. */
const stockFactor = 2

export async function oauthWorkers(
  party: Party,
  { work, seconds }: { work: Work; seconds: number },
): Promise<readonly Worker[]> {
  switch (work) {
    case 'introspection':
      return introspection(party, (actor) => actor.accessToken)
    case 'jwt-introspection':
      return introspection(party, (actor) => actor.jwt ?? '')
    case 'refresh':
      return refreshRotation(party)
    case 'client-credentials':
      return clientCredentials(party)
    case 'code-flow':
      return codeFlow(party)
    case 'registration':
      return registration(party)
    case 'revocation':
      return revocation(party, seconds * stockFactor)
    default:
      throw new Error(`Cannot do ${work}: it is not a work of every OAuth server`)
  }
}

function introspection(party: Party, token: (actor: Actor) => string): Worker[] {
  return party.actors.map((actor) =>
    always(introspectionStep(party, { actor, token: token(actor), active: true })),
  )
}

/** Asks whether a token is good, and knows the answer. */
export function introspectionStep(
  party: Party,
  { actor, token, active }: { actor: Actor; token: string; active: boolean },
): Step {
  return {
    request: formRequest(party, party.endpoints.introspect, { actor, form: { token } }),
    accept: (answer) => {
      requireWords(answer, 200, `"active":${active}`)
      return undefined
    },
  }
}

export interface RefreshedTokens {
  readonly accessToken: string
  readonly refreshToken: string
}

/** Rotates a refresh token; now and then the server is asked whether it means what it said. */
export function refreshStep(
  party: Party,
  { actor, refreshToken }: { actor: Actor; refreshToken: string },
  keep: (tokens: RefreshedTokens) => unknown,
): Step {
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken }
  return {
    request: formRequest(party, party.endpoints.token, { actor, form }),
    accept: (answer) => {
      const body = jsonOf(answer, 200)
      const now = textOf(body, 'refresh_token')
      const token = textOf(body, 'access_token')
      requireNew(answer, { now, before: refreshToken })
      keep({ accessToken: token, refreshToken: now })
      return isSample() ? introspectionStep(party, { actor, token, active: true }) : undefined
    },
  }
}

function refreshRotation(party: Party): Worker[] {
  return party.actors.map((actor) => ({
    next: () =>
      refreshStep(party, { actor, refreshToken: actor.refreshToken }, (tokens) =>
        Object.assign(actor, tokens),
      ),
  }))
}

function clientCredentials(
  party: Party,
  keep: (actor: Actor, token: string) => void = () => {},
): Worker[] {
  const form = { grant_type: 'client_credentials', ...party.askedForItself }
  return party.actors.map((actor) => {
    let before = ''
    const accept = (answer: Answer) => {
      const now = textOf(jsonOf(answer, 200), 'access_token')
      requireNew(answer, { now, before })
      before = now
      keep(actor, now)
      return undefined
    }
    return always({ request: formRequest(party, party.endpoints.token, { actor, form }), accept })
  })
}

/** The person is signed in and has consented before: a code by redirect, then tokens for it. */
function codeFlow(party: Party): Worker[] {
  return party.actors.map((actor) => ({
    next: () => {
      const { verifier, challenge } = newPkce()
      const asked = { client_id: actor.id, code_challenge: challenge, ...party.asked }
      const path = authorizationPath(party, asked)
      const request = requestText(party.url, { path, headers: { cookie: party.cookie } })
      return { request, accept: (answer) => redemption(party, { actor, verifier, answer }) }
    },
  }))
}

function redemption(
  party: Party,
  { actor, verifier, answer }: { actor: Actor; verifier: string; answer: Answer },
): Step {
  requireStatus(answer, 302, 303)
  const location = /\r\nlocation: *(\S+)/i.exec(answer.head)?.[1] ?? ''
  const code = location.startsWith(redirectUri) && new URL(location).searchParams.get('code')
  if (!code) throw new WrongAnswer(`a code, not ${location}`, answer)
  const { resource } = party.asked
  const form = {
    ...{ grant_type: 'authorization_code', code, code_verifier: verifier },
    ...{ redirect_uri: redirectUri, ...(resource === undefined ? {} : { resource }) },
  }
  return {
    request: formRequest(party, party.endpoints.token, { actor, form }),
    accept: (tokens) => {
      const body = jsonOf(tokens, 200)
      requireNew(tokens, { now: textOf(body, 'access_token'), before: actor.accessToken })
      textOf(body, 'refresh_token')
      return undefined
    },
  }
}

let registrations = 0

function registration(party: Party): Worker[] {
  return party.actors.map(() => ({
    next: () => {
      registrations += 1
      const { headers, metadata } = party.registration(registrations)
      const request = requestText(party.url, {
        method: 'POST',
        path: party.endpoints.register,
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(metadata),
      })
      return {
        request,
        accept: (answer) => {
          textOf(jsonOf(answer, 200, 201), 'client_id')
          return undefined
        },
      }
    },
  }))
}

/** Each revokes a token of its own that was good; those are made before, and not counted. */
async function revocation(party: Party, secondsOfStock: number): Promise<Worker[]> {
  const stock = new Map<Actor, string[]>(party.actors.map((actor) => [actor, []]))
  const minting = clientCredentials(party, (actor, token) => stock.get(actor)?.push(token))
  await driveClosed({ url: party.url, workers: minting, seconds: secondsOfStock })
  return party.actors.map((actor) => ({
    next: () => {
      const token = stock.get(actor)?.pop()
      if (token === undefined) return undefined
      return {
        request: formRequest(party, party.endpoints.revoke, { actor, form: { token } }),
        accept: (answer) => {
          requireStatus(answer, 200)
          return isSample() ? introspectionStep(party, { actor, token, active: false }) : undefined
        },
      }
    },
  }))
}

const unitsPerSample = 200
let unitsSinceSample = 0

/** Whether the answer to this unit is proved by a question of its own. */
function isSample(): boolean {
  unitsSinceSample = (unitsSinceSample + 1) % unitsPerSample
  return unitsSinceSample === 0
}

function always(step: Step): Worker {
  return { next: () => step }
}

function requireNew(answer: Answer, { now, before }: { now: string; before: string }): void {
  if (now === before) throw new WrongAnswer('a new token', answer)
}

function formRequest(
  { url }: Pick<Party, 'url'>,
  path: string,
  { actor, form }: { actor: Actor; form: Readonly<Record<string, string>> },
): string {
  const headers = { 'content-type': formType, authorization: basic(actor) }
  return requestText(url, {
    method: 'POST',
    path,
    headers,
    body: new URLSearchParams(form).toString(),
  })
}
