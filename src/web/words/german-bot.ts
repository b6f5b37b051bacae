/** What the bot says, and what pages say of it, in German. */
import type { englishBot } from './english-bot.ts'

export const germanBot: typeof englishBot = {
  commands: {
    get: 'API-Token anzeigen',
    revoke: 'API-Token ersetzen',
    help: 'Was dieser Bot tut',
  },
  hello: (brand) => `Dieser Bot gibt Ihnen Ihr API-Token für ${brand}.`,
  help: '/get zeigt Ihr Token und erstellt eines, wenn Sie keines haben.\n/revoke beendet es und gibt Ihnen ein anderes.',
  shown: 'Ihr API-Token:',
  made: 'Ihr neues API-Token:',
  replaced: 'Das alte Token gilt nicht mehr. Ihr neues:',
  keep: 'Wer es hat, kann für Sie handeln: Zeigen Sie es niemandem. /revoke beendet es.',
  copy: 'Kopieren',
  hidden: (lastFour) =>
    `Sie haben ein Token, das auf ${lastFour} endet. Es kann nicht noch einmal gezeigt werden; /revoke beendet es und gibt Ihnen ein anderes.`,
  leaked: 'Ihr Token wurde öffentlich gefunden und deshalb beendet.',
  none: 'Sie haben kein Token. /get erstellt eines.',
  onlyPrivate: 'Schreiben Sie mir privat: Was ich antworte, ist nur für Sie.',
  throttled: 'Das sind viele Nachrichten. Warten Sie eine Minute und versuchen Sie es noch einmal.',
  problems: {
    noAccount: (issuer) =>
      `Hier kennt Sie noch niemand. Melden Sie sich auf ${issuer} an und verbinden Sie dort Telegram mit Ihrem Konto.`,
    disabled: 'Ihr Konto ist gesperrt.',
    tooMany:
      'Ihr Konto hat so viele API-Tokens, wie es haben darf. Löschen Sie eines und senden Sie dann /get.',
    other: 'Sie können zurzeit kein API-Token haben.',
  },
  agent: (agent, app) => `${agent} (Ihr Agent, mit ${app})`,
  asks: {
    payment: (app, tool) => `${app} bittet Sie, für ${tool} zu bezahlen`,
    job: (app, tool) => `${app} möchte ${tool} beginnen`,
    call: (app, tool) => `${app} möchte ${tool} verwenden`,
  },
  asksWho: (app, resource) => `${app} fragt, wer Sie sind, für den Zugriff auf ${resource}`,
  ifNot: (app) =>
    `Wenn Sie das nicht mit ${app} begonnen haben oder der Text ein anderer ist, lehnen Sie ab.`,
  onPage:
    'Das lässt sich nicht durch eine Nachricht entscheiden. Sehen Sie es hier ganz und entscheiden Sie:',
  tooLong:
    'Was gefragt wird, ist zu lang für eine Nachricht. Sehen Sie es hier ganz und entscheiden Sie:',
  approve: 'Erlauben',
  deny: 'Ablehnen',
  approved: 'Erlaubt',
  denied: 'Abgelehnt',
  notOpen: 'Diese Frage ist nicht mehr offen.',
  page: {
    title: 'Ein API-Token über Telegram',
    open: 'Für Skripte und Kommandozeilen. Öffnen Sie den Bot:',
    send: 'Senden Sie ihm dies und kopieren Sie das Token, mit dem er antwortet.',
  },
}
