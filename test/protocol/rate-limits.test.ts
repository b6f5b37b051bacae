/** @see [RFC 6585 §4 - 429 Too Many Requests](https://www.rfc-editor.org/rfc/rfc6585.html#section-4) */
import { defaultSettings } from '../../src/config/settings.ts'
import { CountsInMemory, RateLimits } from '../../src/protocol/rate-limits.ts'
import { networkOf } from '../../src/protocol/request-context.ts'
import { describe, expect, test } from '../support/test.ts'

let now = 0
const limits = () => {
  const rateLimits = { registration: { requests: 2, perSeconds: 10 } }
  return new RateLimits(defaultSettings({ rateLimits }), new CountsInMemory(() => now))
}

describe('a window', () => {
  test('begins with the first request, and ends as many seconds later', () => {
    now = 5000
    const limited = limits()
    expect(limited.count('registration', 'a')).toMatchObject({ resetsAt: 15_000 })
    now = 14_999
    expect(limited.count('registration', 'a')).toMatchObject({ remaining: 0 })
    expect(limited.count('registration', 'a')).toMatchObject({ exceeded: true })
    now = 15_000
    const afresh = { remaining: 1, exceeded: false, resetsAt: 25_000 }
    expect(limited.count('registration', 'a')).toMatchObject(afresh)
  })

  test('counts many at once, each of them', () => {
    const limited = limits()
    const many = Array.from({ length: 10 }, () => limited.count('registration', 'a'))
    const exceeded = many.filter((standing) => standing.exceeded)
    expect(exceeded.length).toBe(8)
  })

  test('is not begun by looking', () => {
    const limited = limits()
    for (const _ of [1, 2, 3]) {
      expect(limited.look('registration', 'a')).toMatchObject({ remaining: 2 })
    }
  })
})

test('an address stands for what one party holds', () => {
  expect(networkOf('203.0.113.9')).toBe('203.0.113.9')
  expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
  expect(networkOf('2001:DB8:1:2::')).toBe('2001:db8:1:2::/64')
  expect(networkOf('::1')).toBe('0:0:0:0::/64')
  for (const odd of ['', 'unknown', '1.2.3.4:80', '[::1]:80']) expect(networkOf(odd)).toBe(odd)
})
