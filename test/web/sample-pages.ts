/**
 * Every page, in the states that differ to the eye, made from ordinary data or from an
 * adversary's. The tests check what must hold on all of them; a person may serve them to look.
 */
import { accountPage } from '../../src/web/account.tsx'
import { type ConsentPageData, consentPage } from '../../src/web/consent.tsx'
import type { DetailChoice } from '../../src/web/consent-details.tsx'
import { deviceCodePage, deviceConsentPage, deviceDonePage } from '../../src/web/device.tsx'
import { errorPage } from '../../src/web/error-page.tsx'
import { errorReferencePage } from '../../src/web/error-reference.tsx'
import { homePage } from '../../src/web/home.tsx'
import { notAllowedPage } from '../../src/web/not-allowed.tsx'
import { setupPage } from '../../src/web/setup.tsx'
import { signInPage } from '../../src/web/sign-in.tsx'
import { signedOutPage, signOutPage } from '../../src/web/sign-out.tsx'
import { donePage, stepPage } from '../../src/web/step.tsx'
import { onwardPage, telegramPage } from '../../src/web/upstreams.tsx'
import { english } from '../../src/web/words/english.tsx'
import { german } from '../../src/web/words/german.tsx'
import { sampleAdminPages } from './sample-admin-pages.ts'
import { sampleAgentPages } from './sample-agent-pages.ts'
import { sampleApiTokenPages } from './sample-api-tokens.ts'
import { sampleApprovalPages } from './sample-approvals.ts'
import { sampleBackChannelPages } from './sample-back-channel.ts'
import { connections, sampleConnectedAppPages } from './sample-connected-apps.ts'
import { visitor } from './sample-visitor.ts'
import { securityPages } from './security-pages.ts'

const brand = 'Example'
const shell = { brand, words: english }
const botAddress = 'https://t.me/example_auth_bot'
const account = { email: 'ada@example.com', name: 'Ada Lovelace' }
const connectedAt = Date.UTC(2026, 10, 21, 14, 3, 9)
const ofDevice = { userCode: 'WDJB-MJHT', again: '/device?user_code=WDJB-MJHT' }

export const ordinaryConsent: ConsentPageData = {
  ...shell,
  action: '/oauth/consent',
  csrf: 'csrf-token',
  requestId: 'req_1',
  shown: 'digest',
  client: {
    name: 'Claude Code',
    uri: 'https://claude.ai/code',
    registeredVia: 'dynamic',
    registeredAt: connectedAt,
  },
  redirectHost: '127.0.0.1:33418',
  loopbackOnly: true,
  account,
  switchAccount: { action: '/switch-account', csrf: 'csrf-to-leave' },
  resources: [
    {
      name: 'Example MCP',
      identifier: 'https://api.example.com/mcp',
      scopes: [
        { scope: 'mcp:read', description: 'Read your things', already: false },
        { scope: 'mcp:write', description: 'Change your things', already: false },
        { scope: 'profile', description: '', already: false },
      ],
    },
  ],
  details: [],
  accessTtlSeconds: 3600,
  refreshTtlSeconds: 2_592_000,
}

export const trustedConsent: ConsentPageData = {
  ...ordinaryConsent,
  client: { name: 'Example Dashboard', registeredVia: 'preregistered' },
  redirectHost: 'dashboard.example.com',
  loopbackOnly: false,
}

export const publishedConsent: ConsentPageData = {
  ...ordinaryConsent,
  client: { name: 'Planner', registeredVia: 'document', host: 'planner.example.com' },
}

/** More than the app has already, on two resources. */
export const furtherConsent: ConsentPageData = {
  ...trustedConsent,
  resources: [
    {
      name: 'Example MCP',
      identifier: 'https://api.example.com/mcp',
      scopes: [
        { scope: 'mcp:write', description: 'Change your things', already: false },
        { scope: 'mcp:read', description: 'Read your things', already: true },
      ],
    },
    {
      name: 'Example files',
      identifier: 'https://files.example.com',
      scopes: [{ scope: 'files:read', description: 'Read your files', already: true }],
    },
  ],
  details: [
    {
      name: 'A payment',
      values: [
        { label: 'To', words: ['Chez Panisse'] },
        { label: 'At most', words: ['120 EUR'] },
        { label: 'For', words: ['Dinner', 'Drinks'] },
      ],
      already: false,
      choices: [],
    },
    {
      name: 'Your safe',
      values: [],
      already: false,
      choices: [
        {
          field: 'choice-1-safe',
          label: 'Safe',
          options: { family: 'The family’s', work: 'Work' },
          required: false,
          chosen: 'work',
          unreachable: false,
        },
      ],
    },
    {
      name: 'A table',
      values: [{ label: 'Where', words: ['By the window'] }],
      already: true,
      choices: [],
    },
  ],
}

/** A risky scope apart, and what may be left out with a tick. */
export const choiceConsent: ConsentPageData = {
  ...trustedConsent,
  client: {
    ...trustedConsent.client,
    logo: `/client-logos/${'x'.repeat(43)}`,
  },
  resources: [
    {
      name: 'Example MCP',
      identifier: 'https://api.example.com/mcp',
      scopes: [
        { scope: 'openid', description: 'Know that it is you', already: false },
        { scope: 'mcp:read', description: 'Read your things', already: false, tick: 'mcp:read x' },
        {
          ...{ scope: 'mcp:pay', description: 'Pay with your money', already: false },
          ...{ isRisky: true, tick: 'mcp:pay x' },
        },
      ],
    },
  ],
}

/** Tries markup, script URLs, hidden and reordering characters, and length, in every field. */
export const hostile =
  '<script>alert(1)</script>"\' onmouseover=alert(2) style=x:y \u202Eevil\u2066\u200B\u0000 מהיר Сlaude'
export const hostileUrl = 'javascript:alert(document.domain)'
const long = `${hostile} ${'W'.repeat(10_000)}`

export const hostileConsent: ConsentPageData = {
  ...ordinaryConsent,
  brand: hostile,
  action: `/x?${hostile}`,
  csrf: hostile,
  requestId: hostile,
  shown: hostile,
  client: { name: long, uri: hostileUrl, registeredVia: 'dynamic' },
  redirectHost: `аpple.com ${hostile}`,
  account: { email: long, name: long },
  resources: [
    { name: long, identifier: long, scopes: [{ scope: long, description: long, already: true }] },
  ],
  details: [
    {
      name: long,
      values: [{ label: long, words: [long, hostile] }],
      already: false,
      choices: [
        {
          field: 'choice-0-x',
          label: hostile,
          options: { '"><script>': hostile },
          required: true,
          chosen: '"><script>',
          unreachable: false,
        },
      ],
    },
  ],
}

/** A choice in this state, and nothing else in particular. */
function choosing(choice: Partial<DetailChoice>): ConsentPageData {
  const usual = { field: 'choice-0-safe', label: 'Which safe', options: {}, chosen: undefined }
  const choices = [{ ...usual, required: true, unreachable: false, ...choice }]
  const details = [{ name: 'Your safe', values: [], already: false, choices }]
  return { ...trustedConsent, action: '/consent', details }
}

const manySafes = Object.fromEntries(
  Array.from({ length: 200 }, (_, index) => [`safe-${index}`, `The safe number ${index}`]),
)

const grants = connections

const session = { startedAt: connectedAt, expiresAt: connectedAt + 86_400_000 }
const verified = { emailVerified: true, hasPassword: true, byMail: true }
const thisBrowser = {
  sessionId: 'ses_1',
  isThis: true,
  userAgent:
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  address: '203.0.113.7',
  startedAt: connectedAt,
  usedAt: connectedAt,
}
const sessions = {
  csrf: 'csrf-token',
  more: { count: 0, isMore: false },
  sessions: [
    thisBrowser,
    { ...thisBrowser, sessionId: 'ses_2', isThis: false, userAgent: null, address: null },
  ],
}

const step = { ...shell, visitor, action: '/account/email', csrf: 'csrf-token', isSignedIn: true }
const emailField = {
  name: 'email',
  label: 'Email',
  type: 'email',
  autocomplete: 'email',
} as const
const stepPages = {
  'step-email': stepPage({
    ...step,
    kind: 'changeEmail',
    about: account.email,
    fields: [emailField],
  }),
  'step-problem': stepPage({
    ...step,
    kind: 'changeEmail',
    fields: [{ ...emailField, wrong: true }],
    problem: 'email_invalid',
  }),
  'step-delete-german': stepPage({
    ...step,
    words: german,
    kind: 'deleteAccount',
    ends: [account.email, '2 angemeldete Browser', 'Der Zugang von 3 Apps'],
  }),
  'step-hostile': stepPage({
    ...step,
    brand: hostile,
    action: `/x?${hostile}`,
    csrf: hostile,
    kind: 'signUp',
    about: hostile.repeat(200),
    hidden: { token: hostile },
    fields: [{ ...emailField, value: hostile.repeat(200) }],
  }),
  'done-mail-sent': donePage({ ...shell, kind: 'mailSent' }),
  'done-deleted-german': donePage({ ...shell, words: german, kind: 'accountDeleted' }),
}

const accountForm = {
  visitor,
  sessions,
  ...shell,
  session,
  csrf: 'csrf-token',
  signOutAction: '/sign-out',
}
const signIn = { ...shell, action: '/sign-in', csrf: 'csrf-token' }
const upstreams = [
  { id: 'google', name: 'Google' },
  { id: 'github', name: 'GitHub' },
  { id: 'telegram', name: 'Telegram' },
]
const identities = {
  csrf: 'csrf-token',
  upstreams: upstreams.slice(2),
  linked: [
    {
      identityKey: 'hash-1',
      upstreamName: 'Google',
      label: 'ada.lovelace@example.com',
      linkedAt: connectedAt,
    },
    { identityKey: 'hash-2', upstreamName: 'GitHub', label: 'ada', linkedAt: connectedAt },
  ],
}
const telegram = {
  ...shell,
  action: '/sign-in/telegram/bot',
  hidden: { id: '1', csrf: 'csrf-token' },
  label: '@ada',
  name: 'Ada',
}
const signOut = { ...shell, action: '/sign-out', csrf: 'csrf-token', account }
const device = { ...shell, action: '/device', csrf: 'csrf-token', userCode: 'WDJB-MJHT' }
const setup = { ...shell, action: '/setup', csrf: 'csrf-token' }
const issuer = 'https://auth.example.com'
const resources = [{ name: 'Example MCP', resource: 'https://auth.example.com/api/mcp' }]

export const samplePages: Readonly<Record<string, string>> = {
  ...sampleAdminPages({ text: long, short: hostile, url: hostileUrl }),
  ...securityPages,
  errors: errorReferencePage(shell),
  'sign-in': signInPage(signIn),
  'sign-in-by-mail': signInPage({ ...signIn, byMail: true, signUp: true }),
  'sign-in-for-client': signInPage({
    ...signIn,
    client: { name: 'Claude Code' },
    hidden: { request_id: 'req_1' },
  }),
  'sign-in-wrong': signInPage({ ...signIn, email: account.email, problem: 'wrong_credentials' }),
  'sign-in-throttled': signInPage({
    ...signIn,
    problem: 'too_many_attempts',
    retryAfterSeconds: 90,
  }),
  'sign-in-expired': signInPage({ ...signIn, problem: 'expired' }),
  'sign-in-hostile': signInPage({
    ...signIn,
    ...shell,
    brand: hostile,
    action: hostile,
    csrf: hostile,
    email: long,
    client: { name: long },
    hidden: { [hostile]: hostile },
  }),
  'sign-in-elsewhere': signInPage({ ...signIn, upstreams }),
  'sign-in-elsewhere-german': signInPage({
    ...signIn,
    words: german,
    upstreams,
    problem: 'identity_unknown',
  }),
  'sign-in-elsewhere-hostile': signInPage({
    ...signIn,
    upstreams: [{ id: hostile, name: long }],
    hidden: { [hostile]: hostile },
  }),
  onward: onwardPage({
    ...shell,
    upstreamName: 'Google',
    url: 'https://accounts.google.com/o?a=1',
  }),
  'onward-german': onwardPage({
    ...shell,
    words: german,
    upstreamName: 'Google',
    url: 'https://accounts.google.com/o?a=1',
  }),
  'onward-hostile': onwardPage({ ...shell, upstreamName: long, url: hostileUrl }),
  'telegram-sign-in': telegramPage({ ...telegram, purpose: 'sign in' }),
  'telegram-link-german': telegramPage({ ...telegram, words: german, purpose: 'link' }),
  'telegram-hostile': telegramPage({
    ...telegram,
    action: hostile,
    hidden: { [hostile]: long, csrf: hostile },
    label: long,
    name: long,
    purpose: 'sign in',
  }),
  'sign-out': signOutPage({ ...signOut, client: { name: 'Claude Code' } }),
  'sign-out-hostile': signOutPage({
    ...shell,
    brand: hostile,
    action: hostile,
    csrf: hostile,
    account: { email: long, name: long },
    client: { name: long, location: hostileUrl },
    hidden: { [hostile]: hostile },
  }),
  'signed-out': signedOutPage({
    ...shell,
    client: { name: 'Claude Code', location: 'https://app.example.com/left?state=1' },
  }),
  'signed-out-hostile': signedOutPage({
    ...shell,
    brand: hostile,
    client: { name: long, location: hostileUrl },
  }),
  consent: consentPage(ordinaryConsent),
  'consent-trusted': consentPage(trustedConsent),
  'consent-published': consentPage(publishedConsent),
  'consent-published-hostile': consentPage({
    ...hostileConsent,
    client: {
      name: long,
      uri: hostileUrl,
      registeredVia: 'document',
      host: `аpple.com ${hostile}`,
    },
  }),
  'consent-further': consentPage(furtherConsent),
  'consent-hostile': consentPage(hostileConsent),
  'not-allowed': notAllowedPage({ ...ordinaryConsent, clientName: 'Claude Code' }),
  'not-allowed-hostile': notAllowedPage({ ...hostileConsent, clientName: long }),
  ...Object.fromEntries(
    Object.entries(english.errors).map(([kind, text]) => [
      `error-${kind}`,
      errorPage({ ...shell, requestId: 'req_0192f0c1d2e37a4b', text, toSignIn: true }),
    ]),
  ),
  'error-hostile': errorPage({
    ...shell,
    brand: hostile,
    text: { title: long, message: long, advice: long },
    requestId: long,
  }),
  home: homePage({ ...shell, issuer, openid: true, resources }),
  'home-bot': homePage({ ...shell, issuer, openid: true, resources, botAddress }),
  'home-bot-german': homePage({
    ...{ ...shell, words: german, issuer, openid: true, resources, botAddress },
  }),
  'home-german': homePage({ ...shell, words: german, issuer, openid: true, resources }),
  'device-code': deviceCodePage(device),
  'device-code-german': deviceCodePage({ ...device, words: german, problem: 'wrong_code' }),
  'device-code-throttled': deviceCodePage({
    ...device,
    problem: 'too_many_attempts',
    retryAfterSeconds: 90,
  }),
  'device-consent': deviceConsentPage({ ...ordinaryConsent, ...ofDevice }),
  'device-consent-german': deviceConsentPage({
    ...furtherConsent,
    words: german,
    ...ofDevice,
  }),
  'device-consent-options-none': deviceConsentPage({ ...choosing({}), ...ofDevice }),
  'device-consent-choice': deviceConsentPage({ ...choiceConsent, ...ofDevice }),
  'consent-german': consentPage({ ...ordinaryConsent, words: german }),
  'consent-options-one': consentPage(choosing({ options: { family: 'The family’s' } })),
  'consent-options-many': consentPage(choosing({ options: manySafes })),
  'consent-options-none': consentPage(choosing({})),
  'consent-options-unreachable': consentPage(choosing({ unreachable: true })),
  'consent-options-without-german': consentPage({
    ...choosing({ unreachable: true, required: false }),
    words: german,
  }),
  'consent-choice': consentPage(choiceConsent),
  'consent-choice-german': consentPage({ ...choiceConsent, words: german }),
  'not-allowed-german': notAllowedPage({ ...ordinaryConsent, words: german, clientName: 'App' }),
  'device-consent-hostile': deviceConsentPage({
    ...hostileConsent,
    userCode: hostile,
    again: '/device?user_code=x',
  }),
  'device-connected': deviceDonePage({ ...shell, approved: true }),
  'device-refused': deviceDonePage({ ...shell, approved: false }),
  'sign-in-german': signInPage({ ...signIn, words: german, problem: 'wrong_credentials' }),
  'home-signed-in': homePage({
    ...shell,
    openid: false,
    issuer,
    resources: [...resources, { name: 'Bookings', resource: 'https://api.example.com/bookings' }],
    visitor: { ...visitor, rooms: ['account', 'apps', 'token'] },
  }),
  'home-hostile': homePage({
    ...shell,
    openid: false,
    brand: hostile,
    issuer: hostileUrl,
    resources: [{ name: long, resource: hostileUrl }],
    visitor: { ...visitor, name: long },
    botAddress: hostileUrl,
  }),
  account: accountPage({
    ...accountForm,
    account: { ...verified, ...account, admin: true },
    grants,
    grantCount: 12,
    apiTokens: { count: 2, hasLeaked: true },
  }),
  'account-empty': accountPage({
    ...accountForm,
    account: {
      email: account.email,
      emailVerified: false,
      hasPassword: false,
      byMail: true,
      admin: false,
    },
    grants: [],
    grantCount: 0,
  }),
  'account-german': accountPage({
    ...accountForm,
    words: german,
    account: { ...verified, ...account, admin: true },
    grants,
    grantCount: 12,
  }),
  'account-identities': accountPage({
    ...accountForm,
    account: { ...verified, ...account, admin: false },
    grants: [],
    grantCount: 0,
    identities,
  }),
  'account-identities-last-german': accountPage({
    ...accountForm,
    words: german,
    account: { ...verified, ...account, admin: false },
    grants: [],
    grantCount: 0,
    identities: { ...identities, linked: identities.linked.slice(0, 1), problem: 'last_way_in' },
  }),
  'account-identities-hostile': accountPage({
    ...accountForm,
    account: { ...verified, email: '', name: long, admin: false },
    grants: [],
    grantCount: 0,
    identities: {
      csrf: hostile,
      upstreams: [{ id: hostile, name: long }],
      linked: [{ identityKey: hostile, upstreamName: long, label: long, linkedAt: connectedAt }],
    },
  }),
  'account-hostile': accountPage({
    ...accountForm,
    account: { ...verified, email: long, name: long, admin: true },
    sessions: {
      csrf: hostile,
      more: { count: 975, isMore: true },
      sessions: [{ ...thisBrowser, userAgent: long, address: long }],
    },
    grants: connections.map((c) => ({ ...c, clientName: long, resourceName: long })),
    grantCount: 3,
  }),
  setup: setupPage(setup),
  'setup-problem': setupPage({
    ...setup,
    email: account.email,
    name: account.name,
    problem: 'password_too_short',
    hidden: { token: 'one-use' },
  }),
  'setup-hostile': setupPage({ ...setup, brand: hostile, email: long, name: long }),
  ...stepPages,
  ...sampleConnectedAppPages(long),
  ...sampleApprovalPages(hostile, long),
  ...sampleBackChannelPages(hostile, long),
  ...sampleApiTokenPages({ ...shell, visitor }, { hostile, long }),
  ...sampleAgentPages,
}
