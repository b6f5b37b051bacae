/**
 * A redirect goes where it was registered to go, and nowhere else.
 *
 * @see [RFC 9700 §2.1 - Protecting Redirect-Based Flows](https://www.rfc-editor.org/rfc/rfc9700.html#section-2.1)
 * @see [RFC 8252 §7.3 - Loopback Interface Redirection](https://www.rfc-editor.org/rfc/rfc8252.html#section-7.3)
 */
import fc from 'fast-check'
import {
  matchesRegistered,
  mayBeRegistered,
  redirectUriCharactersMax,
  withParameters,
} from '../../../src/protocol/clients/redirect-uri.ts'
import { describe, expect, test } from '../../support/test.ts'

describe('of a registered https URI', () => {
  const registered = ['https://app.example.com/cb?from=here']
  const others: Record<string, string> = {
    'a prefix': 'https://app.example.com/cb',
    'a suffix in the path': 'https://app.example.com/cb/more?from=here',
    'a suffix in the query': 'https://app.example.com/cb?from=here&next=https://evil.example',
    'a longer host': 'https://app.example.com.evil.example/cb?from=here',
    'a subdomain': 'https://evil.app.example.com/cb?from=here',
    userinfo: 'https://app.example.com@evil.example/cb?from=here',
    'userinfo before the right host': 'https://user@app.example.com/cb?from=here',
    'an encoded letter': 'https://app.example.com/c%62?from=here',
    'an encoded slash': 'https://app.example.com%2Fcb?from=here',
    'a fragment': 'https://app.example.com/cb?from=here#x',
    'an empty fragment': 'https://app.example.com/cb?from=here#',
    'another case of the host': 'https://APP.example.com/cb?from=here',
    'another case of the scheme': 'HTTPS://app.example.com/cb?from=here',
    'another case of the path': 'https://app.example.com/CB?from=here',
    'dot segments': 'https://app.example.com/x/../cb?from=here',
    'encoded dot segments': 'https://app.example.com/x/%2e%2E/cb?from=here',
    'a backslash': 'https://app.example.com\\@evil.example/cb?from=here',
    'a backslash as slash': 'https:\\\\app.example.com/cb?from=here',
    'the usual port': 'https://app.example.com:443/cb?from=here',
    'another port': 'https://app.example.com:8443/cb?from=here',
    'a dot after the host': 'https://app.example.com./cb?from=here',
    'http instead': 'http://app.example.com/cb?from=here',
    'a space before': ' https://app.example.com/cb?from=here',
    'a line feed after': 'https://app.example.com/cb?from=here\n',
    'a tab within': 'https://app.exa\tmple.com/cb?from=here',
    'no scheme': '//app.example.com/cb?from=here',
    nothing: '',
  }
  test('itself matches', () => {
    expect(matchesRegistered('https://app.example.com/cb?from=here', registered)).toBe(true)
  })
  for (const [what, uri] of Object.entries(others)) {
    test(`${what} is another`, () => expect(matchesRegistered(uri, registered)).toBe(false))
  }
})

describe('the port is left out of the comparison', () => {
  for (const host of ['localhost', '127.0.0.1', '[::1]']) {
    test(`for ${host}, registered with or without one`, () => {
      for (const port of ['', ':80', ':8080', ':65535']) {
        expect(
          matchesRegistered(`http://${host}:49152/cb?a=b`, [`http://${host}${port}/cb?a=b`]),
        ).toBe(true)
        expect(matchesRegistered(`http://${host}${port}/cb`, [`http://${host}:3000/cb`])).toBe(true)
      }
    })
  }

  const others: Record<string, string> = {
    'another name of the same place': 'http://127.0.0.1:3000/cb',
    'another address in 127.0.0.0/8': 'http://127.0.0.2:3000/cb',
    'a number for the address': 'http://2130706433:3000/cb',
    'an octal address': 'http://0177.0.0.1:3000/cb',
    'IPv6 spelled out': 'http://[0:0:0:0:0:0:0:1]:3000/cb',
    'IPv6 with leading zeros': 'http://[::0001]:3000/cb',
    'IPv4 in IPv6': 'http://[::ffff:127.0.0.1]:3000/cb',
    'IPv6 with a zone': 'http://[::1%25lo]:3000/cb',
    'any address': 'http://0.0.0.0:3000/cb',
    'https on loopback': 'https://localhost:3000/cb',
    'another path': 'http://localhost:3000/cb/',
    'a query': 'http://localhost:3000/cb?x',
    'a fragment': 'http://localhost:3000/cb#x',
    userinfo: 'http://user@localhost:3000/cb',
    'userinfo that looks like a port': 'http://localhost:3000@evil.example/cb',
    'a longer name': 'http://localhost.evil.example:3000/cb',
    'another case': 'http://LOCALHOST:3000/cb',
    'a port too large': 'http://localhost:65536/cb',
    'a port of six digits': 'http://localhost:000080/cb',
    'an empty port': 'http://localhost:/cb',
    'a sign in the port': 'http://localhost:+3000/cb',
    'dot segments': 'http://localhost:3000/../cb',
    'a backslash': 'http://localhost:3000\\cb',
    'a control character': 'http://localhost:3000/cb\u0000',
  }
  for (const [what, uri] of Object.entries(others)) {
    test(`but ${what} is another`, () => {
      expect(matchesRegistered(uri, ['http://localhost:8080/cb'])).toBe(false)
    })
  }

  test('and not for https or private schemes', () => {
    expect(matchesRegistered('https://a.example:1/cb', ['https://a.example:2/cb'])).toBe(false)
    expect(matchesRegistered('app://localhost:1/cb', ['app://localhost:2/cb'])).toBe(false)
  })
})

test('a URI that matches a registered one differs from it at most in the port', () => {
  const piece = fc.constantFrom(
    ...['http://', 'https://', 'localhost', '127.0.0.1', '[::1]', ':', ':80', ':8080', '/cb', '/'],
    ...['?a=b', '#', '@', '\\', '%2e', '..', '.', '\n', ' ', 'evil.example', 'LOCALHOST', 'app:'],
  )
  const host = fc.constantFrom('http://localhost', 'http://127.0.0.1', 'http://[::1]')
  const uri = fc.oneof(
    fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join('')),
    fc
      .tuple(host, fc.constantFrom('', ':1', ':2', ':65536'), fc.constantFrom('', '/cb', '/cb?q'))
      .map((p) => p.join('')),
  )
  let matched = 0
  fc.assert(
    fc.property(uri, uri, (asked, registered) => {
      if (!matchesRegistered(asked, [registered])) return
      if (asked !== registered) matched += 1
      const portless = (text: string) =>
        text.replace(/^(http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])):\d{1,5}(?=[/?]|$)/, '$1')
      expect(portless(asked)).toBe(portless(registered))
    }),
    { numRuns: 5_000 },
  )
  expect(matched).toBeGreaterThan(0)
})

describe('may be registered', () => {
  const good = [
    'https://app.example.com/cb',
    'https://app.example.com:8443/cb?from=here',
    'https://app.example.com',
    'http://localhost/callback',
    'http://127.0.0.1:33418/',
    'http://[::1]:7777/cb',
    'cursor://anysphere.cursor-mcp/oauth/callback',
    'com.example.app:/oauth',
    'vscode://vscode.github-authentication/did-authenticate',
  ]
  for (const uri of good) test(uri, () => expect(mayBeRegistered(uri)).toBe(true))
})

describe('may not be registered', () => {
  const bad: Record<string, string> = {
    'http beyond loopback': 'http://app.example.com/cb',
    'http on an address of a network': 'http://192.168.0.1/cb',
    'loopback under another name': 'http://127.0.0.2/cb',
    'IPv6 loopback spelled out': 'http://[0:0:0:0:0:0:0:1]/cb',
    script: 'javascript:alert(1)',
    'script in another case': 'JavaScript:alert(1)',
    'a document': 'data:text/html,x',
    'a file': 'file:///etc/passwd',
    'a blob': 'blob:https://a.example/x',
    'another scheme of the web': 'ws://a.example/cb',
    'a fragment': 'https://a.example/cb#x',
    'a fragment on loopback': 'http://localhost/cb#x',
    'a fragment of an app': 'app://cb#x',
    userinfo: 'https://user@a.example/cb',
    'a backslash': 'https://a.example\\cb',
    'dot segments': 'https://a.example/a/../cb',
    'dot segments at the end': 'https://a.example/a/..',
    'encoded dot segments': 'https://a.example/%2E%2e/cb',
    'a wildcard host': 'https://*.example/cb',
    'no host': 'https:///cb',
    'a port too large': 'https://a.example:70000/cb',
    'a control character': 'https://a.example/cb\u0007',
    'a line feed': 'https://a.example/cb\r\nSet-Cookie: x=1',
    'a line feed at the end': 'https://a.example/cb\n',
    'a space': 'https://a.example/c b',
    'a letter beyond ASCII': 'https://аpple.example/cb',
    'a path alone': '/cb',
    'no scheme': '//a.example/cb',
    nothing: '',
    'more than 2048 characters': `https://a.example/${'x'.repeat(redirectUriCharactersMax)}`,
  }
  for (const [what, uri] of Object.entries(bad)) {
    test(what, () => expect(mayBeRegistered(uri)).toBe(false))
  }
})

describe('the answer is added to the URI', () => {
  test('without changing what is there, and encoded', () => {
    const answer = { code: 'c', state: 'a&b=c #\r\n"', iss: undefined }
    const added = 'code=c&state=a%26b%3Dc+%23%0D%0A%22'
    expect(withParameters('https://a.example/cb', answer)).toBe(`https://a.example/cb?${added}`)
    expect(withParameters('https://a.example/cb?x=%7e', answer)).toBe(
      `https://a.example/cb?x=%7e&${added}`,
    )
    expect(withParameters('app:/cb', answer)).toBe(`app:/cb?${added}`)
  })
})
