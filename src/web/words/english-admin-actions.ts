/** What an administrator can do, in English: the question, what follows from it, and the button. */

export interface ActionText {
  /** What leads to it, where the button's words would not do. */
  readonly link?: string
  readonly title: string
  readonly lead: string
  readonly submit: string
}

export const englishAdminActions = {
  actions: {
    'create-client': {
      link: 'Add an app',
      title: 'Add an app',
      lead: 'For an app that does not register itself. Its secret is shown once, afterwards.',
      submit: 'Add this app',
    },
    'rotate-secret': {
      link: 'Make a new secret',
      title: 'Make a new secret',
      lead: 'The new secret works at once. The old one goes on for the time that you choose.',
      submit: 'Make a new one',
    },
    'disable-client': {
      title: 'Disable this app?',
      lead: 'Its tokens stop at once. They work again if it is enabled before they expire.',
      submit: 'Disable the app',
    },
    'enable-client': {
      title: 'Enable this app?',
      lead: 'Its tokens that have not expired work again.',
      submit: 'Enable the app',
    },
    'delete-client': {
      title: 'Delete this app for ever?',
      lead: 'This cannot be undone: its id is never used again, and nobody who uses it gets in.',
      submit: 'Delete the app',
    },
    'create-user': {
      link: 'Add a person',
      title: 'Add a person',
      lead: 'Tell the person the password yourself, in a way that nobody else reads.',
      submit: 'Add this person',
    },
    'disable-user': {
      title: 'Disable this account?',
      lead: 'The person is signed out, and no token of theirs works until it is enabled again.',
      submit: 'Disable the account',
    },
    'enable-user': {
      title: 'Enable this account?',
      lead: 'The person can sign in again, and tokens that have not expired work again.',
      submit: 'Enable the account',
    },
    'end-sessions': {
      title: 'Sign this person out everywhere?',
      lead: 'Every browser has to sign in again. Apps keep the access that they have.',
      submit: 'Sign out everywhere',
    },
    'end-session': {
      title: 'End this session?',
      lead: 'This browser has to sign in again.',
      submit: 'End the session',
    },
    'reset-second-factor': {
      link: 'Reset the second factor',
      title: 'Reset the second factor of this person?',
      lead: 'For somebody who has lost it, once you are sure who asks. Their passkeys, the app that shows codes and its recovery codes end, and they are signed out everywhere and told by mail.',
      submit: 'Reset the second factor',
    },
    'make-admin': {
      title: 'Make this person an administrator?',
      lead: 'They can then do everything that you can do here, and read the whole record.',
      submit: 'Make administrator',
    },
    'unmake-admin': {
      link: 'Take administration away',
      title: 'Take administration away from this person?',
      lead: 'They keep their account and can no longer open these pages.',
      submit: 'Take it away',
    },
    'set-groups': {
      link: 'Change groups',
      title: 'Groups of this person',
      lead: 'They decide which access the person may give.',
      submit: 'Save groups',
    },
    'set-permissions': {
      link: 'Change permissions',
      title: 'Permissions of this person',
      lead: 'Apps are told them; this server itself goes by groups.',
      submit: 'Save permissions',
    },
    'end-grant': {
      title: 'End this consent?',
      lead: 'This cannot be undone: all its tokens stop at once, and the app has to ask again.',
      submit: 'End the consent',
    },
    'revoke-agent': {
      title: 'End this agent?',
      lead: 'This cannot be undone: all that it gave stops at once, and its name is not given to another.',
      submit: 'End the agent',
    },
    'end-token': {
      title: 'End this access token?',
      lead: 'This cannot be undone. The app may get another while its consent is good.',
      submit: 'End the token',
    },
    'end-api-token': {
      title: 'End this API token?',
      lead: 'This cannot be undone. Whatever uses it stops at once; its person can make another.',
      submit: 'End the API token',
    },
    'approve-tool': {
      link: 'Look at it',
      title: 'Approve this tool as it is now?',
      lead: 'It is listed and can be called again, by everybody who has its scope. Models read these words and do what they say.',
      submit: 'Approve the tool',
    },
    'publish-key': {
      title: 'Begin the next key?',
      lead: 'A new key is published now, and signs once every copy of the key set has it.',
      submit: 'Publish the next key',
    },
    'replace-keys': {
      title: 'Replace the keys at once?',
      lead: 'Only for a key that somebody else may have. This cannot be undone: whatever the old keys have signed is refused from now on.',
      submit: 'Replace the keys',
    },
  },
  fields: {
    reason: 'Reason',
    reasonHint: 'It stands in the record, sealed. At most 1,000 characters.',
    overlapHours: 'The old secret works for so many hours more',
    overlapHint: 'From 0 to 8760.',
    kind: 'What kind of app',
    kinds: {
      web: 'It has a server that keeps a secret',
      native: 'It runs on a device or in a browser, without a secret',
      machine: 'It acts for itself, without a person',
    },
    redirectUris: 'Where answers go',
    redirectUrisHint: 'One address a line; none for an app that acts for itself.',
    scope: 'Scopes that it may ask for',
    scopeHint: 'Separated by spaces. Empty: all that the resources offer.',
    groups: 'Groups',
    groupsHint: 'Separated by spaces. Empty: none.',
    permissions: 'Permissions',
    permissionsHint: 'Separated by spaces. Empty: none.',
    initialPassword: 'First password',
    admin: 'This person is an administrator too',
  },
  problems: {
    expired:
      'This page was open for too long, or something has changed meanwhile. Please check it and send it again.',
    reason_missing: 'Please say why.',
    reason_too_long: 'This reason is too long.',
    overlap_invalid: 'The hours must be a whole number from 0 to 8760.',
    last_admin: 'This is the last administrator. Make somebody else one first.',
    last_way_in:
      'A passkey is the only way in to this account: without it nobody could sign in to it.',
    not_now: 'That is not possible in the state that this is in now.',
    next_key_exists: 'The next key is published already, and signs in its time.',
    client_refused: 'The app cannot be added like this.',
    email_taken: 'Somebody has this email address already.',
    group_invalid: 'A group has letters, digits, dots, dashes and underscores, at most 64.',
    group_reserved: 'Administrators, and they alone, are in the group "admin".',
    too_many: 'These are too many.',
    permission_malformed: 'A permission has up to 128 visible ASCII characters, and no comma.',
  },
} satisfies {
  actions: Record<string, ActionText>
  fields: Record<string, unknown>
  problems: Record<string, string>
}

export type AdminActionName = keyof typeof englishAdminActions.actions
export type AdminProblem = keyof typeof englishAdminActions.problems
