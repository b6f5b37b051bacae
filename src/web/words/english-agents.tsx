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
}
