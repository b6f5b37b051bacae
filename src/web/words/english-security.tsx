/** How people prove who they are: what the pages say of it, in English. */
import type { ComponentChildren } from 'preact'

export const englishSignIn = {
  problems: {
    passkey_refused: 'This passkey could not be used. Try again, or sign in another way.',
    passkey_needed: 'This server asks for more than a password here. Sign in with your passkey.',
    other_person: 'Somebody else is signed in here. Sign in as the same person, or sign out first.',
  },
  ways: {
    againTitle: 'Confirm that it is you',
    again: 'What you are about to do is important, so please sign in once more.',
    withPasskey: 'Use a passkey',
    noPasskey: 'No passkey was used. You can try again.',
  },
}

export const englishSecurity = {
  title: 'How you sign in',
  lead: 'A passkey, or a code beside your password, keeps others out who learn the password.',
  link: 'How you sign in',
  back: 'Back to your account',
  passkeys: {
    title: 'Passkeys',
    lead: 'You unlock a passkey with your finger, your face or a PIN. It works on no other website, so nobody can lure it from you.',
    none: 'You have no passkey yet.',
    unnamed: 'Passkey',
    synced: 'on your devices',
    oneDevice: 'on one device',
    added: (at: ComponentChildren) => <>added {at}</>,
    used: (at: ComponentChildren) => <>last used {at}</>,
    unused: 'never used',
    nameHint: 'So that you know it again, such as “Work laptop”.',
    add: 'Add a passkey',
    notAdded: 'No passkey was added. You can try again.',
    remove: 'Remove',
    removeNamed: (name: string) => `Remove ${name}`,
    needsScript: 'Adding one takes a browser with JavaScript and passkeys.',
  },
  totp: {
    title: 'Codes from an app',
    off: 'An app on your phone shows a code that you type after your password.',
    on: (at: ComponentChildren) => <>Signing in with your password takes a code, since {at}.</>,
    setUp: 'Set up an app',
    turnOff: 'Turn off codes',
  },
  recovery: {
    title: 'Recovery codes',
    left: (count: number) =>
      count === 1 ? 'One recovery code is left.' : `${count} recovery codes are left.`,
    renew: 'Make new recovery codes',
  },
  enrol: {
    title: 'Set up codes from an app',
    required: 'This server asks for a second proof beside your password. Set it up now.',
    scan: 'Scan this with an app for codes, such as the one in your password manager.',
    qr: 'QR code with the key for your app',
    type: 'If you cannot scan it, type this key into the app:',
    code: 'Code that the app shows',
    submit: 'Turn on codes',
  },
  codes: {
    title: 'Keep these recovery codes',
    lead: 'If you lose your phone, each of them lets you in once in the place of a code. They are shown only now: print them, or put them into your password manager.',
    done: 'I have kept them',
  },
  second: {
    title: 'One more step',
    lead: 'Type the code that your app shows now.',
    code: 'Code',
    codeHint: 'Without your phone, type one of your recovery codes.',
    submit: 'Continue',
    elsewhere: 'Sign in another way',
  },
  problems: {
    wrong_code: 'This code is not right, or it has been used. Wait for the next one and try again.',
    too_many_attempts: 'There were too many attempts. Wait a while, then try again.',
    expired: 'This page was open for too long. Please try again.',
    passkey_refused: 'This passkey could not be added. Please try again.',
    passkey_exists: 'This passkey is on your list already.',
    passkeys_too_many: 'There are too many passkeys on your list. Remove one first.',
    passkey_unknown: 'This passkey is not on your list any more.',
    last_way_in:
      'This is your only way to sign in. Add another passkey, a password with an address, or another service first.',
    totp_enabled: 'Codes are on already.',
    totp_not_enabled: 'Codes are not on.',
    recovery_code_unknown: 'This recovery code is not right.',
  },
  tryAgainIn: (time: string) => `There were too many attempts. Try again in ${time}.`,
}
