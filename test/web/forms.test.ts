/** What each page says: the labels, buttons and words that people, tests and password managers need. */
import { accountPage } from '../../src/web/account.tsx'
import { consentPage } from '../../src/web/consent.tsx'
import { errorPage } from '../../src/web/error-page.tsx'
import { homePage } from '../../src/web/home.tsx'
import { setupPage } from '../../src/web/setup.tsx'
import { signInPage } from '../../src/web/sign-in.tsx'
import { durationInWords, inUtc } from '../../src/web/time.tsx'
import { english } from '../../src/web/words/english.tsx'
import { describe, expect, test } from '../support/test.ts'
import { hostileConsent, ordinaryConsent, trustedConsent } from './sample-pages.ts'

const shell = { brand: 'Example', words: english }
const form = { ...shell, action: '/here', csrf: 'token' }

function labelsOf(html: string): string[] {
  return [...html.matchAll(/<label[^>]*>([^<]*)<\/label>/g)].map(([, text = '']) => text)
}

function buttonsOf(html: string): string[] {
  return [...html.matchAll(/<button[^>]*>([^<]*)<\/button>/g)].map(([, text = '']) => text)
}

/** The text that a person reads. */
function wordsOf(html: string): string {
  const text = html.replace(/^.*<main[^>]*>/s, '').replace(/<[^>]*>/g, ' ')
  return text.replace(/\s+/g, ' ')
}

describe('The sign-in page', () => {
  test('has the fields Email and Password and the button Sign in', () => {
    const html = signInPage(form)
    expect(labelsOf(html)).toEqual(['Email', 'Password'])
    expect(buttonsOf(html)).toEqual(['Sign in'])
    expect(html).toContain('autocomplete="username"')
    expect(html).toContain('autocomplete="current-password"')
    expect(html).not.toContain('maxlength')
  })

  test('says who waits for it, and carries what it is given', () => {
    const html = signInPage({ ...form, client: { name: 'Cursor' }, hidden: { request_id: 'r1' } })
    expect(wordsOf(html)).toContain('to continue to Cursor')
    expect(html).toContain('<input type="hidden" name="request_id" value="r1"/>')
  })

  test('announces a problem once, in the title too, and keeps the email but no password', () => {
    const html = signInPage({ ...form, email: 'ada@example.com', problem: 'wrong_credentials' })
    expect(html.match(/role="alert"/g)).toHaveLength(1)
    expect(html).toContain('<title>Problem: Sign in · Example</title>')
    expect(html).toContain('value="ada@example.com"')
    expect(html).not.toMatch(/type="password"[^>]*value=/)
    expect(html).toContain('aria-describedby="problem"')
  })

  test('says when the next attempt counts', () => {
    const html = signInPage({ ...form, problem: 'too_many_attempts', retryAfterSeconds: 90 })
    expect(wordsOf(html)).toContain('Try again in 1 minute 30 seconds.')
  })
})

describe('The consent page', () => {
  const html = consentPage(ordinaryConsent)

  test('names client, redirect host, resource, account and every scope', () => {
    const words = wordsOf(html)
    expect(words).toContain('Claude Code asks for access to Example MCP')
    for (const shown of [
      '127.0.0.1:33418',
      'https://api.example.com/mcp',
      'ada@example.com',
      'Read your things mcp:read',
      'Change your things mcp:write',
      'profile',
      '21 November 2026, 14:03 UTC',
    ]) {
      expect(words).toContain(shown)
    }
  })

  test('says how long the access lasts', () => {
    expect(wordsOf(html)).toContain(
      '1 hour at a time. It renews itself until it has not been used for 30 days.',
    )
    const once = consentPage({ ...ordinaryConsent, refreshTtlSeconds: undefined })
    expect(wordsOf(once)).toContain('1 hour, then the app has to ask again.')
  })

  test('has Approve and Deny, alike but for their value', () => {
    expect(buttonsOf(html)).toEqual(['Use another account', 'Approve', 'Deny'])
    expect(html).toContain('<button type="submit" name="decision" value="approve">Approve</button>')
    expect(html).toContain('<button type="submit" name="decision" value="deny">Deny</button>')
  })

  test('says whose word the name is', () => {
    expect(wordsOf(html)).toContain('nobody has verified it')
    expect(wordsOf(consentPage(trustedConsent))).not.toContain('verified')
  })

  test('warns once when only this computer can get the answer, and else not', () => {
    expect(html.match(/class="notice/g)).toHaveLength(1)
    expect(consentPage(trustedConsent)).not.toContain('class="notice')
  })

  test('links to the website of the client only when that is a website', () => {
    expect(html).toContain('href="https://claude.ai/code"')
    expect(consentPage(hostileConsent)).not.toContain('javascript:')
  })

  test('points at a name that hides or imitates something, and calls an empty one what it is', () => {
    const words = wordsOf(consentPage(hostileConsent))
    expect(words).toContain('Invisible characters were left out of it.')
    expect(words).toContain('It mixes letters of different alphabets that look alike.')
    const client = { name: '\u200B \u202E', registeredVia: 'dynamic' as const }
    expect(wordsOf(consentPage({ ...ordinaryConsent, client }))).toContain('An app without a name')
  })
})

describe('The other pages', () => {
  test('tell what to do about an unknown client, and the reference', () => {
    const words = wordsOf(
      errorPage({ ...shell, requestId: 'req_7', text: english.errors.unknownClient }),
    )
    expect(words).toContain('remove the connection to this server and add it again')
    expect(words).toContain('Reference req_7')
  })

  test('give a command that can be pasted, and quote what a shell would read otherwise', () => {
    const issuer = 'https://auth.example.com/t'
    const resource = 'https://auth.example.com/t/api/mcp'
    const html = homePage({
      ...shell,
      openid: true,
      issuer,
      resources: [{ name: 'Example MCP', resource }],
    })
    expect(html).toContain(`claude mcp add --transport http example-mcp ${resource}`)
    expect(html).toContain('https://auth.example.com/.well-known/oauth-authorization-server/t"')
    expect(html).toContain(
      'https://auth.example.com/.well-known/oauth-protected-resource/t/api/mcp"',
    )
    const odd = { name: 'x', resource: 'https://a.example/?a=1;reboot' }
    expect(homePage({ ...shell, issuer, openid: true, resources: [odd] })).toContain(
      "http x 'https://a.example/?a=1;reboot'",
    )
  })

  test('list the connected apps, or say that there are none', () => {
    const data = {
      ...shell,
      account: {
        email: 'ada@example.com',
        emailVerified: true,
        hasPassword: true,
        byMail: true,
        admin: false,
      },
      sessions: { csrf: 'token', sessions: [], more: { count: 0, isMore: false } },
      session: { startedAt: 0 },
      csrf: 'token',
      signOutAction: '/sign-out',
    }
    expect(wordsOf(accountPage({ ...data, grants: [], grantCount: 0 }))).toContain(
      'No app has access.',
    )
    const grant = {
      ...{ grantId: 'grt_1', clientId: 'dcr_1', clientName: 'Cursor', abilities: [] },
      ...{ resourceName: 'Example MCP', connectedAt: 0, lastUsedAt: undefined },
      ...({ state: 'active', isUnused: false } as const),
    }
    const html = accountPage({ ...data, grants: [grant], grantCount: 7 })
    expect(wordsOf(html)).toContain('Cursor Example MCP · connected 1 January 1970, 00:00 UTC')
    expect(wordsOf(html)).toContain('7 connections See all')
    expect(html).toContain('href="/developers/connected-apps/grt_1"')
    expect(html).toContain('<time datetime="1970-01-01T00:00:00.000Z">')
    expect(buttonsOf(html)).toEqual(['Sign out'])
  })

  test('ask the first administrator for Email, Name and Password', () => {
    const html = setupPage({ ...form, problem: 'password_too_common', hidden: { token: 't' } })
    expect(labelsOf(html)).toEqual(['Email', 'Name', 'Password'])
    expect(html).toContain('autocomplete="new-password"')
    expect(html).toContain('aria-describedby="problem password-hint"')
    expect(html).toContain('name="token" value="t"')
  })
})

describe('Times in plain words', () => {
  test('are in UTC and have at most two units', () => {
    expect(inUtc(Date.UTC(2026, 10, 21, 14, 3), english)).toBe('21 November 2026, 14:03 UTC')
    expect(durationInWords(0, english)).toBe('0 seconds')
    expect(durationInWords(1, english)).toBe('1 second')
    expect(durationInWords(5400, english)).toBe('1 hour 30 minutes')
    expect(durationInWords(2_592_000, english)).toBe('30 days')
    expect(durationInWords(90_061, english)).toBe('1 day 1 hour')
  })
})
