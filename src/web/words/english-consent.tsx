/** What the pages on which access is given say in English. */
import type { ComponentChildren } from 'preact'

export const englishConsent = {
  allow: (app: string) => `Allow ${app}?`,
  asks: (app: ComponentChildren, resources: ComponentChildren) => (
    <>
      {app} asks for access to {resources}
    </>
  ),
  asksForMore: (app: ComponentChildren, resources: ComponentChildren) => (
    <>
      {app} asks for more access to {resources}
    </>
  ),
  and: (names: readonly string[]) => names.join(' and '),
  approve: 'Approve',
  deny: 'Deny',
  origin: {
    unverified: 'The app chose this name itself; nobody has verified it.',
    operator: 'This app was added by the people who run this server.',
    hidden: 'Invisible characters were left out of it.',
    mixed: 'It mixes letters of different alphabets that look alike.',
    document: (host: ComponentChildren) => (
      <>This app is {host}, which chose the name for itself. </>
    ),
  },
  signedInAs: 'Signed in as',
  switchAccount: 'Use another account',
  loopback: {
    question: 'Did you start this yourself, just now, on this computer?',
    advice:
      'The answer goes to an app that runs here, and no one can tell which. If you did not start it, choose Deny.',
  },
  able: 'It will be able to',
  fresh: 'New',
  already: 'Already allowed',
  nothingElse: 'Know who you are, and nothing else.',
  highRisk: 'With care',
  choose: 'Untick what you do not want to give.',
  chooseOne: 'Choose one',
  chooseNone: 'None',
  noChoice: {
    unreachable: 'What there is to choose from cannot be had at the moment.',
    empty: 'There is nothing to choose from.',
    needed: 'Without a choice this cannot be approved.',
    without: 'You can go on without it.',
    again: 'Try again',
  },
  inParticular: 'In particular',
  alreadyAllowed: 'already allowed',
  where: 'Where',
  answer: 'Answer goes to',
  howLong: 'How long',
  once: (time: string) => `${time}, then the app has to ask again.`,
  renewing: (time: string, unused: string) =>
    `${time} at a time. It renews itself until it has not been used for ${unused}.`,
  website: 'App’s website',
  saysTheApp: 'says the app (opens a new tab)',
  registered: 'Registered',
  notAllowed: {
    title: 'This account may not allow that',
    text: (app: ComponentChildren) => (
      <>
        {app} asks for access that this account cannot give. The people who run this server decide
        who can.
      </>
    ),
    back: 'Back to the app',
  },
}
