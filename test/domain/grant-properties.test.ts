/**
 * What no sequence of requests can bring about, in whatever order, at whatever time, with
 * whichever tokens. Every run is one grant under random requests, clocks that jump included.
 */
import fc from 'fast-check'
import type { Decision } from '../../src/domain/decider.ts'
import { type GrantState, grantDecider } from '../../src/domain/grant.ts'
import type { GrantCommand, GrantRefusal } from '../../src/domain/grant-commands.ts'
import type { GrantEvent } from '../../src/domain/grant-events.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { fold, typeOf } from '../support/given.ts'
import { describe, expect, test } from '../support/test.ts'
import { granted, pair, redeem, rotate, terms } from './grant-cases.ts'

interface Step {
  readonly before: GrantState
  readonly command: GrantCommand
  readonly decision: Decision<GrantEvent, GrantRefusal>
  readonly after: GrantState
}

/** A request is made when it is its turn, since what it presents depends on what was issued. */
type Request = (state: GrantState) => GrantCommand

const ttl = 40_000
const now = fc.oneof(fc.integer({ min: 0, max: 42_000 }), fc.constantFrom(10_000, 20_000, ttl))
const clientId = fc.oneof(
  { weight: 12, arbitrary: fc.constant(terms.clientId) },
  { weight: 1, arbitrary: fc.constant('cli_2') },
)
const scopes = fc.oneof(
  { weight: 3, arbitrary: fc.constant(granted.scopes) },
  { weight: 1, arbitrary: fc.subarray([...granted.scopes, 'mcp:admin']) },
)
const graceSeconds = fc.constantFrom(0, 10)

function generationOf(state: GrantState): number {
  return state.status === 'active' ? state.issue.generation : 0
}

function nextTokens(state: GrantState, asked: string[]) {
  const expiry = { accessExpiresAt: ttl, refreshExpiresAt: ttl }
  return { ...pair(generationOf(state) + 1), ...expiry, scopes: asked }
}

const approval = fc.constant<Request>(() => ({ kind: 'approve', terms }))

const redemption = fc
  .record({
    now,
    clientId,
    scopes,
    codeChallenge: fc.constantFrom(sha256('verifier'), sha256('verifier'), sha256('wrong')),
  })
  .map(
    ({ scopes, ...request }): Request =>
      (state) => {
        return { ...redeem(1), ...request, tokens: nextTokens(state, scopes) }
      },
  )

/** Presents the current token, one from some generations back, the code, or anything. */
const presented = fc.oneof(
  { weight: 12, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.constantFrom(1, 1, 2, 3) },
  { weight: 1, arbitrary: fc.constantFrom('code', 'made up') },
)

const rotation = fc.record({ now, clientId, scopes, graceSeconds, presented }).map(
  ({ scopes, presented, ...request }): Request =>
    (state) => {
      const token =
        typeof presented === 'string' ? presented : `refresh ${generationOf(state) - presented}`
      return { ...rotate(1, token), ...request, tokens: nextTokens(state, scopes) }
    },
)

const revocation = fc.record({ now, generation: fc.nat(4) }).map(
  ({ now, generation }): Request =>
    () => ({ kind: 'revoke access token', tokenHash: pair(generation).accessTokenHash, now }),
)

const end = now.map(
  (now): Request =>
    () => ({ kind: 'end', reason: 'revoked_by_user', now }),
)

const requests = fc.array(
  fc.oneof(
    { weight: 1, arbitrary: approval },
    { weight: 2, arbitrary: redemption },
    { weight: 12, arbitrary: rotation },
    { weight: 1, arbitrary: revocation },
    { weight: 1, arbitrary: end },
  ),
  { maxLength: 40 },
)

/** Half of the runs start with a good approval and redemption, to get somewhere. */
const opening: Request[] = [
  () => ({ kind: 'approve', terms }),
  (state) => ({ ...redeem(1), tokens: nextTokens(state, granted.scopes) }),
]
const sequences = fc.oneof(
  requests,
  requests.map((rest) => [...opening, ...rest]),
)

function run(sequence: readonly Request[]): Step[] {
  const steps: Step[] = []
  let state = grantDecider.initial
  for (const request of sequence) {
    const before = state
    const command = request(before)
    const decision = grantDecider.decide(command, before)
    for (const event of decision.events) state = grantDecider.evolve(state, event)
    steps.push({ before, command, decision, after: state })
  }
  return steps
}

function always(name: string, holds: (steps: Step[]) => void): void {
  test(name, () => {
    fc.assert(
      fc.property(sequences, (sequence) => holds(run(sequence))),
      { numRuns: 300 },
    )
  })
}

function eventsOf(steps: readonly Step[]): GrantEvent[] {
  return steps.flatMap(({ decision }) => [...decision.events])
}

describe('under any sequence of requests', () => {
  always('a step makes at most one generation, and generations have no gaps', (steps) => {
    for (const { before, decision, after } of steps) {
      expect(decision.events.length).toBeLessThanOrEqual(1)
      if (after.status !== 'active') continue
      expect([0, 1]).toContain(after.issue.generation - generationOf(before))
    }
  })

  always('the code gives tokens at most once', (steps) => {
    const redemptions = eventsOf(steps).filter(({ type }) => type === 'CodeRedeemed')
    expect(redemptions.length).toBeLessThanOrEqual(1)
  })

  always('a refresh token is rotated at most once', (steps) => {
    const spent = eventsOf(steps).flatMap((event) =>
      event.type === 'RefreshTokenRotated' ? [event.payload.presentedHash] : [],
    )
    expect(new Set(spent).size).toBe(spent.length)
  })

  always('nothing is accepted or recorded after the end', (steps) => {
    for (const { before, decision } of steps) {
      if (before.status !== 'ended') continue
      expect(decision.outcome).toBe('refused')
      expect(decision.events.filter(({ type }) => type !== 'GrantUseRefused')).toEqual([])
    }
  })

  always('tokens never carry a scope that was not approved', (steps) => {
    for (const event of eventsOf(steps)) {
      if (event.type !== 'CodeRedeemed' && event.type !== 'RefreshTokenRotated') continue
      expect(event.payload.scopes.filter((scope) => !granted.scopes.includes(scope))).toEqual([])
    }
  })

  always('another client gets nothing and harms nothing', (steps) => {
    for (const { command, decision } of steps) {
      if (!('clientId' in command) || command.clientId === terms.clientId) continue
      expect(decision.outcome).toBe('refused')
      expect(decision.events.filter(({ type }) => type !== 'GrantUseRefused')).toEqual([])
    }
  })

  always(
    'a refresh that is accepted presented the current token, or in time the one before',
    (steps) => {
      for (const { before, command, decision } of steps) {
        if (command.kind !== 'rotate' || decision.outcome === 'refused') continue
        if (before.status !== 'active') throw new Error(`refreshed while ${before.status}`)
        const { issue } = before
        const isCurrent = command.presentedHash === issue.refreshTokenHash
        expect(decision.events.length).toBe(isCurrent ? 1 : 0)
        expect(command.now).toBeLessThan(
          isCurrent ? issue.refreshExpiresAt : issue.at + command.graceSeconds * 1000,
        )
        expect([issue.refreshTokenHash, issue.presentedHash]).toContain(command.presentedHash)
      }
    },
  )

  always('with grace 0 no refresh token is accepted twice', (steps) => {
    const accepted = steps.flatMap(({ command, decision }) =>
      command.kind === 'rotate' && command.graceSeconds === 0 && decision.outcome === 'accepted'
        ? [command.presentedHash]
        : [],
    )
    expect(new Set(accepted).size).toBe(accepted.length)
  })

  always('whoever presents a spent token out of time ends the grant', (steps) => {
    for (const { decision, after } of steps) {
      if (decision.outcome === 'accepted' || !decision.reason.endsWith('replayed')) continue
      expect(after.status).toBe('ended')
      expect(after).toMatchObject({ reason: decision.reason })
    }
  })

  always('events are such as the store takes, and fold to the same state', (steps) => {
    const events = eventsOf(steps)
    for (const event of events) expect(typeOf(event).problems(event.payload)).toEqual([])
    expect(fold(grantDecider, events)).toEqual(steps.at(-1)?.after ?? grantDecider.initial)
  })

  test('the runs are worth something: they rotate, repeat and replay', () => {
    const steps = fc.sample(sequences, { numRuns: 300, seed: 1 }).flatMap(run)
    const generations = steps.map(({ after }) => generationOf(after))
    const reasons = new Set(steps.map(({ decision }) => 'reason' in decision && decision.reason))
    expect(Math.max(...generations)).toBeGreaterThan(3)
    for (const reason of ['refresh_replayed', 'code_replayed', 'repeat_differs', 'grant_ended']) {
      expect(reasons.has(reason as GrantRefusal)).toBe(true)
    }
    const repeats = steps.filter((s) => s.decision.outcome === 'accepted' && s.before === s.after)
    expect(repeats.length).toBeGreaterThan(10)
  })
})
