/** What the administrator's pages say in English. */
import type { ComponentChildren } from 'preact'

export const englishAdmin = {
  title: 'Administration',
  sections: {
    overview: 'Overview',
    clients: 'Apps',
    users: 'People',
    grants: 'Consents',
    tokens: 'Tokens',
    sessions: 'Sessions',
    agents: 'Agents',
    gateway: 'MCP servers',
    keys: 'Signing keys',
    settings: 'Settings',
  },
  search: 'Search',
  searchHint: {
    clients: 'Part of a name, an id or an address that answers go to',
    users: 'Part of a name, an email address, a group or an id',
    grants: 'Part of a name, an email address or an id, of the person or of the app',
    tokens: 'Part of a name, an email address, an id or a resource',
    sessions: 'Part of a name, an email address, an IP address or an id',
    agents: 'Part of a name, a model, an email address or an id',
  },
  showAll: 'Show all',
  nothingFound: 'Nothing matches this search.',
  nothing: 'There is none yet.',
  nothingYet: 'Nothing here so far.',
  lookedAt: (count: string) => `This page looked at ${count}, and there are more to look at.`,
  lookOn: 'Look further',
  nextPage: 'Next page',
  firstPage: 'First page',
  back: 'Back',
  cancel: 'Cancel',
  unnamed: 'Nobody known by name',
  status: {
    revoked: 'revoked',
    unconfirmed: 'not confirmed',
    confirmed: 'confirmed',
    active: 'active',
    disabled: 'disabled',
    hibernating: 'hibernating',
    published: 'published, signs later',
    retired: 'retired, still checked',
    signing: 'signs now',
  },
  via: {
    dynamic: 'registered itself',
    preregistered: 'added by an administrator',
    document: 'known by its own address',
  },
  remarks: {
    registered: (at: ComponentChildren) => <>since {at}</>,
    token: (app: ComponentChildren, resource: ComponentChildren) => (
      <>
        {app} at {resource}
      </>
    ),
    of: (person: ComponentChildren) => <>of {person}</>,
    own: 'acts for itself',
    until: (at: ComponentChildren) => <>until {at}</>,
    endless: 'without an end',
    apiToken: 'API token',
    started: (at: ComponentChildren) => <>signed in {at}</>,
    used: (at: ComponentChildren) => <>last used {at}</>,
    unused: 'over: nobody used it for too long',
  },
  overview: {
    counts: 'What there is now',
    attention: 'What needs attention',
    calm: 'Nothing does.',
    disabledClients: (count: number | string) =>
      `${count === 1 ? 'One app is' : `${count} apps are`} disabled`,
    disabledUsers: (count: number | string) =>
      `${count === 1 ? 'One account is' : `${count} accounts are`} disabled`,
    keyRotates: (algorithm: string, at: ComponentChildren) => (
      <>
        The {algorithm} key is followed by another from {at}
      </>
    ),
    clientsSleep: (count: number | string) =>
      `${count === 1 ? 'One app that nobody uses hibernates' : `${count} apps that nobody uses hibernate`} within a week`,
    toolsWait: (count: number) =>
      `${count === 1 ? 'One tool of an MCP server waits' : `${count} tools of MCP servers wait`} for an approval`,
    loneAdmin:
      'There is one administrator only. Make a second one, in case the first is locked out.',
    server: 'This server',
    version: 'Version',
    issuer: 'Issuer',
    database: 'Database',
    events: 'Events in the log',
  },
  client: {
    id: 'Client id',
    how: 'How it came here',
    proof: 'How it proves itself',
    redirects: 'Answers go to',
    grantTypes: 'Grant types',
    scope: 'Scopes',
    contacts: 'Contacts',
    homepage: 'Homepage',
    oldSecret: 'The secret before is good until',
    since: 'Known since',
  },
  user: {
    id: 'Id of the person',
    email: 'Email address',
    since: 'Account since',
    groups: 'Groups',
    permissions: 'Permissions',
    none: 'none',
    signIn: 'Ways to sign in',
    password: 'A password',
    noPassword: 'No password',
    secondFactor: 'Beside a password',
    passkeys: (count: number) => (count === 1 ? 'a passkey' : `${count} passkeys`),
    codes: 'an app that shows codes',
  },
  grant: {
    title: 'A consent',
    id: 'Consent id',
    person: 'Given by',
    app: 'Given to',
    access: 'Access',
    approved: 'Given',
    used: 'Last used for a token',
    expires: 'Ends unless it is used',
    ended: 'This consent has ended. What it was stands in the events below.',
  },
  key: {
    since: (at: ComponentChildren) => <>since {at}</>,
    next: (at: ComponentChildren) => <>The next one signs from {at}</>,
  },
  settings: {
    lead: 'What this server goes by. To change it, change where it was said and start again.',
    byDefault: 'by default',
    setBy: (place: ComponentChildren) => <>set by {place}</>,
  },
  timeline: {
    title: 'What happened',
    none: 'Nothing is written down about this.',
    by: (actor: ComponentChildren) => <>by {actor}</>,
    all: 'All events of this',
  },
  secret: {
    title: 'Write this secret down now',
    lead: 'It is shown this once. If it is lost, make a new one.',
    made: 'The app was added',
    noSecret: 'It needs no secret.',
    secret: 'Secret',
    goOn: 'I have written it down',
    goOnPublic: 'Go on to the app',
  },
}
