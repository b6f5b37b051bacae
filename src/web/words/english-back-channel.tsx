/** What the pages say on which people answer apps that ask them from elsewhere, in English. */
import type { ComponentChildren } from 'preact'

type Part = ComponentChildren

export const englishBackChannel = {
  title: 'Apps that ask you',
  link: (waiting: number) =>
    waiting === 0 ? 'Apps that ask you who you are' : `Apps that ask you who you are (${waiting})`,
  lead: 'Some apps ask you here because you are not at their screen, such as a counter, a phone line or an agent.',
  none: 'No app asks you anything now.',
  noneAdvice: 'When one does, its question is listed here for a few minutes.',
  open: 'Waiting for you',
  muted: 'Apps that may not ask you',
  mutedLead: 'Questions of these apps do not reach you, and the apps are not told why.',
  mutedSince: (at: Part) => <>since {at}</>,
  unmute: 'Let it ask again',
  endsIn: (time: string) => `ends in ${time}`,
  allow: (app: string) => `Answer ${app}?`,
  asks: (app: Part, resource: Part) => (
    <>
      {app} asks who you are, for access to {resource}
    </>
  ),
  listed: (app: Part) => <>{app} asks who you are</>,
  message: 'It shows you this text at the same time:',
  noMessage: 'It shows you no text to compare.',
  started: 'Approve only what you are doing with this app right now.',
  ifNot: (app: Part) => (
    <>If you did not start this with {app}, or the text is another, choose Deny.</>
  ),
  ends: 'The question ends in',
  approve: 'Approve',
  deny: 'Deny',
  mute: 'Deny, and never let this app ask me again',
  done: {
    approved: 'The app may go on now.',
    denied: 'The app gets no access.',
    muted: 'The app gets no access, and cannot ask you any more.',
    unmuted: 'The app may ask you again.',
  },
}
