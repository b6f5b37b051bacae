/** The example of docs/interactions.md, run as it stands there. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { publicFrontKey } from '../../src/protocol/front-key.ts'
import { authorizationUrl, newPkce, redeem, register } from '../support/oauth-client.ts'
import { OperatorApp } from '../support/operator-app.ts'
import { expect, test } from '../support/test.ts'
import { startTwoHosts } from '../support/two-hosts.ts'

interface Example {
  question(interaction: object, person: object): Promise<{ status: number; shown: string }>
  accept(interaction: object, person: object, shown: string): Promise<{ redirect_to: string }>
  deny(interaction: object): Promise<{ redirect_to: string }>
}

async function importExample(env: Record<string, string>): Promise<Example> {
  const code = readFileSync('docs/interactions.md', 'utf8')
    .split('<!-- example -->\n```js\n')[1]
    ?.split('\n```')[0]
  // Beside the tests, so that it finds its library.
  const folder = mkdtempSync(resolve('test/http/example-'))
  const file = join(folder, 'example.mjs')
  writeFileSync(file, code ?? '')
  Object.assign(process.env, env)
  try {
    return (await import(file)) as Example
  } finally {
    for (const name of Object.keys(env)) delete process.env[name]
    rmSync(folder, { recursive: true })
  }
}

test('an app that is written as the example says is believed', async () => {
  const hosts = await startTwoHosts({ interactionUrl: 'http://localhost:1/connect' })
  const { url: ISSUER, privateKey } = hosts
  const example = await importExample({
    ISSUER,
    API_URL: hosts.api.url,
    FRONT_PRIVATE_KEY: privateKey,
    FRONT_KEYS: publicFrontKey(privateKey),
  })
  const client = await register(hosts.api)
  const app = new OperatorApp({ issuer: ISSUER, apiUrl: hosts.api.url, privateKey })
  const arrive = async (challenge = newPkce().challenge) => {
    const asked = authorizationUrl(hosts, client.client_id, { code_challenge: challenge })
    const { id, cookie: browser } = await app.arrive(asked)
    return { id, browser }
  }
  const person = { id: 'ada', name: 'Ada', signedInAt: Math.floor(Date.now() / 1000) }
  const pkce = newPkce()
  const here = await arrive(pkce.challenge)
  const { status, shown } = await example.question(here, person)
  expect(status).toBe(200)
  const { redirect_to } = await example.accept(here, person, shown)
  const code = new URL(redirect_to).searchParams.get('code') ?? ''
  expect((await redeem(hosts.api, { client, code, pkce })).status).toBe(200)
  const denied = await example.deny(await arrive())
  expect(new URL(denied.redirect_to).searchParams.get('error')).toBe('access_denied')
  await hosts.stop()
})
