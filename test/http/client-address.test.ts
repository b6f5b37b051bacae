/**
 * Who is at the other end, when proxies stand between.
 *
 * @see [RFC 7239 §8.1 - Header Validity and Integrity](https://www.rfc-editor.org/rfc/rfc7239.html#section-8.1)
 */
import { hiddenFields } from '../../src/cli/demo-person.ts'
import { defaultSettings } from '../../src/config/settings.ts'
import { addressReader } from '../../src/protocol/request-context.ts'
import { eventsOf } from '../support/oauth-client.ts'
import { admin, startTestServer } from '../support/server.ts'
import { describe, expect, test } from '../support/test.ts'

function addressOf(forwarded: string | undefined, peer: string, trustedProxies: string[] = []) {
  const headers: Record<string, string> =
    forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  const request = new Request('http://localhost/', { headers })
  return addressReader(defaultSettings({ trustedProxies }))(request, peer)
}

const proxies = ['10.0.0.0/8', '2001:db8::1']

describe('the address of a client', () => {
  test('is the peer, whatever is said, when no proxy is trusted', () => {
    expect(addressOf('1.2.3.4', '203.0.113.9')).toBe('203.0.113.9')
    expect(addressOf('1.2.3.4', '203.0.113.9', proxies)).toBe('203.0.113.9')
  })
  test('is what a trusted proxy says', () => {
    expect(addressOf('203.0.113.9', '10.1.1.1', proxies)).toBe('203.0.113.9')
    expect(addressOf('203.0.113.9', '2001:db8::1', proxies)).toBe('203.0.113.9')
    expect(addressOf('203.0.113.9', '::ffff:10.1.1.1', proxies)).toBe('203.0.113.9')
    expect(addressOf('2001:db8::7', '10.1.1.1', proxies)).toBe('2001:db8::7')
  })
  test('is the last that no trusted proxy has: before it anybody could have written anything', () => {
    expect(addressOf('1.2.3.4, 203.0.113.9', '10.1.1.1', proxies)).toBe('203.0.113.9')
    expect(addressOf('1.2.3.4, 203.0.113.9 , 10.2.2.2', '10.1.1.1', proxies)).toBe('203.0.113.9')
    expect(addressOf('10.3.3.3, 1.2.3.4, 203.0.113.9', '10.1.1.1', proxies)).toBe('203.0.113.9')
  })
  test('is the proxy itself when it says nothing', () => {
    for (const nothing of [undefined, '', ' , ']) {
      expect(addressOf(nothing, '10.1.1.1', proxies)).toBe('10.1.1.1')
    }
  })
  test('is nobody’s fault when it is no address', () => {
    for (const odd of ['unknown', '_hidden', '203.0.113.9:4711', '[2001:db8::7]:4711', '"x"']) {
      expect(() => addressOf(`1.2.3.4, ${odd}`, '10.1.1.1', proxies)).not.toThrow()
    }
  })
})

test('a session remembers the address that the proxy says, and no other', async () => {
  for (const { trustedProxies, address } of [
    { trustedProxies: ['127.0.0.1', '::1'], address: '203.0.113.9' },
    { trustedProxies: [], address: expect.stringMatching(/^(127\.0\.0\.1|::1)$/) },
  ]) {
    const server = await startTestServer({ trustedProxies })
    try {
      const person = server.person()
      const fields = hiddenFields(await (await person.open('/sign-in')).text())
      await fetch(`${server.url}/sign-in`, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'x-forwarded-for': '1.2.3.4, 203.0.113.9',
          cookie: person.cookie,
        },
        body: new URLSearchParams({ ...fields, ...admin }).toString(),
      })
      const [started] = await eventsOf(server, 'SessionStarted')
      expect(started?.payload.address).toEqual(address)
    } finally {
      await server.stop()
    }
  }
})
