/**
 * Everything that the pages say, in English. This catalogue is the complete one: its type is what
 * every other language has to fill. Texts with something in them are functions, so that each
 * language puts it where it belongs.
 */
import type { ComponentChildren } from 'preact'
import { englishAdmin } from './english-admin.tsx'
import { englishAdminActions } from './english-admin-actions.ts'
import { englishAgents } from './english-agents.tsx'
import { englishApiTokens } from './english-api-tokens.tsx'
import { englishApprovals } from './english-approvals.tsx'
import { englishBackChannel } from './english-back-channel.tsx'
import { englishBot } from './english-bot.ts'
import { englishConnectedApps } from './english-connected-apps.tsx'
import { englishConsent } from './english-consent.tsx'
import { englishErrors } from './english-errors.ts'
import { englishGateway } from './english-gateway.tsx'
import { englishLetterFrame, englishLetters } from './english-letters.ts'
import { englishSecurity, englishSignIn } from './english-security.tsx'
import { englishDone, englishStepParts, englishSteps } from './english-steps.ts'
import { englishUpstreams } from './english-upstreams.tsx'

type Count = (count: number) => string

function counted(unit: string): Count {
  return (count) => `${count} ${unit}${count === 1 ? '' : 's'}`
}

const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
]

export const english = {
  /** BCP 47. */
  language: 'en',
  shell: {
    atLeast: (count: string) => `${count}+`,
    paging: {
      page: (page: number, pages: number) => `Page ${page} of ${pages}`,
      newer: 'Newer',
      older: 'Older',
    },
    skip: 'Skip to content',
    colophon: 'Grantlog keeps a record of every access given here.',
    unnamedApp: 'An app without a name',
    reference: 'Reference',
    problem: (title: string) => `Problem: ${title}`,
  },
  navigation: {
    open: (who: string) => `Account menu of ${who}`,
    rooms: {
      account: 'Your account',
      security: 'How you sign in',
      apps: 'Connected apps',
      approvals: 'Approvals',
      token: 'API Token',
      tokens: 'API tokens',
      agents: 'Agents',
      admin: 'Administration',
    },
  },
  time: {
    day: counted('day'),
    hour: counted('hour'),
    minute: counted('minute'),
    second: counted('second'),
    /** A moment in UTC, and a clock of `14:03`. */
    moment: (at: Date, clock: string) =>
      `${at.getUTCDate()} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()}, ${clock} UTC`,
  },
  fields: {
    email: 'Email',
    name: 'Name',
    password: 'Password',
    passwordHint: 'At least 8 characters. A few words in a row make a good one.',
  },
  signIn: {
    title: 'Sign in',
    toContinue: (client: ComponentChildren) => <>to continue to {client}</>,
    submit: 'Sign in',
    otherWays: 'Other ways to sign in',
    byEmail: 'Sign in by email',
    forgotten: 'Forgotten password?',
    signUp: 'Create an account',
    problems: {
      wrong_credentials:
        'This email and password do not belong together. Check both and try again.',
      too_many_attempts: 'There were too many attempts. Wait a while, then try again.',
      expired: 'This page was open for too long. Please sign in again.',
      ...englishUpstreams.problems,
      ...englishSignIn.problems,
    },
    tryAgainIn: (time: string) => `There were too many attempts. Try again in ${time}.`,
    ...englishSignIn.ways,
  },
  signOut: {
    title: 'Sign out',
    question: 'Sign out?',
    signedInAs: (who: ComponentChildren) => <>You are signed in as {who}.</>,
    asked: (client: ComponentChildren) => <>{client} asks to sign you out.</>,
    afterwards: (host: ComponentChildren) => <>Afterwards you go on to {host}</>,
    submit: 'Sign out',
    stay: 'Stay signed in',
    doneTitle: 'Signed out',
    done: 'You are signed out',
    nobody: 'Nobody is signed in here in this browser now.',
    goOn: (host: ComponentChildren) => <>Go on to {host}</>,
    again: 'Sign in again',
  },
  backChannel: englishBackChannel,
  device: {
    title: 'Connect a device',
    lead: 'Type the code that your device shows.',
    compare: 'Is this the code that your device shows? Go on only if it is the same.',
    code: 'Code',
    codeHint: 'Eight letters, such as WDJB-MJHT.',
    submit: 'Continue',
    problems: {
      wrong_code: 'No device waits with this code. Check it, or start again on the device.',
      too_many_attempts: 'There were too many wrong codes. Wait a while, then try again.',
      expired: 'This page was open for too long. Please type the code again.',
      too_weak:
        'What it asks for needs a second step or a passkey, and your account has none. Set one up under “Account”, then type the code again.',
    },
    tryAgainIn: (time: string) => `There were too many wrong codes. Try again in ${time}.`,
    allow: (client: string) => `Allow ${client}?`,
    asks: (client: ComponentChildren, resource: ComponentChildren) => (
      <>
        {client} asks for access to {resource}
      </>
    ),
    ownDevice: 'Only continue if you started this yourself, on your own device.',
    sameCode: (code: ComponentChildren) => (
      <>The access goes to whatever device shows {code}. If somebody sent you here, choose Deny.</>
    ),
    approve: 'Approve',
    deny: 'Deny',
    done: {
      title: 'Your device is connected',
      text: 'It notices within a few seconds. You can close this page.',
    },
    refused: {
      title: 'The device gets no access',
      text: 'Nothing was given. You can close this page.',
    },
  },
  setup: {
    title: 'Set up this server',
    lead: 'Create the first administrator. This link works once.',
    submit: 'Create administrator',
    problems: {
      email_invalid: 'This is not an email address. Check it and try again.',
      name_missing: 'Please say what you are called.',
      password_too_short: 'This password is too short. Use at least 8 characters.',
      password_too_long: 'This password is too long for this server.',
      password_too_common:
        'This password is one of the first that an attacker tries. Choose another.',
      expired: 'This page was open for too long. Please fill it in again.',
    },
  },
  account: {
    title: 'Your account',
    administrator: 'Administrator',
    signedIn: (since: ComponentChildren) => <>Signed in {since}</>,
    signedInUntil: (since: ComponentChildren, until: ComponentChildren) => (
      <>
        Signed in {since}, until {until}
      </>
    ),
    unconfirmed: 'Not confirmed',
    confirm: 'Confirm it',
    changeName: 'Change name',
    changeEmail: 'Change email',
    changePassword: 'Change password',
    setPassword: 'Set a password',
    deleteAccount: 'Delete account',
    sessions: 'Signed-in browsers',
    moreSessions: (count: string) => `and ${count} more, used longer ago`,
    thisBrowser: 'This browser',
    unknownBrowser: 'An unknown browser',
    browserOn: (browser: string, system: string) => `${browser} on ${system}`,
    lastUsed: (at: ComponentChildren) => <>last used {at}</>,
    endSession: 'Sign out',
    endOthers: 'Sign out everywhere else',
    apps: 'Connected apps',
    noApps: 'No app has access.',
    noAppsAdvice: 'When you approve one, it is listed here.',
    howToConnect: 'How to connect an app',
    connected: (resource: ComponentChildren, at: ComponentChildren) => (
      <>
        {resource} · connected {at}
      </>
    ),
  },
  home: {
    title: 'Connect an app',
    account: 'Account',
    promise: 'You decide which apps and agents may act for you',
    lead: (brand: ComponentChildren) => (
      <>
        {brand} signs you in, asks you before an app gets access, and keeps a record of every access
        it has given.
      </>
    ),
    connect: 'Connect an MCP client',
    paste: 'Paste this address where your client asks for an MCP server or a custom connector.',
    claudeCode: 'In Claude Code, run',
    settingsFile: 'For clients with a settings file',
    opens: 'The client opens this server in your browser. Sign in.',
    decide: 'Read what it asks for, and choose Approve or Deny.',
    developers: 'For developers',
    issuer: (issuer: ComponentChildren) => (
      <>OAuth 2.1 and OpenID Connect; the issuer is {issuer}</>
    ),
    serverMetadata: 'Authorization server metadata',
    openidConfiguration: 'OpenID Connect configuration',
    errors: 'Errors, and what to do about each',
    resourceMetadata: (name: string) => `Protected resource metadata of ${name}`,
  },
  steps: englishSteps,
  stepParts: englishStepParts,
  done: englishDone,
  letters: englishLetters,
  letterFrame: englishLetterFrame,
  admin: englishAdmin,
  adminActions: englishAdminActions,
  agents: englishAgents,
  apiTokens: englishApiTokens,
  upstreams: englishUpstreams,
  gateway: englishGateway,
  approvals: englishApprovals,
  connectedApps: englishConnectedApps,
  bot: englishBot,
  consent: englishConsent,
  security: englishSecurity,
  errors: englishErrors,
}
