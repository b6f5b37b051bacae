/** What the small forms about an account say, and the pages after them, in English. */
export const englishSteps = {
  askSignIn: {
    title: 'Sign in by email',
    lead: 'We send you a link that signs you in, in this browser.',
    submit: 'Send the link',
  },
  askReset: {
    title: 'Forgotten password',
    lead: 'We send you a link with which you choose a new password.',
    submit: 'Send the link',
  },
  askSignUp: {
    title: 'Create an account',
    lead: 'We send you a link, so that we know the address is yours.',
    submit: 'Send the link',
  },
  signIn: {
    title: 'Sign in',
    lead: 'One more click, and you are signed in:',
    submit: 'Sign in',
  },
  reset: {
    title: 'A new password',
    lead: 'Every other browser will be signed out:',
    submit: 'Set the password',
  },
  signUp: {
    title: 'Create an account',
    lead: 'Your address:',
    submit: 'Create account',
  },
  confirmEmail: {
    title: 'Confirm your address',
    lead: 'This is the address of your account from now on:',
    submit: 'Confirm',
  },
  changeEmail: {
    title: 'Change your address',
    lead: 'We send a link to the new address. Until you open it, nothing changes:',
    submit: 'Send the link',
  },
  verifyEmail: {
    title: 'Confirm your address',
    lead: 'We send you a link to this address:',
    submit: 'Send the link',
  },
  changePassword: {
    title: 'Change your password',
    lead: 'Every other browser will be signed out.',
    submit: 'Set the password',
  },
  rename: {
    title: 'Change your name',
    lead: 'Apps that you let see your profile will see it.',
    submit: 'Save',
  },
  deleteAccount: {
    title: 'Delete your account',
    lead: 'This cannot be undone. It ends all of this:',
    submit: 'Delete my account',
  },
}

export const englishStepParts = {
  currentPassword: 'Current password',
  newPassword: 'New password',
  newEmail: 'New email',
  sessionsEnd: (count: number | string) => `${count} signed-in browser${count === 1 ? '' : 's'}`,
  appsEnd: (count: number | string) => `The access of ${count} app${count === 1 ? '' : 's'}`,
  back: 'Back to your account',
  onward: 'Continue',
  problems: {
    email_invalid: 'This is not an email address. Check it and try again.',
    email_taken: 'This address cannot be used. Choose another.',
    too_many_attempts: 'There were too many attempts. Wait a while, then try again.',
    wrong_credentials: 'This is not your current password.',
    last_admin: 'You are the only administrator. Make somebody else one first.',
    password_too_short: 'This password is too short. Use at least 8 characters.',
    password_too_long: 'This password is too long for this server.',
    password_too_common:
      'This password is one of the first that an attacker tries. Choose another.',
    expired: 'This page was open for too long. Please fill it in again.',
  },
}

export const englishDone = {
  mailSent: {
    title: 'Look in your mailbox',
    text: 'If the address is one that we can write to, a link is on its way. It works once, and not for long. If nothing comes, look among unwanted mail, or ask again.',
  },
  passwordSet: {
    title: 'Your password is set',
    text: 'All other browsers are signed out. Sign in with the new password.',
  },
  emailConfirmed: {
    title: 'Your address is confirmed',
    text: 'It belongs to your account now.',
  },
  otherBrowser: {
    title: 'Open it in the other browser',
    text: 'This link works only in the browser in which you asked for it. Open it there, or ask for another one here.',
  },
  accountDeleted: {
    title: 'Your account is deleted',
    text: 'All access that you had given has ended, and what was kept of you cannot be read any more.',
  },
}
