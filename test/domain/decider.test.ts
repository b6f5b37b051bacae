/** What holds for every decider; and that `given` would notice where it does not. */
import { deciders } from '../../src/domain/catalog.ts'
import { accept, refuse, streamOf } from '../../src/domain/decider.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { userDecider } from '../../src/domain/user.ts'
import { UserRegistered } from '../../src/domain/user-events.ts'
import { given } from '../support/given.ts'
import { describe, expect, test } from '../support/test.ts'

describe('the catalog', () => {
  test('has one decider for a noun, so that no two share a stream', () => {
    const nouns = deciders.map(({ noun }) => noun)
    expect(new Set(nouns).size).toBe(nouns.length)
    for (const noun of nouns) expect(noun).toMatch(/^[a-z][a-z-]*$/)
  })
})

test('a stream is named by noun and id', () => {
  expect(streamOf('grant', 'grt_1')).toBe('grant/grt_1')
})

test('accepting and refusing may both record', () => {
  expect(accept()).toEqual({ outcome: 'accepted', events: [] })
  expect(accept(1, 2)).toEqual({ outcome: 'accepted', events: [1, 2] })
  expect(refuse('no')).toEqual({ outcome: 'refused', reason: 'no', events: [] })
  expect(refuse('no', 1)).toEqual({ outcome: 'refused', reason: 'no', events: [1] })
})

describe('given fails', () => {
  const registered = UserRegistered({
    userId: 'usr_1',
    emailKey: sha256('ada@example.com'),
    email: 'ada@example.com',
    emailVerified: true,
    name: 'Ada',
    admin: false,
    passwordSecretId: 'sec_1',
    at: 1000,
  })
  const disable = { kind: 'disable', reason: 'left', now: 2000 } as const

  test('where the state depends on a sealed field', () => {
    const leaky: typeof userDecider = {
      ...userDecider,
      evolve: (state, event) =>
        event.type === 'UserRegistered'
          ? {
              status: 'active',
              userId: event.payload.email ?? '',
              admin: false,
              groups: [],
              identities: [],
              emailVerified: true,
            }
          : state,
    }
    expect(() => given(leaky, registered).when(disable)).toThrow()
  })

  test('where an event is none that the store would take', () => {
    const wrong = { ...registered, payload: { ...registered.payload, emailKey: 'in clear' } }
    expect(() => given(userDecider, wrong).when(disable)).toThrow()
  })

  test('where a decider changes the state that it was given', () => {
    const rude: typeof userDecider = {
      ...userDecider,
      evolve: (state, event) => Object.assign(state, userDecider.evolve(state, event)),
    }
    expect(() => given(rude, registered).when(disable)).toThrow()
  })

  test('where the state would not survive being kept', () => {
    const dated: typeof userDecider = {
      ...userDecider,
      evolve: (state, event) => ({ ...userDecider.evolve(state, event), since: new Date(0) }),
    }
    expect(() => given(dated, registered).when(disable)).toThrow()
  })

  test('where the reason or the facts are others', () => {
    const again = given(userDecider, registered).when({ kind: 'enable', now: 1 })
    expect(() => again.refuses('user_unknown')).toThrow()
    expect(() => again.refuses('user_not_disabled', registered)).toThrow()
    expect(() => again.records()).toThrow()
  })
})
