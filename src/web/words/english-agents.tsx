/** What the pages say about agents, in English. */
import type { ComponentChildren } from 'preact'

export const englishAgents = {
  /** On the sign-in page. */
  link: 'An agent signs in',
  facts: {
    handle: 'Agent’s name',
    model: 'Model',
    owner: 'Owner',
    confirmed: 'has confirmed it',
    unconfirmed: 'named by the agent, not confirmed',
  },
  signIn: {
    title: 'An agent signs in',
    handOver: 'Hand this to your agent. It stands for what is open in this browser.',
    how: (endpoint: ComponentChildren) => (
      <>The agent sends it with its id and its secret to {endpoint}</>
    ),
    careful:
      'Only hand over what you see on this page. Whoever sends you such a code from elsewhere wants to sign in as your agent.',
    waiting: 'Waiting for the agent to answer.',
    look: 'Look again',
    answered: 'This agent has answered:',
    unconfirmed:
      'Nobody has confirmed whose this agent is. Name and owner are what it says of itself.',
    submit: 'Continue as this agent',
    deny: 'Do not sign in',
    goesTo: (host: ComponentChildren) => <>You go on to {host}.</>,
    over: 'This cannot be answered any more. Go back to where you came from and start again.',
    otherWay: 'Sign in as a person',
  },
  own: {
    title: 'Your agents',
    lead: 'Programs that sign in by themselves. What they do for you, they do without you, so each step here is yours alone.',
    problems: {
      expired: 'This page was open for too long. Look at it once more and try again.',
      agent_gone: 'This agent is not what it was when you opened the page. Look again.',
      question_gone: 'This question has been answered already, or is too old.',
      not_yours_to_give: 'You may not use this yourself, so no agent of yours can give it.',
    },
    noAddress:
      'Agents name their owner by an address. Confirm yours on the page of your account to see who names you.',
    naming: 'Is this yours?',
    namingLead:
      'These agents name your address. Anybody could have registered them: confirm only what you started yourself.',
    registered: 'Registered',
    confirm: 'This is mine',
    confirmNamed: (name: string) => `${name} is mine`,
    decline: 'Not mine',
    declineNamed: (name: string) => `${name} is not mine`,
    more: (count: number) => `${count} more`,
    questions: 'Questions of your agents',
    asks: (agent: ComponentChildren, client: ComponentChildren, resource: ComponentChildren) => (
      <>
        {agent} wants to give {client} access to {resource}, now and whenever it asks again:
      </>
    ),
    redirects: (host: ComponentChildren) => <>goes to {host}</>,
    allow: 'Allow',
    deny: 'Do not allow',
    yours: 'Confirmed agents',
    none: 'You have confirmed no agent.',
    ended: 'This agent has ended.',
    consents: 'May give access to',
    noConsents: 'It gives nobody more than who it is.',
    since: 'since',
    withdraw: 'Take back',
    withdrawFrom: (client: string) => `Take back from ${client}`,
    lately: 'Signed in lately',
    idle: 'It has signed in nowhere yet.',
    jobs: 'Started for you',
    job: (tool: ComponentChildren, client: ComponentChildren) => (
      <>
        {tool}, with {client}
      </>
    ),
    statuses: {
      queued: 'waits for its turn',
      running: 'is under way',
      paused_payment: 'waits for your approval',
      captcha: 'waits for you to solve a check',
      needs_login: 'waits for you to sign in at a site',
      done: 'is done',
      error: 'failed',
      cancelled: 'was cancelled',
    },
    change: (name: string) => `Secret and end of ${name}`,
    secretLead: 'A new secret takes the place of the old one at once.',
    makeSecret: 'Make a new secret',
    newSecret: 'The new secret',
    newSecretOf: (name: ComponentChildren) => (
      <>This is the new secret of {name}. It is shown this once: hand it to the agent now.</>
    ),
    revokeLead: 'Ending it ends all that it has given, for good. Its name is not given to another.',
    revoke: 'End this agent',
  },
}
