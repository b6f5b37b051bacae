/** What the pages on which people decide say in English. */
import type { ComponentChildren } from 'preact'

type Part = ComponentChildren

export const englishApprovals = {
  title: 'Approvals',
  lead: 'What your apps and agents ask you before it is paid or done. Nothing of it happens unless you say so.',
  none: 'Nothing waits for you.',
  noneAdvice: 'When an app or agent needs your word, it is listed here.',
  open: 'Waiting for you',
  decided: 'Decided and over',
  ahead: 'Approved ahead',
  spent: (spent: string, limit: string) => `${spent} of ${limit} used`,
  endAhead: 'End it',
  askedAt: (at: Part) => <>asked {at}</>,
  endsIn: (time: string) => `ends in ${time}`,
  to: 'to',
  kinds: {
    payment: (app: Part, tool: Part) => (
      <>
        {app} asks to pay for {tool}
      </>
    ),
    job: (app: Part, tool: Part) => (
      <>
        {app} asks to begin {tool}
      </>
    ),
    call: (app: Part, tool: Part) => (
      <>
        {app} asks to use {tool}
      </>
    ),
    captcha: (app: Part, tool: Part) => (
      <>
        {tool} of {app} needs you to solve a check
      </>
    ),
    needs_login: (app: Part, tool: Part) => (
      <>
        {tool} of {app} needs you to sign in at a site
      </>
    ),
  },
  titles: {
    payment: 'Approve a payment',
    job: 'Approve a task',
    call: 'Approve a call',
    captcha: 'Solve a check',
    needs_login: 'Sign in at a site',
  },
  asks: {
    payment: (app: Part, tool: Part) => (
      <>
        {app} asks you to pay for {tool}
      </>
    ),
    job: (app: Part, tool: Part) => (
      <>
        {app} wants to begin {tool}
      </>
    ),
    call: (app: Part, tool: Part) => (
      <>
        {app} wants to use {tool}
      </>
    ),
    captcha: (app: Part, tool: Part) => (
      <>
        {tool} of {app} has come to a check that only you can solve
      </>
    ),
    needs_login: (app: Part, tool: Part) => (
      <>
        {tool} of {app} needs you to sign in at a site
      </>
    ),
  },
  agent: (agent: Part, app: Part) => (
    <>
      {agent} (your agent, with {app})
    </>
  ),
  consentOfAgent: 'What you let this agent do',
  consent: 'What you have allowed this app',
  facts: {
    description: 'What for',
    note: 'It says',
    asked: 'Asked',
    ends: 'Decide by',
  },
  fold: 'The whole text',
  unreadable: 'What was asked cannot be shown any more, so it cannot be decided.',
  elsewhere: 'Decide this by the message of the bot on Telegram.',
  signInFirst: 'To decide, you show once more who you are; then you come back here.',
  standing: (limit: string) =>
    `When I approve: for the next hour, let it pay up to ${limit} more for this without asking`,
  reason: 'Reason',
  reasonHint: 'If you deny it, you can say why. Whoever asked does not read this.',
  approve: 'Approve',
  deny: 'Deny',
  states: {
    open: 'Waiting for you',
    given: 'Approved',
    used: 'Approved, and done once',
    denied: 'Denied',
    voided: 'Not asked any more',
    expired: 'Nobody decided in time',
  },
  voided: {
    changed: 'Something else is asked in its place.',
    job_over: 'What it was for is over.',
    access_ended: 'What allowed the app to ask has ended.',
  },
  channels: {
    web: 'on this page',
    telegram: 'on Telegram',
    standing: 'by what you had approved ahead',
  },
  problems: {
    expired_form: 'This page was open for too long. Nothing was decided; please choose again.',
    shown_differs: 'This changed in the meantime. Nothing was decided; look at what is asked now.',
    approval_decided: 'This was decided already, elsewhere. Your answer changed nothing.',
    approval_voided: 'This is not asked any more. Your answer changed nothing.',
    approval_expired: 'The time for this was over. Your answer changed nothing.',
    job_over: 'The task is over. Your answer changed nothing.',
  },
  done: {
    approved: 'You approved it.',
    denied: 'You denied it. It does not happen.',
    resumed: 'It goes on.',
    cancelled: 'The task is cancelled.',
    ended: 'From now on you are asked again each time.',
  },
  openSite: (host: Part) => <>Open {host}</>,
  answer: 'Answer',
  answerHint: 'If the check asks for a text, write it here.',
  resume: 'Done, go on',
  cancelJob: 'Cancel the task',
}
