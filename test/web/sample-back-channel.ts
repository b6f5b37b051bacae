/** The pages of a person whom apps ask from elsewhere, in the states that differ to the eye. */
import {
  type BackChannelPageData,
  type BackChannelQuestionData,
  backChannelPage,
  backChannelQuestionPage,
} from '../../src/web/back-channel.tsx'
import { english } from '../../src/web/words/english.tsx'
import { german } from '../../src/web/words/german.tsx'
import { visitor } from './sample-visitor.ts'

const shell = { brand: 'Example', words: english, visitor }
const mutedAt = Date.UTC(2026, 10, 21, 14, 3, 9)

const list: BackChannelPageData = {
  ...shell,
  csrf: 'csrf-token',
  questions: [
    {
      href: '/approvals/apps/ask_1',
      clientName: 'City Bank counter',
      bindingMessage: 'Desk 4, W-817',
      endsInSeconds: 290,
    },
    { href: '/approvals/apps/ask_2', clientName: 'Travel agent', endsInSeconds: 40 },
  ],
  muted: [{ clientId: 'cli_1', clientName: 'Nosy app', mutedAt }],
}

const question: BackChannelQuestionData = {
  ...shell,
  action: '/approvals/apps/ask_1',
  csrf: 'csrf-token',
  shown: 'digest',
  client: { name: 'City Bank counter', registeredVia: 'preregistered', registeredAt: mutedAt },
  bindingMessage: 'Desk 4, W-817',
  endsInSeconds: 290,
  resources: [
    {
      name: 'Accounts',
      identifier: 'https://bank.example/api',
      scopes: [
        { scope: 'openid', description: 'Know that it is you', already: false },
        { scope: 'read', description: 'See your accounts', already: false },
      ],
    },
  ],
  details: [
    {
      name: 'A payment',
      values: [{ label: 'Amount', words: ['84.50 EUR'] }],
      already: false,
      choices: [],
    },
  ],
  accessTtlSeconds: 3600,
  refreshTtlSeconds: 30 * 24 * 3600,
}

/** @param hostile what somebody would write who wants to be taken for the page itself */
export function sampleBackChannelPages(hostile: string, long: string): Record<string, string> {
  const nasty = { ...question.client, name: hostile }
  return {
    askers: backChannelPage(list),
    'askers-empty': backChannelPage({ ...list, questions: [], muted: [], done: 'denied' }),
    'askers-german': backChannelPage({ ...list, words: german, done: 'unmuted' }),
    'askers-hostile': backChannelPage({
      ...list,
      questions: [
        {
          href: '/approvals/apps/ask_3',
          clientName: hostile,
          bindingMessage: hostile,
          endsInSeconds: 1,
        },
      ],
      muted: [{ clientId: hostile, clientName: long, mutedAt }],
    }),
    'asker-question': backChannelQuestionPage(question),
    'asker-question-german': backChannelQuestionPage({ ...question, words: german }),
    'asker-question-bare': backChannelQuestionPage({
      ...question,
      bindingMessage: undefined,
      details: [],
    }),
    'asker-question-hostile': backChannelQuestionPage({
      ...question,
      client: nasty,
      bindingMessage: hostile,
    }),
  }
}
