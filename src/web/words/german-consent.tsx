/** What the pages on which access is given say in German. */
import type { englishConsent } from './english-consent.tsx'

export const germanConsent: typeof englishConsent = {
  allow: (app) => `${app} zulassen?`,
  asks: (app, resources) => (
    <>
      {app} bittet um Zugriff auf {resources}
    </>
  ),
  asksForMore: (app, resources) => (
    <>
      {app} bittet um mehr Zugriff auf {resources}
    </>
  ),
  and: (names) => names.join(' und '),
  approve: 'Zustimmen',
  deny: 'Ablehnen',
  origin: {
    unverified: 'Diesen Namen hat die App selbst gewählt; niemand hat ihn geprüft.',
    operator: 'Diese App haben die Leute eingetragen, die diesen Server betreiben.',
    hidden: 'Unsichtbare Zeichen darin wurden weggelassen.',
    mixed: 'Er mischt ähnlich aussehende Buchstaben aus verschiedenen Alphabeten.',
    document: (host) => <>Diese App ist {host}; den Namen hat sie selbst gewählt. </>,
  },
  signedInAs: 'Angemeldet als',
  switchAccount: 'Anderes Konto verwenden',
  loopback: {
    question: 'Haben Sie das gerade selbst angefangen, auf diesem Computer?',
    advice:
      'Die Antwort geht an eine App, die hier läuft, und niemand kann sagen, an welche. Wenn Sie es nicht angefangen haben, wählen Sie Ablehnen.',
  },
  able: 'Das wird sie können',
  fresh: 'Neu',
  already: 'Bereits erlaubt',
  nothingElse: 'Wissen, wer Sie sind, und sonst nichts.',
  highRisk: 'Mit Vorsicht',
  choose: 'Nehmen Sie das Häkchen weg von allem, was Sie nicht geben wollen.',
  chooseOne: 'Bitte wählen',
  chooseNone: 'Nichts davon',
  noChoice: {
    unreachable: 'Was zur Wahl steht, ist im Augenblick nicht zu erfahren.',
    empty: 'Es steht nichts zur Wahl.',
    needed: 'Ohne Wahl lässt sich das nicht erlauben.',
    without: 'Sie können auch ohne Wahl fortfahren.',
    again: 'Noch einmal versuchen',
  },
  inParticular: 'Im Einzelnen',
  alreadyAllowed: 'bereits erlaubt',
  where: 'Wo',
  answer: 'Antwort geht an',
  howLong: 'Wie lange',
  once: (time) => `${time}, danach muss die App neu fragen.`,
  renewing: (time, unused) =>
    `Jeweils ${time}. Der Zugriff erneuert sich, bis er so lange nicht benutzt wurde: ${unused}.`,
  website: 'Website der App',
  saysTheApp: 'sagt die App (öffnet einen neuen Tab)',
  registered: 'Registriert',
  notAllowed: {
    title: 'Dieses Konto darf das nicht erlauben',
    text: (app) => (
      <>
        {app} bittet um Zugriff, den dieses Konto nicht geben kann. Wer das kann, bestimmen die
        Leute, die diesen Server betreiben.
      </>
    ),
    back: 'Zurück zur App',
  },
}
