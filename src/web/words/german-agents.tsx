/** What the pages say about agents, in German. */
import type { englishAgents } from './english-agents.tsx'

export const germanAgents: typeof englishAgents = {
  link: 'Ein Agent meldet sich an',
  facts: {
    handle: 'Agentenname',
    model: 'Modell',
    owner: 'Besitzer',
    confirmed: 'hat ihn bestätigt',
    unconfirmed: 'vom Agenten genannt, nicht bestätigt',
  },
  signIn: {
    title: 'Ein Agent meldet sich an',
    handOver: 'Geben Sie dies Ihrem Agenten. Es steht für das, was in diesem Browser offen ist.',
    how: (endpoint) => (
      <>Der Agent schickt es mit seiner Kennung und seinem Geheimnis an {endpoint}</>
    ),
    careful:
      'Geben Sie nur weiter, was Sie auf dieser Seite sehen. Wer Ihnen einen solchen Code von anderswo schickt, will sich als Ihr Agent anmelden.',
    waiting: 'Es wird auf die Antwort des Agenten gewartet.',
    look: 'Noch einmal nachsehen',
    answered: 'Dieser Agent hat geantwortet:',
    unconfirmed:
      'Niemand hat bestätigt, wessen Agent das ist. Name und Besitzer sind, was er von sich selbst sagt.',
    submit: 'Als dieser Agent fortfahren',
    deny: 'Nicht anmelden',
    goesTo: (host) => <>Es geht weiter zu {host}.</>,
    over: 'Darauf kann nicht mehr geantwortet werden. Gehen Sie dorthin zurück, woher Sie kamen, und beginnen Sie von vorn.',
    otherWay: 'Als Person anmelden',
  },
}
