/** As many of everything that pages list as a test wants, put in past the endpoints. */
import { clientDecider } from '../../src/domain/client.ts'
import { execute, type Verdict, type Work } from '../../src/domain/execute.ts'
import { grantDecider } from '../../src/domain/grant.ts'
import { newId } from '../../src/domain/ids.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { sessionDecider } from '../../src/domain/session.ts'
import { registerUser } from '../../src/identity/register-user.ts'
import { giveApiToken } from './api-tokens.ts'
import type { TestServer } from './server.ts'

const day = 24 * 60 * 60 * 1000
const atOnce = 100
const cause = { actor: 'cli', correlationId: 'test' }

/**
 * Gives this person so many apps, tokens and sessions, of which every other was left alone; and the
 * server so many people and clients.
 */
export async function fillLists(server: TestServer, userId: string, count: number): Promise<void> {
  for (let from = 0; from < count; from += atOnce) {
    const some = Array.from({ length: Math.min(atOnce, count - from) }, (_, index) => from + index)
    await Promise.all(some.map((nth) => addOne(server, userId, nth)))
  }
  // Each takes the next free place of its person, so one comes after the other.
  for (
    let made = 0;
    made < Math.min(count, server.services.settings.apiTokens.perAccount);
    made++
  ) {
    await giveApiToken(server, { userId, scopes: ['read'] })
  }
}

async function addOne(server: TestServer, userId: string, nth: number): Promise<void> {
  const { log, settings, now } = server.services
  const at = now()
  const resource = settings.resources[0]?.resource ?? ''
  const access = { resource, scopes: ['book', 'read'] }
  const [clientId, grantId] = [newId('cli'), newId('grt')]
  const run = (work: (work: Work) => Promise<Verdict<string>>) => execute<string>(log, cause, work)
  const redirectUris = [`https://app-${nth}.example.com/oauth/callback`]
  await run((work) =>
    work.decide(clientDecider, clientId, {
      kind: 'register',
      registration: {
        clientId,
        registeredVia: 'preregistered',
        metadata: {
          clientName: `The assistant number ${nth} for everything`,
          redirectUris,
          grantTypes: ['authorization_code', 'refresh_token'],
          responseTypes: ['code'],
          tokenEndpointAuthMethod: 'none',
          applicationType: 'web',
        },
        contacts: [],
        now: at,
      },
    }),
  )
  const codeHash = sha256(`code ${grantId}`)
  await run((work) =>
    work.decide(grantDecider, grantId, {
      kind: 'approve',
      terms: {
        ...{ grantId, userId, clientId, via: 'authorization_code', access: [access] },
        ...{ codeHash, codeChallenge: sha256('verifier'), codeExpiresAt: at + day },
        ...{ authTime: at, amr: ['pwd'], at },
      },
    }),
  )
  await run((work) =>
    work.decide(grantDecider, grantId, {
      kind: 'redeem code',
      ...{ via: 'authorization_code', clientId, codeHash, codeChallenge: sha256('verifier') },
      tokens: {
        ...{ generation: 1, ...access, keyVersion: 1, nonce: 'nonce' },
        accessTokenHash: sha256(`access ${grantId}`),
        accessExpiresAt: at + day,
        refreshTokenHash: sha256(`refresh ${grantId}`),
        refreshExpiresAt: at + 30 * day,
      },
      bindsRefreshToken: false,
      now: at,
    }),
  )
  await registerUser(server.services, {
    ...{ email: `person-${nth}@example.com`, name: `Person number ${nth}` },
    ...{ admin: false, actor: 'cli' },
  })
  const sessionId = newId('ses')
  if (nth % 2 === 0) {
    const use = { kind: 'session-use', id: sessionId, body: { at } }
    await server.services.expiring.put({ ...use, expiresAt: at + day })
  }
  await run((work) =>
    work.decide(sessionDecider, sessionId, {
      kind: 'start',
      start: {
        ...{ sessionId, userId, tokenHash: sha256(sessionId), amr: ['pwd'], now: at },
        userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0.0.0 Safari/537.36',
        address: '203.0.113.7',
        expiresAt: at + day,
      },
    }),
  )
}
