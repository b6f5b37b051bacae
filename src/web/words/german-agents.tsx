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
  own: {
    title: 'Ihre Agenten',
    lead: 'Programme, die sich selbst anmelden. Was sie für Sie tun, tun sie ohne Sie; deshalb ist jeder Schritt hier allein Ihrer.',
    problems: {
      expired:
        'Diese Seite war zu lange offen. Sehen Sie sie noch einmal an und versuchen Sie es erneut.',
      agent_gone:
        'Dieser Agent ist nicht mehr, was er war, als Sie die Seite öffneten. Sehen Sie noch einmal nach.',
      question_gone: 'Diese Frage wurde schon beantwortet oder ist zu alt.',
      not_yours_to_give:
        'Sie dürfen das selbst nicht benutzen, also kann es auch keiner Ihrer Agenten geben.',
    },
    noAddress:
      'Agenten nennen ihren Besitzer mit einer Adresse. Bestätigen Sie Ihre auf der Seite Ihres Kontos, um zu sehen, wer Sie nennt.',
    naming: 'Ist das Ihrer?',
    namingLead:
      'Diese Agenten nennen Ihre Adresse. Jeder könnte sie registriert haben: Bestätigen Sie nur, was Sie selbst gestartet haben.',
    registered: 'Registriert',
    confirm: 'Das ist meiner',
    confirmNamed: (name) => `${name} ist meiner`,
    decline: 'Nicht meiner',
    declineNamed: (name) => `${name} ist nicht meiner`,
    more: (count) => `${count} weitere`,
    questions: 'Fragen Ihrer Agenten',
    asks: (agent, client, resource) => (
      <>
        {agent} möchte {client} Zugang zu {resource} geben, jetzt und sooft wieder danach gefragt
        wird:
      </>
    ),
    redirects: (host) => <>geht an {host}</>,
    allow: 'Erlauben',
    deny: 'Nicht erlauben',
    yours: 'Bestätigte Agenten',
    none: 'Sie haben keinen Agenten bestätigt.',
    ended: 'Diesen Agenten gibt es nicht mehr.',
    consents: 'Darf Zugang geben zu',
    noConsents: 'Er gibt niemandem mehr, als wer er ist.',
    since: 'seit',
    withdraw: 'Zurücknehmen',
    withdrawFrom: (client) => `Von ${client} zurücknehmen`,
    lately: 'Zuletzt angemeldet bei',
    idle: 'Er hat sich noch nirgends angemeldet.',
    jobs: 'Für Sie begonnen',
    job: (tool, client) => (
      <>
        {tool}, mit {client}
      </>
    ),
    statuses: {
      queued: 'wartet, bis es an der Reihe ist',
      running: 'läuft',
      paused_payment: 'wartet auf Ihre Zustimmung',
      captcha: 'wartet, bis Sie eine Prüfung lösen',
      needs_login: 'wartet auf Ihre Anmeldung bei einer Website',
      done: 'ist fertig',
      error: 'ist gescheitert',
      cancelled: 'wurde abgebrochen',
    },
    change: (name) => `Geheimnis und Ende von ${name}`,
    secretLead: 'Ein neues Geheimnis tritt sofort an die Stelle des alten.',
    makeSecret: 'Neues Geheimnis erzeugen',
    newSecret: 'Das neue Geheimnis',
    newSecretOf: (name) => (
      <>
        Das ist das neue Geheimnis von {name}. Es wird nur dieses eine Mal gezeigt: Geben Sie es dem
        Agenten jetzt.
      </>
    ),
    revokeLead:
      'Mit ihm endet alles, was er gegeben hat, für immer. Seinen Namen bekommt kein anderer.',
    revoke: 'Diesen Agenten beenden',
  },
}
