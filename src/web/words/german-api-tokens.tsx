/** What the pages of API tokens say, in German. */
import type { englishApiTokens } from './english-api-tokens.tsx'

export const germanApiTokens: typeof englishApiTokens = {
  title: 'API-Tokens',
  lead: 'Mit einem Token handelt ein Skript oder eine Kommandozeile in Ihrem Namen. Wer es hat, kann dasselbe.',
  none: 'Sie haben kein API-Token.',
  count: (count) => `Sie haben ${count === 1 ? 'eines' : count}.`,
  manage: 'API-Tokens verwalten',
  noneAdvice:
    'Erstellen Sie für jeden Ort ein eigenes, dann können Sie jedes für sich wieder beenden.',
  make: 'Neues API-Token',
  forResource: (resource) => <>Für {resource}</>,
  created: (at) => <>Erstellt {at}</>,
  regenerated: (at) => <>Erneuert {at}</>,
  lastUsed: (at) => <>Zuletzt benutzt {at}</>,
  lastUsedFrom: (at, from) => (
    <>
      Zuletzt benutzt {at} von {from}
    </>
  ),
  neverUsed: 'Noch nicht benutzt',
  expires: (at) => <>Läuft ab {at}</>,
  expired: (at) => <>Abgelaufen {at}</>,
  endless: 'Läuft nie ab',
  isExpired: 'Abgelaufen',
  isLeaked: 'Veröffentlicht',
  leakedNotice: 'Ein Token von Ihnen wurde öffentlich gefunden',
  leakedAdvice:
    'Es wurde sofort widerrufen. Entfernen Sie es dort, wo es stand, und sehen Sie nach, was damit vorher getan wurde.',
  acknowledge: 'Ich habe das gelesen',
  chooseResource: 'Wofür ist das Token?',
  nameHint: 'Wo Sie es benutzen, zum Beispiel „Nächtliche Sicherung“.',
  description: 'Beschreibung (freiwillig)',
  scopes: 'Was es darf',
  lifetime: 'Läuft ab nach',
  never: 'Nie',
  submit: 'Token erstellen',
  back: 'Alle API-Tokens',
  shownOnce: 'Kopieren Sie Ihr Token jetzt. Es wird nicht noch einmal angezeigt.',
  shownAgain: 'Bewahren Sie es auf wie ein Passwort.',
  token: 'Ihr Token',
  copy: 'Kopieren',
  copied: 'Kopiert',
  use: 'So benutzen Sie es',
  inCurl: 'Mit curl',
  inClaudeCode: 'Mit Claude Code',
  inCommandLine: 'Auf der Kommandozeile von Grantlog',
  regenerate: 'Erneuern',
  regenerateLead: 'Sie erhalten unter diesem Namen ein neues Token.',
  overlap: 'Das alte gilt',
  overlapNone: 'nicht mehr',
  overlapFor: (time) => `noch ${time}`,
  delete: 'Löschen',
  deleteLead:
    'Was dieses Token benutzt, verliert sofort den Zugriff. Das lässt sich nicht rückgängig machen.',
  deleteSubmit: 'Dieses Token löschen',
  problems: {
    name_missing: 'Geben Sie dem Token einen Namen.',
    name_too_long: 'Dieser Name ist zu lang. Höchstens 80 Zeichen.',
    description_too_long: 'Diese Beschreibung ist zu lang. Höchstens 400 Zeichen.',
    scope_missing: 'Wählen Sie mindestens eines, was das Token darf.',
    scope_not_allowed: 'Das alles dürfen Sie nicht vergeben. Wählen Sie neu.',
    lifetime_too_long: 'So lange darf ein Token hier nicht gelten. Wählen Sie neu.',
    too_many: 'Sie haben so viele API-Tokens, wie Sie haben dürfen. Löschen Sie zuerst eines.',
    expired: 'Diese Seite war zu lange offen. Bitte versuchen Sie es noch einmal.',
    changed: 'Das Token wurde inzwischen geändert. Sehen Sie es sich noch einmal an.',
  },
}
