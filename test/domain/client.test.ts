/** What can happen to an application that asks for access. */
import { type ClientRegistration, clientDecider } from '../../src/domain/client.ts'
import {
  ClientDeleted,
  ClientDisabled,
  ClientEnabled,
  ClientHibernated,
  type ClientMetadata,
  ClientMetadataChanged,
  ClientRegistered,
  ClientSecretRotated,
  ClientWoken,
} from '../../src/domain/client-events.ts'
import { sha256 } from '../../src/domain/keyring.ts'
import { fold, given } from '../support/given.ts'
import { describe, expect, test } from '../support/test.ts'

const metadata: ClientMetadata = {
  clientName: 'Cursor',
  redirectUris: ['http://localhost:8787/callback'],
  grantTypes: ['authorization_code', 'refresh_token'],
  responseTypes: ['code'],
  tokenEndpointAuthMethod: 'none',
  applicationType: 'native',
}
const registration: ClientRegistration = {
  clientId: 'cli_1',
  registeredVia: 'dynamic',
  metadata,
  contacts: ['dev@example.com'],
  now: 1000,
}
const { now: at, ...facts } = registration
const registered = ClientRegistered({ ...facts, at })
const disabled = ClientDisabled({ clientId: 'cli_1', reason: 'phishing', at: 2000 })
const enabled = ClientEnabled({ clientId: 'cli_1', at: 3000 })
const deleted = ClientDeleted({ clientId: 'cli_1', at: 4000 })

const register = { kind: 'register', registration } as const
const disable = { kind: 'disable', reason: 'phishing', now: 2000 } as const
const enable = { kind: 'enable', now: 3000 } as const
const remove = { kind: 'delete', now: 4000 } as const

const next = {
  metadata: { ...metadata, clientName: 'Cursor 2', redirectUris: ['https://cursor.example/cb'] },
  contacts: ['new@example.com'],
}
const change = { kind: 'change metadata', ...next, now: 5000 } as const
const changed = ClientMetadataChanged({
  clientId: 'cli_1',
  ...next,
  voidsConsents: true,
  at: 5000,
})

describe('a registration', () => {
  test('of a public client stands without a secret', () => {
    given(clientDecider).when(register).records(registered)
  })

  test('of a public client must not bring a secret', () => {
    given(clientDecider)
      .when({ kind: 'register', registration: { ...registration, secretHash: sha256('s') } })
      .refuses('client_secret_not_allowed')
  })

  for (const method of ['client_secret_basic', 'client_secret_post'] as const) {
    const confidential = { ...metadata, tokenEndpointAuthMethod: method }

    test(`with ${method} holds the hash of its secret (RFC 7591 §2)`, () => {
      const secretHash = sha256('s')
      given(clientDecider)
        .when({
          kind: 'register',
          registration: { ...registration, metadata: confidential, secretHash },
        })
        .records(ClientRegistered({ ...facts, metadata: confidential, secretHash, at }))
    })

    test(`with ${method} is refused without a secret`, () => {
      given(clientDecider)
        .when({ kind: 'register', registration: { ...registration, metadata: confidential } })
        .refuses('client_secret_missing')
    })

    test(`with ${method} is refused with an empty secret`, () => {
      given(clientDecider)
        .when({
          kind: 'register',
          registration: { ...registration, metadata: confidential, secretHash: '' },
        })
        .refuses('client_secret_missing')
    })
  }

  test('with private_key_jwt holds keys, and must not bring a secret', () => {
    const keys = [{ kty: 'OKP', crv: 'Ed25519', x: 'x', kid: '1' }]
    const proved = {
      ...metadata,
      tokenEndpointAuthMethod: 'private_key_jwt' as const,
      jwks: { keys },
    }
    given(clientDecider)
      .when({ kind: 'register', registration: { ...registration, metadata: proved } })
      .records(ClientRegistered({ ...facts, metadata: proved, at }))
    given(clientDecider)
      .when({
        kind: 'register',
        registration: { ...registration, metadata: proved, secretHash: sha256('s') },
      })
      .refuses('client_secret_not_allowed')
  })

  test('holds the hash of its management token (RFC 7592 §3)', () => {
    const managementHash = sha256('m')
    given(clientDecider)
      .when({ kind: 'register', registration: { ...registration, managementHash } })
      .records(ClientRegistered({ ...facts, managementHash, at }))
  })

  test('by an operator says so', () => {
    given(clientDecider)
      .when({
        kind: 'register',
        registration: { ...registration, registeredVia: 'preregistered' },
      })
      .records(ClientRegistered({ ...facts, registeredVia: 'preregistered', at }))
  })
})

describe('a client nobody has heard of', () => {
  for (const command of [change, disable, enable, remove]) {
    test(`cannot be the subject of ${command.kind}`, () => {
      given(clientDecider).when(command).refuses('client_unknown')
    })
  }
})

describe('an active client', () => {
  test('cannot be registered again', () => {
    given(clientDecider, registered).when(register).refuses('client_exists')
  })

  test('can be disabled', () => {
    given(clientDecider, registered).when(disable).records(disabled)
  })

  test('cannot be enabled, being so already', () => {
    given(clientDecider, registered).when(enable).refuses('client_not_disabled')
  })

  test('can be deleted (RFC 7592 §2.3)', () => {
    given(clientDecider, registered).when(remove).records(deleted)
  })
})

describe('the metadata of an active client', () => {
  const withSecret = { ...metadata, tokenEndpointAuthMethod: 'client_secret_basic' } as const
  const confidential = ClientRegistered({
    ...facts,
    metadata: withSecret,
    secretHash: sha256('s'),
    at,
  })

  test('can be replaced, all of it (RFC 7592 §2.2)', () => {
    given(clientDecider, registered).when(change).records(changed)
  })

  test('can be replaced again', () => {
    const again = ClientMetadataChanged({ ...changed.payload, voidsConsents: false })
    given(clientDecider, registered, changed).when(change).records(again)
  })

  test('can be replaced after the client was disabled and enabled', () => {
    given(clientDecider, registered, disabled, enabled).when(change).records(changed)
  })

  test('cannot give a public client a secret that was never issued', () => {
    given(clientDecider, registered)
      .when({ ...change, metadata: withSecret })
      .refuses('client_authentication_changed')
  })

  test('cannot put keys in the place of a secret, nor a secret in that of keys', () => {
    const withKeys = { ...metadata, tokenEndpointAuthMethod: 'private_key_jwt' } as const
    const proved = ClientRegistered({ ...facts, metadata: withKeys, at })
    given(clientDecider, confidential)
      .when({ ...change, metadata: withKeys })
      .refuses('client_authentication_changed')
    given(clientDecider, proved)
      .when({ ...change, metadata: withSecret })
      .refuses('client_authentication_changed')
  })

  test('cannot take the proof of who it is from a confidential client', () => {
    given(clientDecider, confidential).when(change).refuses('client_authentication_changed')
  })

  test('can name another way to send the same secret', () => {
    const byPost = { ...withSecret, tokenEndpointAuthMethod: 'client_secret_post' } as const
    given(clientDecider, confidential)
      .when({ ...change, metadata: byPost })
      .records(
        ClientMetadataChanged({
          clientId: 'cli_1',
          ...next,
          metadata: byPost,
          voidsConsents: false,
          at: 5000,
        }),
      )
  })
})

describe('a registration that everybody shares', () => {
  const shared = { ...registration, shared: true } as const
  const sharedRegistered = ClientRegistered({ ...facts, shared: true, at })

  test('says so', () => {
    given(clientDecider).when({ kind: 'register', registration: shared }).records(sharedRegistered)
  })

  test('never changes: it belongs to nobody', () => {
    given(clientDecider, sharedRegistered).when(change).refuses('client_shared')
  })

  test('can be disabled', () => {
    given(clientDecider, sharedRegistered).when(disable).records(disabled)
  })
})

describe('a client that hibernates', () => {
  const hibernate = { kind: 'hibernate', now: 6000 } as const
  const hibernated = ClientHibernated({ clientId: 'cli_1', at: 6000 })
  const { now: registeredAt, ...whole } = registration
  const wake = { kind: 'wake', client: { ...whole, registeredAt }, now: 7000 } as const
  const woken = ClientWoken({ ...whole, registeredAt, at: 7000 })

  test('registered itself', () => {
    given(clientDecider, registered).when(hibernate).records(hibernated)
    const added = ClientRegistered({ ...facts, registeredVia: 'preregistered', at })
    given(clientDecider, added).when(hibernate).refuses('client_not_dynamic')
  })

  test('is not disabled', () => {
    given(clientDecider, registered, disabled).when(hibernate).refuses('client_disabled')
    given(clientDecider, registered, disabled).when(wake).refuses('client_disabled')
  })

  test('hibernates once', () => {
    given(clientDecider, registered, hibernated).when(hibernate).refuses('client_hibernating')
  })

  test('wakes as it was, and can hibernate again', () => {
    given(clientDecider, registered, hibernated).when(wake).records(woken)
    given(clientDecider, registered, hibernated, woken).when(hibernate).records(hibernated)
  })

  test('may be woken before it sleeps', () => {
    given(clientDecider, registered).when(wake).records(woken)
  })

  test('can change, be disabled and enabled, and be deleted, asleep', () => {
    given(clientDecider, registered, hibernated).when(change).records(changed)
    given(clientDecider, registered, hibernated).when(disable).records(disabled)
    given(clientDecider, registered, hibernated).when(remove).records(deleted)
    given(clientDecider, registered, hibernated, disabled).when(enable).records(enabled)
    given(clientDecider, registered, hibernated, disabled, enabled).when(wake).records(woken)
  })

  test('cannot be registered again', () => {
    given(clientDecider, registered, hibernated).when(register).refuses('client_exists')
  })
})

describe('the secret of a client', () => {
  const confidential = { ...metadata, tokenEndpointAuthMethod: 'client_secret_basic' } as const
  const mine = { ...facts, metadata: confidential, secretHash: sha256('s') }
  const added = ClientRegistered({ ...mine, registeredVia: 'preregistered', at })
  const rotate = {
    kind: 'rotate secret',
    secretHash: sha256('t'),
    overlapSeconds: 60,
    now: 8000,
  } as const
  const rotated = ClientSecretRotated({
    clientId: 'cli_1',
    secretHash: sha256('t'),
    previousEndsAt: 68_000,
    at: 8000,
  })

  test('is rotated by an operator, and the old one ends later', () => {
    given(clientDecider, added).when(rotate).records(rotated)
    given(clientDecider, added, rotated).when(rotate).records(rotated)
    given(clientDecider, added, disabled).when(rotate).records(rotated)
  })

  test('is its own where it registered itself', () => {
    given(clientDecider, ClientRegistered({ ...mine, at }))
      .when(rotate)
      .refuses('client_not_preregistered')
  })

  test('is not there where the client is public', () => {
    given(clientDecider, ClientRegistered({ ...facts, registeredVia: 'preregistered', at }))
      .when(rotate)
      .refuses('client_secret_not_allowed')
  })

  test('cannot be rotated once the client is gone', () => {
    given(clientDecider, added, deleted).when(rotate).refuses('client_deleted')
    given(clientDecider).when(rotate).refuses('client_unknown')
  })
})

describe('a change voids the consents to a client', () => {
  const key = (x: string, kid: string) => ({ kty: 'OKP', crv: 'Ed25519', x, kid })
  const proved = {
    ...metadata,
    tokenEndpointAuthMethod: 'private_key_jwt' as const,
    jwks: { keys: [key('one', '1')] },
  }
  const before = ClientRegistered({ ...facts, metadata: proved, at })
  const changes: Record<string, [typeof proved & { jwksUri?: string }, boolean]> = {
    'when its redirect URIs are others': [
      { ...proved, redirectUris: ['https://cursor.example/new'] },
      true,
    ],
    'when a redirect URI came along': [
      { ...proved, redirectUris: [...metadata.redirectUris, 'https://cursor.example/new'] },
      true,
    ],
    'when its keys are others': [{ ...proved, jwks: { keys: [key('two', '1')] } }, true],
    'when its keys stand somewhere else': [{ ...proved, jwksUri: 'https://a.example/' }, true],
    'not when its name is another': [{ ...proved, clientName: 'Cursor 3' }, false],
    'not when a key is called otherwise': [{ ...proved, jwks: { keys: [key('one', '2')] } }, false],
    'not when its redirect URIs are in another order': [
      { ...proved, redirectUris: [...metadata.redirectUris].reverse() },
      false,
    ],
  }
  for (const [when, [metadata, voidsConsents]] of Object.entries(changes)) {
    test(when, () => {
      const { contacts } = next
      given(clientDecider, before)
        .when({ kind: 'change metadata', metadata, contacts, now: 5000 })
        .records(
          ClientMetadataChanged({ clientId: 'cli_1', metadata, contacts, voidsConsents, at: 5000 }),
        )
    })
  }
})

describe('a client that is known by its document', () => {
  const byDocument = ClientRegistered({ ...facts, registeredVia: 'document', at })
  const proved = { ...next.metadata, tokenEndpointAuthMethod: 'private_key_jwt' as const }

  test('may prove itself otherwise from now on, and consents to it are void', () => {
    given(clientDecider, byDocument)
      .when({ ...change, metadata: proved })
      .records(ClientMetadataChanged({ ...changed.payload, metadata: proved }))
  })

  test('keeps its id when it is deleted, whatever the document says later', () => {
    const anew = { ...registration, registeredVia: 'document' as const }
    given(clientDecider, byDocument, deleted)
      .when({ kind: 'register', registration: anew })
      .refuses('client_exists')
  })
})

describe('a disabled client', () => {
  test('cannot change its metadata', () => {
    given(clientDecider, registered, disabled).when(change).refuses('client_disabled')
  })

  test('cannot be registered again', () => {
    given(clientDecider, registered, disabled).when(register).refuses('client_exists')
  })

  test('cannot be disabled twice', () => {
    given(clientDecider, registered, disabled).when(disable).refuses('client_already_disabled')
  })

  test('can be enabled', () => {
    given(clientDecider, registered, disabled).when(enable).records(enabled)
  })

  test('can be disabled once more after it was enabled', () => {
    given(clientDecider, registered, disabled, enabled).when(disable).records(disabled)
  })

  test('can be deleted', () => {
    given(clientDecider, registered, disabled).when(remove).records(deleted)
  })
})

describe('a deleted client', () => {
  test('keeps its id for ever: nobody registers under it again', () => {
    given(clientDecider, registered, deleted).when(register).refuses('client_exists')
  })

  for (const command of [change, disable, enable, remove]) {
    test(`is out of reach of ${command.kind}`, () => {
      given(clientDecider, registered, deleted).when(command).refuses('client_deleted')
    })
  }
})

test('the state holds neither metadata nor contacts', () => {
  const state = fold(clientDecider, [registered, changed])
  const { reliedOn, ...rest } = state as typeof state & { reliedOn?: string }
  expect(reliedOn).toMatch(/^[\w-]{43}$|^[0-9a-f]{64}$/)
  expect(rest as object).toEqual({
    status: 'active',
    clientId: 'cli_1',
    registeredVia: 'dynamic',
    proof: 'none',
    isShared: false,
    hibernating: false,
  })
})
