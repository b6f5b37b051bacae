/** What the administrator's pages say in German. */
import type { Words } from './words.ts'

export const germanAdmin: Words['admin'] = {
  title: 'Verwaltung',
  sections: {
    overview: 'Überblick',
    clients: 'Anwendungen',
    users: 'Personen',
    grants: 'Zustimmungen',
    tokens: 'Token',
    sessions: 'Sitzungen',
    agents: 'Agenten',
    gateway: 'MCP-Server',
    keys: 'Signaturschlüssel',
    settings: 'Einstellungen',
  },
  search: 'Suchen',
  searchHint: {
    clients: 'Teil eines Namens, einer Kennung oder einer Adresse, an die Antworten gehen',
    users: 'Teil eines Namens, einer E-Mail-Adresse, einer Gruppe oder einer Kennung',
    grants:
      'Teil eines Namens, einer E-Mail-Adresse oder einer Kennung, der Person oder der Anwendung',
    tokens: 'Teil eines Namens, einer E-Mail-Adresse, einer Kennung oder einer Ressource',
    sessions: 'Teil eines Namens, einer E-Mail-Adresse, einer IP-Adresse oder einer Kennung',
    agents: 'Teil eines Namens, eines Modells, einer E-Mail-Adresse oder einer Kennung',
  },
  showAll: 'Alle zeigen',
  nothingFound: 'Nichts passt zu dieser Suche.',
  nothing: 'Es gibt noch keine.',
  nothingYet: 'Bisher nichts dabei.',
  lookedAt: (count) => `Für diese Seite wurden ${count} durchgesehen, und es gibt weitere.`,
  lookOn: 'Weitersuchen',
  nextPage: 'Nächste Seite',
  firstPage: 'Erste Seite',
  back: 'Zurück',
  cancel: 'Abbrechen',
  unnamed: 'Niemand mit bekanntem Namen',
  status: {
    revoked: 'widerrufen',
    unconfirmed: 'nicht bestätigt',
    confirmed: 'bestätigt',
    active: 'aktiv',
    disabled: 'gesperrt',
    hibernating: 'im Winterschlaf',
    published: 'veröffentlicht, signiert später',
    retired: 'abgelöst, wird noch geprüft',
    signing: 'signiert jetzt',
  },
  via: {
    dynamic: 'hat sich selbst registriert',
    preregistered: 'von der Verwaltung hinzugefügt',
    document: 'durch ihre eigene Adresse bekannt',
  },
  remarks: {
    registered: (at) => <>seit {at}</>,
    token: (app, resource) => (
      <>
        {app} bei {resource}
      </>
    ),
    of: (person) => <>von {person}</>,
    own: 'handelt für sich selbst',
    until: (at) => <>bis {at}</>,
    endless: 'ohne Ende',
    apiToken: 'API-Token',
    started: (at) => <>angemeldet {at}</>,
    used: (at) => <>zuletzt benutzt {at}</>,
    unused: 'vorbei: zu lange nicht benutzt',
  },
  overview: {
    counts: 'Was es jetzt gibt',
    attention: 'Was Beachtung braucht',
    calm: 'Nichts.',
    disabledClients: (count) =>
      count === 1 ? 'Eine Anwendung ist gesperrt' : `${count} Anwendungen sind gesperrt`,
    disabledUsers: (count) =>
      count === 1 ? 'Ein Konto ist gesperrt' : `${count} Konten sind gesperrt`,
    keyRotates: (algorithm, at) => (
      <>
        Auf den {algorithm}-Schlüssel folgt ein anderer ab {at}
      </>
    ),
    clientsSleep: (count) =>
      count === 1
        ? 'Eine Anwendung, die niemand benutzt, geht binnen einer Woche in den Winterschlaf'
        : `${count} Anwendungen, die niemand benutzt, gehen binnen einer Woche in den Winterschlaf`,
    toolsWait: (count) =>
      count === 1
        ? 'Ein Werkzeug eines MCP-Servers wartet auf Zulassung'
        : `${count} Werkzeuge von MCP-Servern warten auf Zulassung`,
    loneAdmin:
      'Nur eine Person kann verwalten. Ernennen Sie eine zweite, falls die erste sich aussperrt.',
    server: 'Dieser Server',
    version: 'Ausgabe',
    issuer: 'Aussteller',
    database: 'Datenbank',
    events: 'Ereignisse im Protokoll',
  },
  client: {
    id: 'Kennung der Anwendung',
    how: 'Wie sie hierher kam',
    proof: 'Womit sie sich ausweist',
    redirects: 'Antworten gehen an',
    grantTypes: 'Arten der Gewährung',
    scope: 'Berechtigungen',
    contacts: 'Kontakte',
    homepage: 'Website',
    oldSecret: 'Das vorige Geheimnis gilt bis',
    since: 'Bekannt seit',
  },
  user: {
    id: 'Kennung der Person',
    email: 'E-Mail-Adresse',
    since: 'Konto seit',
    groups: 'Gruppen',
    permissions: 'Rechte',
    none: 'keine',
    signIn: 'Wege der Anmeldung',
    password: 'Ein Passwort',
    noPassword: 'Kein Passwort',
    secondFactor: 'Neben einem Passwort',
    passkeys: (count) => (count === 1 ? 'ein Passkey' : `${count} Passkeys`),
    codes: 'eine App, die Codes zeigt',
  },
  grant: {
    title: 'Eine Zustimmung',
    id: 'Kennung der Zustimmung',
    person: 'Gegeben von',
    app: 'Gegeben an',
    access: 'Zugriff',
    approved: 'Gegeben am',
    used: 'Zuletzt ein Token geholt',
    expires: 'Endet ohne Benutzung',
    ended: 'Diese Zustimmung ist beendet. Was sie war, steht unten in den Ereignissen.',
  },
  key: {
    since: (at) => <>seit {at}</>,
    next: (at) => <>Der nächste signiert ab {at}</>,
  },
  settings: {
    lead: 'Wonach dieser Server sich richtet. Zum Ändern ändern Sie es dort, wo es gesagt wurde, und starten neu.',
    byDefault: 'Vorgabe',
    setBy: (place) => <>gesetzt durch {place}</>,
  },
  timeline: {
    title: 'Was geschehen ist',
    none: 'Hierüber steht nichts im Protokoll.',
    by: (actor) => <>durch {actor}</>,
    all: 'Alle Ereignisse hierzu',
  },
  secret: {
    title: 'Schreiben Sie dieses Geheimnis jetzt auf',
    lead: 'Es wird nur dieses eine Mal gezeigt. Geht es verloren, machen Sie ein neues.',
    made: 'Die Anwendung ist hinzugefügt',
    noSecret: 'Sie braucht kein Geheimnis.',
    secret: 'Geheimnis',
    goOn: 'Ich habe es aufgeschrieben',
    goOnPublic: 'Weiter zur Anwendung',
  },
}
