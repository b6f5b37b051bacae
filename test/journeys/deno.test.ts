/** Deno serves the same application: the whole journey, over HTTP, with a process of Deno. */
import { denoProgram, newPlace, startServing } from '../cli/processes.ts'
import { startDocumentServer } from '../support/document-server.ts'
import { describe, expect, test } from '../support/test.ts'
import { outboundEnv, publishedClientFlow } from './published-client.ts'
import { adminEnv, wholeFlow } from './whole-flow.ts'

describe('the server on Deno', () => {
  test('serves the whole journey, and ends in order', async () => {
    const place = await newPlace()
    const env = { ...place.env, ...adminEnv }
    const server = await startServing(denoProgram, { ...place, env })
    await wholeFlow(server)
    expect(await server.end('SIGTERM')).toBe(0)
    expect(server.output()).not.toContain('"level":"error"')
    place.remove()
  })

  test('asks a site for what a client publishes, and no private address', async () => {
    const site = await startDocumentServer()
    const place = await newPlace()
    const env = { ...place.env, ...adminEnv, ...outboundEnv(site) }
    const server = await startServing(denoProgram, { ...place, env })
    await publishedClientFlow(server, site)
    await server.end('SIGTERM')
    place.remove()
    await site.stop()
  })
})
