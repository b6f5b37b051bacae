import { serverAddress } from '../../src/store/server-address.ts'
import { describe, expect, test } from '../support/test.ts'

describe('the address of a libSQL server', () => {
  for (const [url, address] of [
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['https://db.example/path/', 'https://db.example/path/'],
    ['libsql://db.example', 'https://db.example'],
    ['libsql://db.example:8080?tls=0', 'http://db.example:8080'],
    ['libsql://[::1]:8080/?tls=1', 'https://[::1]:8080'],
  ] as const) {
    test(`${url} is ${address}`, () => {
      expect(serverAddress({ url })).toEqual({ url: address })
    })
  }

  test('may hold the token, which stands above the one beside it', () => {
    const url = 'libsql://db.example?authToken=in%20it'
    const found = { url: 'https://db.example', authToken: 'in it' }
    expect(serverAddress({ url, authToken: 'beside it' })).toEqual(found)
  })

  for (const url of [
    'libsql://db.example?tls=0',
    'https://db.example?mode=fast',
    'https://db.example#part',
  ]) {
    test(`${url} is refused, and no token is told`, () => {
      expect(() => serverAddress({ url: url.replace('?', '?authToken=planted&') })).toThrow(
        /^Cannot use "db\.example": (?!.*planted)/,
      )
    })
  }
})
