/** Pushed authorization requests in a few lines: the push, and the browser that brings it. */
import {
  type Answer,
  authorizationUrl,
  post,
  type Registered,
  redirectUri,
} from './oauth-client.ts'
import type { TestServer } from './server.ts'
import { expect } from './test.ts'

export const requestUriPrefix = 'urn:ietf:params:oauth:request_uri:'

export interface Pushed {
  readonly request_uri: string
  readonly expires_in: number
  readonly error?: string
  readonly error_description?: string
}

export type Asked = Record<string, string | undefined>

/** The form of a good request, but for what a test wants otherwise. */
export function formOf({ client_id }: Pick<Registered, 'client_id'>, asked: Asked = {}) {
  const { searchParams } = new URL(authorizationUrl({ url: 'http://unused' }, client_id, asked))
  return Object.fromEntries(searchParams)
}

export interface Push {
  readonly by: Pick<Registered, 'client_id'>
  readonly asked?: Asked
  readonly headers?: Record<string, string>
}

export function push(
  server: Pick<TestServer, 'url'>,
  { by, asked = {}, headers = {} }: Push,
): Promise<Answer<Pushed>> {
  return post<Pushed>(server, '/oauth/par', { form: formOf(by, asked), headers })
}

export interface PushedQuery extends Record<string, string> {
  readonly client_id: string
  readonly request_uri: string
}

/** Pushes, and gives what the browser then brings. */
export async function pushedQuery(
  server: Pick<TestServer, 'url'>,
  { client_id }: Pick<Registered, 'client_id'>,
  asked: Asked = {},
): Promise<PushedQuery> {
  const { body } = await push(server, { by: { client_id }, asked })
  return { client_id, request_uri: body.request_uri }
}

/** The authorization endpoint's answer to this query. */
export function follow(
  { url }: Pick<TestServer, 'url'>,
  query: Record<string, string> | string,
): Promise<Response> {
  return fetch(`${url}/oauth/authorize?${new URLSearchParams(query)}`, { redirect: 'manual' })
}

/** A person answers this query; gives where the browser is sent in the end. */
export function answered(
  server: Pick<TestServer, 'url' | 'person'>,
  query: Record<string, string>,
): Promise<URL> {
  return server.person().answer(`${server.url}/oauth/authorize?${new URLSearchParams(query)}`)
}

/** The parameters that a client is sent by redirect. */
export function toldTheClient(response: Response): Record<string, string> {
  const location = new URL(response.headers.get('location') ?? 'none:')
  expect(location.origin + location.pathname).toBe(redirectUri)
  return Object.fromEntries(location.searchParams)
}

export async function expectPage(response: Response): Promise<void> {
  expect(response.status).toBe(400)
  expect(response.headers.get('location')).toBeNull()
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(await response.text()).not.toContain(requestUriPrefix)
}

export function expectSignIn(response: Response): void {
  expect(response.status).toBe(303)
  expect(response.headers.get('location')).toStartWith('/sign-in?request=')
}
