/** What the pages on which people decide say in German. */
import type { englishApprovals } from './english-approvals.tsx'

export const germanApprovals: typeof englishApprovals = {
  title: 'Zustimmungen',
  lead: 'Was Ihre Apps und Agenten Sie fragen, bevor etwas bezahlt oder getan wird. Nichts davon geschieht, wenn Sie es nicht sagen.',
  none: 'Nichts wartet auf Sie.',
  noneAdvice: 'Wenn eine App oder ein Agent Ihr Wort braucht, steht es hier.',
  open: 'Wartet auf Sie',
  decided: 'Entschieden und vorbei',
  ahead: 'Im Voraus erlaubt',
  spent: (spent, limit) => `${spent} von ${limit} verbraucht`,
  endAhead: 'Beenden',
  askedAt: (at) => <>gefragt am {at}</>,
  endsIn: (time) => `endet in ${time}`,
  to: 'an',
  kinds: {
    payment: (app, tool) => (
      <>
        {app} möchte für {tool} bezahlen
      </>
    ),
    job: (app, tool) => (
      <>
        {app} möchte {tool} beginnen
      </>
    ),
    call: (app, tool) => (
      <>
        {app} möchte {tool} verwenden
      </>
    ),
    captcha: (app, tool) => (
      <>
        {tool} von {app} braucht Sie für eine Prüfung
      </>
    ),
    needs_login: (app, tool) => (
      <>
        {tool} von {app} braucht Ihre Anmeldung bei einer Website
      </>
    ),
  },
  titles: {
    payment: 'Einer Zahlung zustimmen',
    job: 'Einer Aufgabe zustimmen',
    call: 'Einem Aufruf zustimmen',
    captcha: 'Eine Prüfung lösen',
    needs_login: 'Bei einer Website anmelden',
  },
  asks: {
    payment: (app, tool) => (
      <>
        {app} bittet Sie, für {tool} zu bezahlen
      </>
    ),
    job: (app, tool) => (
      <>
        {app} möchte {tool} beginnen
      </>
    ),
    call: (app, tool) => (
      <>
        {app} möchte {tool} verwenden
      </>
    ),
    captcha: (app, tool) => (
      <>
        {tool} von {app} steht vor einer Prüfung, die nur Sie lösen können
      </>
    ),
    needs_login: (app, tool) => (
      <>
        {tool} von {app} braucht Ihre Anmeldung bei einer Website
      </>
    ),
  },
  agent: (agent, app) => (
    <>
      {agent} (Ihr Agent, mit {app})
    </>
  ),
  consentOfAgent: 'Was dieser Agent für Sie darf',
  consent: 'Was Sie dieser App erlaubt haben',
  facts: {
    description: 'Wofür',
    note: 'Dazu heißt es',
    asked: 'Gefragt',
    ends: 'Entscheiden bis',
  },
  fold: 'Der ganze Text',
  unreadable:
    'Was gefragt wurde, lässt sich nicht mehr zeigen; darum lässt es sich nicht entscheiden.',
  elsewhere: 'Entscheiden Sie das mit der Nachricht des Bots auf Telegram.',
  signInFirst:
    'Um zu entscheiden, zeigen Sie noch einmal, wer Sie sind; dann kommen Sie hierher zurück.',
  standing: (limit) =>
    `Wenn ich zustimme: in der nächsten Stunde dafür ohne Frage bis zu ${limit} weitere bezahlen lassen`,
  reason: 'Grund',
  reasonHint: 'Wenn Sie ablehnen, können Sie sagen, warum. Wer gefragt hat, liest das nicht.',
  approve: 'Zustimmen',
  deny: 'Ablehnen',
  states: {
    open: 'Wartet auf Sie',
    given: 'Zugestimmt',
    used: 'Zugestimmt und einmal getan',
    denied: 'Abgelehnt',
    voided: 'Nicht mehr gefragt',
    expired: 'Niemand hat rechtzeitig entschieden',
  },
  voided: {
    changed: 'An seiner Stelle wird etwas anderes gefragt.',
    job_over: 'Wofür es war, ist vorbei.',
    access_ended: 'Was der App erlaubte zu fragen, ist beendet.',
  },
  channels: {
    web: 'auf dieser Seite',
    telegram: 'auf Telegram',
    standing: 'durch das, was Sie im Voraus erlaubt hatten',
  },
  problems: {
    expired_form:
      'Diese Seite war zu lange offen. Es wurde nichts entschieden; bitte wählen Sie noch einmal.',
    shown_differs:
      'Das hat sich inzwischen geändert. Es wurde nichts entschieden; sehen Sie, was jetzt gefragt wird.',
    approval_decided:
      'Das wurde schon an anderer Stelle entschieden. Ihre Antwort hat nichts geändert.',
    approval_voided: 'Das wird nicht mehr gefragt. Ihre Antwort hat nichts geändert.',
    approval_expired: 'Die Zeit dafür war vorbei. Ihre Antwort hat nichts geändert.',
    job_over: 'Die Aufgabe ist vorbei. Ihre Antwort hat nichts geändert.',
  },
  done: {
    approved: 'Sie haben zugestimmt.',
    denied: 'Sie haben abgelehnt. Es geschieht nicht.',
    resumed: 'Es geht weiter.',
    cancelled: 'Die Aufgabe ist abgebrochen.',
    ended: 'Von jetzt an werden Sie wieder jedes Mal gefragt.',
  },
  openSite: (host) => <>{host} öffnen</>,
  answer: 'Antwort',
  answerHint: 'Wenn die Prüfung nach einem Text fragt, schreiben Sie ihn hierher.',
  resume: 'Erledigt, weiter',
  cancelJob: 'Aufgabe abbrechen',
}
