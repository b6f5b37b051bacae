/**
 * One program as two processes, `serve --role front` and `serve --role api`, and the official MCP
 * client, which is given the address of the API's resource and finds everything else.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DemoPerson } from '../../src/cli/demo-person.ts'
import {
  newPlace,
  type Place,
  run,
  type Serving,
  sourceProgram,
  startServing,
} from '../cli/processes.ts'
import { booking, connectApp, endpointOf, McpApp } from '../support/mcp-app.ts'
import { isLive } from '../support/oauth-client.ts'
import { OperatorApp } from '../support/operator-app.ts'
import { freePort } from '../support/server.ts'
import { afterAll, beforeAll, expect, test } from '../support/test.ts'
import { admin, adminEnv } from './whole-flow.ts'

interface Half {
  readonly place: Place
  readonly serving: Serving
}

interface Pair {
  readonly front: Half
  readonly api: Half
  readonly privateKey: string
}

const started: Pair[] = []
let pair: Pair
beforeAll(async () => {
  pair = await startPair()
})
afterAll(async () => {
  for (const { place, serving } of started.flatMap(({ front, api }) => [front, api])) {
    expect(await serving.end('SIGTERM')).toBe(0)
    place.remove()
  }
})

async function startPair(further: (issuer: string) => Record<string, string> = () => ({})) {
  const [frontPort, apiPort] = [await freePort(), await freePort()].map(String)
  const issuer = `http://localhost:${frontPort}`
  const both = { GRANTLOG_ISSUER: issuer, GRANTLOG_API_URL: `http://localhost:${apiPort}` }
  const { privateKey, publicKey } = await newKeyPair()
  const api = await start('api', {
    ...both,
    ...adminEnv,
    ...further(issuer),
    PORT: String(apiPort),
    GRANTLOG_FRONT_KEYS: publicKey,
  })
  const front = await start('front', {
    ...both,
    PORT: String(frontPort),
    GRANTLOG_FRONT_PRIVATE_KEY: privateKey,
  })
  const running: Pair = { front, api, privateKey }
  started.push(running)
  return running
}

/** As an operator makes it. */
async function newKeyPair(): Promise<{ privateKey: string; publicKey: string }> {
  const place = await newPlace()
  const { out } = await run(sourceProgram, { place, args: ['key', 'front'] })
  place.remove()
  const halfOf = (name: string) => out.match(new RegExp(`^GRANTLOG_${name}=(.+)$`, 'm'))?.[1] ?? ''
  return { privateKey: halfOf('FRONT_PRIVATE_KEY'), publicKey: halfOf('FRONT_KEYS') }
}

async function start(role: string, env: Record<string, string>): Promise<Half> {
  const place = await newPlace()
  Object.assign(place.env, env)
  return { place, serving: await startServing(sourceProgram, place, ['--role', role]) }
}

test('an MCP client is let in at the front and works at the API', async () => {
  const { front, api } = pair
  const person = new DemoPerson(front.serving.url, admin)
  const app = new McpApp(person)
  const client = await connectApp(app, endpointOf(api.serving))
  expect(app.redirects.map(({ origin }) => origin)).toEqual([front.serving.url])
  const booked = await client.callTool({ name: 'book_restaurant', arguments: booking })
  expect(booked.structuredContent).toMatchObject({ status: 'queued' })
  expect(await isLive(api.serving, app.held().access_token)).toBe(true)
  await client.close()
})

test('an MCP client is let in by an app of the operator’s own, and works at the API', async () => {
  const { front, api, privateKey } = await startPair((issuer) => ({
    GRANTLOG_INTERACTION_URL: `${issuer}/connect`,
  }))
  const hosts = { issuer: front.serving.url, apiUrl: api.serving.url, privateKey }
  const operatorApp = new OperatorApp(hosts)
  const answer = (url: string) => operatorApp.answer(url, { sub: 'someone', name: 'Some One' })
  const app = new McpApp({ answer })
  const client = await connectApp(app, endpointOf(api.serving))
  const booked = await client.callTool({ name: 'book_restaurant', arguments: booking })
  expect(booked.structuredContent).toMatchObject({ status: 'queued' })
  await client.close()
})

test('the front keeps neither database nor secret, and shows no key', async () => {
  const { front, api } = pair
  expect(existsSync(join(front.place.folder, 'data'))).toBe(false)
  expect(existsSync(join(api.place.folder, 'data', 'secret'))).toBe(true)
  const { env } = front.place
  expect(front.serving.output()).not.toContain(env.GRANTLOG_FRONT_PRIVATE_KEY ?? '?')
})
