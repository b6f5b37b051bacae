/**
 * DPoP proofs by the examples of the specification.
 *
 * @see [RFC 9449 §4.1 - The DPoP HTTP Header](https://www.rfc-editor.org/rfc/rfc9449.html#section-4.1)
 * @see [RFC 7638 §3.1 - Example JWK Thumbprint Computation](https://www.rfc-editor.org/rfc/rfc7638.html#section-3.1)
 */
import { calculateJwkThumbprint } from 'jose'
import { defaultSettings } from '../../../src/config/settings.ts'
import { Keyring } from '../../../src/domain/keyring.ts'
import { readPublicKey } from '../../../src/protocol/clients/public-keys.ts'
import { comparableUrl, readProof } from '../../../src/protocol/tokens/dpop.ts'
import { dpopNonce, isDpopNonce } from '../../../src/protocol/tokens/dpop-nonce.ts'
import { describe, expect, test } from '../../support/test.ts'

const header =
  'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19'

const atToken = `${header}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg`

const atResource = `${header}.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA`

const keyring = Keyring.parse('a secret for tests, not for anything else')

function at(seconds: number) {
  return { settings: defaultSettings(), keyring, now: () => seconds * 1000 }
}

describe('the example of RFC 9449', () => {
  const jkt = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'

  test('§5, a proof for the token endpoint, is by the key that §6.1 names', async () => {
    const use = { method: 'POST', urls: ['https://server.example.com/token'] }
    const proof = await readProof(at(1_562_262_616), atToken, use)
    expect(proof).toEqual({ jkt, jti: '-BwC3ESc6acc2lTc' })
  })

  test('§7.1, a proof for a resource, goes with the token beside it', async () => {
    const accessToken = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU'
    const urls = ['https://resource.example.org/protectedresource']
    const use = { method: 'GET', urls, accessToken }
    const proof = await readProof(at(1_562_262_618), atResource, use)
    expect(proof).toEqual({ jkt, jti: 'e1j3V_bKic8-LAEB' })
  })

  const use = { method: 'POST', urls: ['https://server.example.com/token'] }
  for (const [seconds, isGood] of [
    [1_562_262_616 - 11, false],
    [1_562_262_616 - 10, true],
    [1_562_262_616 + 60, true],
    [1_562_262_616 + 61, false],
  ] as const) {
    const words = `${isGood ? 'is' : 'is not'} good ${seconds - 1_562_262_616} seconds after it was made`
    test(`SECURITY 12: a proof ${words}`, async () => {
      const read = readProof(at(seconds), atToken, use)
      const outcome = await read.then(
        () => true,
        (error: Error) => error.message,
      )
      expect(outcome).toBe(isGood ? true : 'The DPoP proof is not valid for this request')
    })
  }
})

test('the thumbprint of RFC 7638 §3.1 is that of the public members alone', async () => {
  const key = readPublicKey({
    kty: 'RSA',
    n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
    e: 'AQAB',
    alg: 'RS256',
    kid: '2011-04-29',
  })
  if (typeof key === 'string') throw new Error(key)
  expect(await calculateJwkThumbprint(key)).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs')
})

describe('URLs are compared after normalisation (RFC 3986 §6.2.2, §6.2.3)', () => {
  const same: Record<string, string> = {
    'HTTPS://Server.Example:443/token': 'https://server.example/token',
    'https://server.example/a/../token?x=1#y': 'https://server.example/token',
    'https://server.example/%7etoken/%2f': 'https://server.example/~token/%2F',
    'https://server.example': 'https://server.example/',
  }
  for (const [one, other] of Object.entries(same)) {
    test(`${one} is ${other}`, () => {
      expect(comparableUrl(one)).toBe(comparableUrl(other))
    })
  }
  test('but a path keeps its case and its escaped slashes, and a scheme counts', () => {
    const all = ['https://a.example/t/x', 'https://a.example/T/x', 'https://a.example/t%2Fx']
    const urls = [...all, 'http://a.example/t/x', 'https://a.example/t/x/'].map(comparableUrl)
    expect(new Set(urls).size).toBe(5)
  })
  test('and what is no web address, or has credentials in it, is none', () => {
    const none = ['', '/token', 'mailto:a@b.example', 'https://u:p@a.example/'].map(comparableUrl)
    expect(none).toEqual([undefined, undefined, undefined, undefined])
  })
})

describe('a nonce', () => {
  const made = 1_800_000_030
  const nonce = dpopNonce(at(made))
  for (const [later, isGood] of [
    [0, true],
    [60, true],
    [150, false],
    [-60, false],
  ] as const) {
    test(`is ${isGood ? '' : 'not '}good ${later} seconds after it was given`, () => {
      expect(isDpopNonce(at(made + later), nonce)).toBe(isGood)
    })
  }
  test('is another where the secret is another', () => {
    const other = { ...at(made), keyring: Keyring.parse('another secret for tests') }
    expect(isDpopNonce(other, nonce)).toBe(false)
  })
})
