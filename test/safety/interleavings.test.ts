/**
 * A token is asked for while the person is being disabled, the client deleted or the grant ended.
 * Every question to the log and every answer from it is held back until a scheduler lets it
 * through, in every order it can think of; the log behind is the real one, on a file.
 */
import fc from 'fast-check'
import { clientDecider } from '../../src/domain/client.ts'
import { execute } from '../../src/domain/execute.ts'
import { grantDecider } from '../../src/domain/grant.ts'
import { grantIdOf } from '../../src/domain/token-ref.ts'
import { userDecider } from '../../src/domain/user.ts'
import { findLiveAccessToken, findLiveRefreshToken } from '../../src/projections/live-tokens.ts'
import type { TokenResponse } from '../../src/protocol/grants/grant-type.ts'
import { OAuthError } from '../../src/protocol/oauth-error.ts'
import type { Services } from '../../src/protocol/services.ts'
import { refOfToken } from '../../src/protocol/tokens/token-handle.ts'
import { afterAll, beforeAll, describe, expect, test } from '../support/test.ts'
import { heldBack } from './held-back.ts'
import {
  type Approved,
  cause,
  consent,
  newClient,
  newUser,
  openWorld,
  redeem,
  refresh,
  type World,
} from './world.ts'

const numRuns = process.env.GRANTLOG_TEST_NIGHTLY ? 500 : 25

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

interface Situation {
  readonly approved: Approved
  readonly tokens: TokenResponse
}

/** What ends a grant, each as its own command would. */
const endings = {
  'the person is disabled': ({ log, now }: Services, { approved }: Situation) =>
    execute<string>(log, cause, (work) =>
      work.decide(userDecider, approved.userId, { kind: 'disable', reason: 'test', now: now() }),
    ),
  'the client is deleted': ({ log, now }: Services, { approved }: Situation) =>
    execute<string>(log, cause, (work) =>
      work.decide(clientDecider, approved.clientId, { kind: 'delete', now: now() }),
    ),
  'the grant is ended': ({ log, now }: Services, { approved }: Situation) => {
    const grantId = grantIdOf(refOfToken(approved.code))
    return execute<string>(log, cause, (work) =>
      work.decide(grantDecider, grantId, { kind: 'end', reason: 'revoked_by_user', now: now() }),
    )
  },
}

const endingTypes = ['UserDisabled', 'ClientDeleted', 'GrantEnded']

describe('once it was acknowledged that', () => {
  for (const [what, end] of Object.entries(endings)) {
    for (const how of ['a rotation', 'a repeat', 'three rotations', 'a redemption'] as const) {
      test(`${what}, ${how} at the same time has left no token that is good`, async () => {
        const seen = new Set<string>()
        await fc.assert(
          fc.asyncProperty(fc.scheduler(), async (s) => {
            const { services } = world
            const situation = await prepare(services, how)
            const held = { ...services, log: heldBack(services.log, s) }
            const asking = Array.from({ length: how === 'three rotations' ? 3 : 1 }, () =>
              settled(
                how === 'a redemption'
                  ? redeem(held, situation.approved)
                  : rotation(held, situation),
              ),
            )
            const [, ...answers] = await s.waitFor(Promise.all([end(held, situation), ...asking]))
            for (const answer of answers as Settled[]) {
              seen.add(answer ? 'given' : 'refused')
              if (answer) await expectDead(services, answer)
            }
            await expectDead(services, situation.tokens)
            await expectNothingAfterTheEnd(services, situation)
            expect(await settled(rotation(services, situation))).toBeUndefined()
          }),
          // A repeat asks the log once, so few orders let the end come before it.
          { numRuns: how === 'a repeat' ? numRuns * 4 : numRuns },
        )
        // Else the orders tried would not have been orders.
        expect([...seen].toSorted()).toEqual(['given', 'refused'])
      })
    }
  }
})

type Settled = TokenResponse | undefined

/** The answer, or undefined where the protocol refuses; any other failure is a failure. */
async function settled(asked: Promise<TokenResponse>): Promise<Settled> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof OAuthError) return undefined
    throw error
  }
}

function rotation(services: Services, { approved: { clientId }, tokens }: Situation) {
  return refresh(services, { clientId, refreshToken: tokens.refresh_token ?? '' })
}

async function prepare(services: Services, how: string): Promise<Situation> {
  const ids = { clientId: await newClient(services), userId: await newUser(services) }
  const approved = (await consent(services, ids)) as Approved
  if (how === 'a redemption') {
    return {
      approved,
      tokens: { access_token: '', token_type: 'Bearer', expires_in: 0, scope: '' },
    }
  }
  const tokens = await redeem(services, approved)
  if (how === 'a repeat') await rotation(services, { approved, tokens })
  return { approved, tokens }
}

async function expectDead({ reader, now }: Services, tokens: TokenResponse): Promise<void> {
  // Nothing was issued.
  if (tokens.access_token === '') return
  const at = now()
  const access = { ref: refOfToken(tokens.access_token), now: at }
  const refreshing = { ref: refOfToken(tokens.refresh_token ?? ''), now: at }
  expect(await findLiveAccessToken(reader, access)).toBeUndefined()
  expect(await findLiveRefreshToken(reader, refreshing)).toBeUndefined()
}

/** Nothing was issued at a position behind the one that ended it. */
async function expectNothingAfterTheEnd({ log }: Services, { approved }: Situation): Promise<void> {
  const { userId, clientId } = approved
  const [granted] = await log.read({ streamId: `client/${clientId}` })
  expect(granted?.type).toBe('ClientRegistered')
  let end: number | undefined
  const issued: number[] = []
  let grantStream: string | undefined
  for await (const event of log.replay({ after: granted?.position ?? 0 })) {
    if (event.type === 'GrantApproved' && event.payload.clientId === clientId)
      grantStream = event.streamId
    const isOurs = [`user/${userId}`, `client/${clientId}`, grantStream].includes(event.streamId)
    if (!isOurs) continue
    if (endingTypes.includes(event.type)) end ??= event.position
    if (['CodeRedeemed', 'RefreshTokenRotated'].includes(event.type)) issued.push(event.position)
  }
  expect(end).toBeGreaterThan(0)
  for (const position of issued) expect(position).toBeLessThan(end ?? 0)
}
