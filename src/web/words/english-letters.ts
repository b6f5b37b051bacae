/** What mail says, in English. */
const fromThis = (text: string) => (brand: string) => `${text} ${brand}.`

export const englishLetterFrame = {
  greeting: 'Hello,',
  until: (moment: string) => `The link works once, until ${moment}.`,
  happened: (moment: string) => `That was on ${moment}.`,
  happenedBy: (moment: string, device: string) => `That was on ${moment}, by ${device}.`,
  notYou:
    'If it was not you, sign in at once, sign out everywhere else, change your password, and look at how you sign in:',
  sentBy: (issuer: string) => `This was sent by ${issuer}, which reads no replies.`,
  closing: (issuer: string) =>
    `If you did not ask for this, you need not do anything; nobody gets into your account by it. This was sent by ${issuer}, which reads no replies.`,
}

export const englishLetters = {
  signIn: {
    subject: (brand: string) => `Sign in to ${brand}`,
    text: fromThis('open this link in the browser in which you asked for it, to sign in to'),
    action: 'Sign in',
  },
  reset: {
    subject: (brand: string) => `A new password for ${brand}`,
    text: fromThis('open this link to choose a new password for your account at'),
    action: 'Choose a new password',
  },
  confirm: {
    subject: (brand: string) => `Confirm your address at ${brand}`,
    text: fromThis('open this link to confirm that you read this address, for your account at'),
    action: 'Confirm this address',
  },
  change: {
    subject: (brand: string) => `Your new address at ${brand}`,
    text: fromThis('open this link to make this the address of your account at'),
    action: 'Use this address',
  },
  signUp: {
    subject: (brand: string) => `Create your account at ${brand}`,
    text: fromThis('open this link to create your account at'),
    action: 'Create account',
  },
  invitation: {
    subject: (brand: string) => `You are invited to ${brand}`,
    text: fromThis('open this link to create the account that you are invited to have at'),
    action: 'Create account',
  },
  haveAccount: {
    subject: (brand: string) => `You have an account at ${brand}`,
    text: (brand: string) =>
      `somebody, perhaps you, wanted to create an account at ${brand} with this address. There is one already: sign in with it, or ask there for a new password.`,
  },
  emailChanged: {
    subject: (brand: string) => `Your address at ${brand} was changed`,
    text: (brand: string) =>
      `your account at ${brand} has another address now, and this one is no longer used. If that was not you, tell the people who run ${brand} at once.`,
  },
  passwordChanged: {
    subject: (brand: string) => `Your password at ${brand} was changed`,
    text: (brand: string) =>
      `the password of your account at ${brand} was changed, and all other browsers were signed out.`,
  },
  accountDeleted: {
    subject: (brand: string) => `Your account at ${brand} was deleted`,
    text: (brand: string) =>
      `your account at ${brand} was deleted, and all access that you had given ended with it.`,
  },
  apiTokenLeaked: {
    subject: (brand: string) => `An API token of yours at ${brand} was found in public`,
    text: (brand: string) =>
      `somebody found an API token of your account at ${brand} where everybody can read it. It was revoked at once. Sign in to see which it was, remove it from there, and look at what was done with it.`,
  },
  apiTokenExpires: {
    subject: (brand: string) => `An API token of yours at ${brand} expires soon`,
    text: (brand: string) =>
      `an API token of your account at ${brand} expires within days. If something still uses it, sign in and renew it in time.`,
  },
  passkeyAdded: {
    subject: (brand: string) => `A passkey was added to your account at ${brand}`,
    text: (brand: string) => `there is another passkey now that opens your account at ${brand}.`,
  },
  passkeyRemoved: {
    subject: (brand: string) => `A passkey of your account at ${brand} was removed`,
    text: (brand: string) => `a passkey was removed and no longer opens your account at ${brand}.`,
  },
  codesOn: {
    subject: (brand: string) => `Signing in to ${brand} takes a code now`,
    text: (brand: string) =>
      `an app that shows codes was set up for your account at ${brand}. From now on your password alone does not sign in.`,
  },
  codesOff: {
    subject: (brand: string) => `Signing in to ${brand} takes no code any more`,
    text: (brand: string) =>
      `the app that shows codes was removed from your account at ${brand}, and its recovery codes with it.`,
  },
  recoveryCodesMade: {
    subject: (brand: string) => `New recovery codes for ${brand}`,
    text: (brand: string) =>
      `new recovery codes were made for your account at ${brand}. The ones before open nothing any more.`,
  },
  identityLinked: {
    subject: (brand: string) => `Another way to sign in to ${brand}`,
    text: (brand: string) =>
      `an account with another service was linked to yours at ${brand}, and signs in to it from now on.`,
  },
  identityUnlinked: {
    subject: (brand: string) => `A way to sign in to ${brand} was removed`,
    text: (brand: string) =>
      `an account with another service was unlinked from yours at ${brand}, and no longer signs in to it.`,
  },
  secondFactorReset: {
    subject: (brand: string) => `Your second factor at ${brand} was reset`,
    text: (brand: string) =>
      `the people who run ${brand} took every passkey and the app that shows codes from your account, and signed you out everywhere. Sign in and set up a second factor anew. If you did not ask them for that, tell them.`,
  },
  emailNew: {
    subject: (brand: string) => `This is your address at ${brand} now`,
    text: (brand: string) => `your account at ${brand} has this address now.`,
  },
  approvalAsked: {
    subject: (brand: string) => `Something waits for your approval at ${brand}`,
    text: (brand: string) =>
      `an app or agent that you connected at ${brand} asks you to decide something. Sign in to see what it is, and approve or deny it there. While you do neither, nothing happens.`,
    action: 'See what it is',
  },
  agentRegistered: {
    subject: (brand: string) => `An agent at ${brand} names you as its owner`,
    text: (brand: string) =>
      `a program registered at ${brand} and says that it is yours. Sign in with the account of this address to see what it is, and confirm or decline it there. While you do neither, it can do nothing in your name.`,
    action: 'See the agent',
  },
}
