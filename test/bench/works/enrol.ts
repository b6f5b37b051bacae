/** Takes clients from their registration to live tokens, over HTTP as any client would. */
import {
  type Actor,
  authorizationPath,
  basic,
  type Client,
  newPkce,
  type Party,
  redirectUri,
} from './party.ts'

export type Unfilled = Omit<Party, 'actors' | 'cookie'>

export interface Enrolment {
  /** Opens the authorization URL in the person's browser; gives where it came back to the client. */
  readonly approve: (path: string) => Promise<URL>
  readonly register?: (number: number) => Promise<Client>
  /** What to ask for to be given a JWT; absent where the server cannot introspect one. */
  readonly askedForJwt?: Readonly<Record<string, string>>
}

/** Clients that are registered for everything, and consented to once. */
export async function enrol(
  party: Unfilled,
  { count, approve, register = registering(party), askedForJwt }: Enrolment & { count: number },
): Promise<Actor[]> {
  const actors: Actor[] = []
  for (let number = 1; number <= count; number += 1) {
    const client = await register(number)
    const tokens = await connect(party, { client, approve, asked: party.asked })
    const jwt = askedForJwt && (await connect(party, { client, approve, asked: askedForJwt }))
    actors.push({ ...client, ...tokens, ...(jwt ? { jwt: jwt.accessToken } : {}) })
  }
  return actors
}

function registering(party: Unfilled): (number: number) => Promise<Client> {
  return async (number) => {
    const { headers, metadata } = party.registration(-number)
    const response = await fetch(party.url + party.endpoints.register, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(metadata),
    })
    return clientOf(await bodyOf(response))
  }
}

export function clientOf(body: Record<string, unknown>): Client {
  return { id: String(body.client_id), secret: String(body.client_secret) }
}

async function connect(
  party: Unfilled,
  {
    client,
    approve,
    asked,
  }: { client: Client; approve: Enrolment['approve']; asked: Readonly<Record<string, string>> },
): Promise<{ accessToken: string; refreshToken: string }> {
  const { verifier, challenge } = newPkce()
  const wish = { client_id: client.id, code_challenge: challenge, ...asked }
  const back = await approve(authorizationPath(party, wish))
  const code = back.searchParams.get('code')
  if (!code) throw new Error(`Cannot connect a client: ${back}`)
  const { resource } = asked
  const form = {
    ...{ grant_type: 'authorization_code', code, code_verifier: verifier },
    ...{ redirect_uri: redirectUri, ...(resource === undefined ? {} : { resource }) },
  }
  const response = await fetch(party.url + party.endpoints.token, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: basic(client),
    },
    body: new URLSearchParams(form).toString(),
  })
  const body = await bodyOf(response)
  return { accessToken: String(body.access_token), refreshToken: String(body.refresh_token) }
}

export async function bodyOf(response: Response): Promise<Record<string, unknown>> {
  const text = await response.text()
  if (!response.ok) throw new Error(`Cannot set up: ${response.status} ${text.slice(0, 500)}`)
  return JSON.parse(text) as Record<string, unknown>
}
