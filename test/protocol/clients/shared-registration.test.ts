/**
 * Which registrations are one: those that say the same, however they write it.
 *
 * @see [RFC 7591 §2 - Client Metadata](https://www.rfc-editor.org/rfc/rfc7591.html#section-2)
 */
import fc from 'fast-check'
import { defaultSettings } from '../../../src/config/settings.ts'
import { Keyring } from '../../../src/domain/keyring.ts'
import { readDescription } from '../../../src/protocol/clients/client-metadata.ts'
import { sharedClientId } from '../../../src/protocol/clients/shared-registration.ts'
import { describe, expect, test } from '../../support/test.ts'
import { clients } from '../registration-bodies.ts'

type Body = Record<string, unknown>

const settings = defaultSettings()
const keyring = Keyring.parse('a secret for tests, not for anything else')

const idOf = (body: Body, by = keyring) =>
  sharedClientId(by, readDescription(settings, body), { prefix: 'dcr' })

const text = fc.string({ minLength: 1, maxLength: 20 })
const web = fc.stringMatching(/^[a-z]{1,8}$/).map((name) => `https://${name}.example/cb`)
const optional = {
  client_uri: web,
  logo_uri: web,
  tos_uri: web,
  policy_uri: web,
  software_id: text,
  software_version: text,
  scope: fc.constantFrom('book', 'read', 'book read', 'openid', 'openid book'),
  contacts: fc.array(text, { minLength: 1, maxLength: 3 }),
  client_name: text,
  application_type: fc.constant('native'),
}
const body = fc
  .record({ redirect_uris: fc.uniqueArray(web, { minLength: 1, maxLength: 4 }) })
  .chain((needed) =>
    fc.record(optional, { requiredKeys: [] }).map((more) => ({ ...needed, ...more })),
  )
  .map((said): Body => ({ ...said, token_endpoint_auth_method: 'none' }))

/** The same body, written otherwise: keys in another order, nothing said as null or as ''. */
const rewritten = body.chain((said) =>
  fc
    .tuple(
      fc.shuffledSubarray(Object.keys(said), { minLength: Object.keys(said).length }),
      fc.subarray(Object.keys(optional).filter((name) => !(name in said))),
      fc.constantFrom(null, ''),
    )
    .map(([order, unsaid, nothing]) => {
      const silent = unsaid.map((name) => [name, name === 'contacts' ? null : nothing])
      const other: Body = Object.fromEntries([
        ...silent,
        ...order.map((name) => [name, said[name]]),
      ])
      return { said, other: { ...other, grant_types: null, unheard_of: 'x' } }
    }),
)

describe('two registrations are one', () => {
  test('where they differ in the order of fields, and in fields that say nothing', () => {
    fc.assert(
      fc.property(rewritten, ({ said, other }) => {
        expect(idOf(other)).toBe(idOf(said))
      }),
    )
  })

  test('where one says what the other gets anyway', () => {
    const said = { redirect_uris: ['https://a.example/cb'], token_endpoint_auth_method: 'none' }
    const more = {
      grant_types: ['refresh_token', 'authorization_code'],
      response_types: ['code'],
      application_type: 'web',
      client_name: 'Unnamed client',
      scope: 'offline_access',
    }
    expect(idOf({ ...said, ...more })).toBe(idOf(said))
  })
})

describe('two registrations are two', () => {
  test('where they differ in anything that is kept', () => {
    const kept = (said: Body) => {
      const { metadata, contacts } = readDescription(settings, said)
      const entries = Object.entries(metadata).sort(([a], [b]) => a.localeCompare(b))
      return JSON.stringify([entries, contacts])
    }
    fc.assert(
      fc.property(body, body, fc.constantFrom(...Object.keys(optional)), (one, two, field) => {
        // Mostly alike, so that one difference has to be enough.
        const near: Body = { ...one, [field]: two[field] }
        expect(idOf(near) === idOf(one)).toBe(kept(near) === kept(one))
      }),
      { numRuns: 500 },
    )
  })

  test('where a part of one field would stand in another', () => {
    const said = { redirect_uris: ['https://a.example/cb'], token_endpoint_auth_method: 'none' }
    const one = { ...said, client_name: 'a', software_id: 'b","x":"c' }
    const two = { ...said, client_name: 'a', software_id: 'b', software_version: 'c' }
    expect(idOf(one)).not.toBe(idOf(two))
  })

  test('where the server has another secret: nobody outside can foresee an id', () => {
    const [said = {}] = Object.values(clients).map(({ sent }) => sent)
    expect(idOf(said, Keyring.parse('another secret of this server'))).not.toBe(idOf(said))
  })
})

test('an id stays within what both ways of writing Basic credentials leave alone', () => {
  fc.assert(fc.property(body, (said) => expect(idOf(said)).toMatch(/^dcr_[A-Za-z0-9_-]{43}$/)))
})
