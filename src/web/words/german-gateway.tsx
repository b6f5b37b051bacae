/** What the administrator's pages say in German of MCP servers elsewhere. */
import type { Words } from './words.ts'

export const germanGateway: Words['gateway'] = {
  lead: 'MCP-Server, die über diesen erreicht werden. Ein Werkzeug, dessen Beschreibung sich geändert hat, wird weder gezeigt noch aufgerufen, bis jemand es angesehen hat.',
  none: 'Es ist keiner eingerichtet.',
  noTools: 'Noch niemand hat nach seinen Werkzeugen gefragt.',
  address: 'Wo er steht',
  scopes: 'Berechtigungen',
  waits: 'Werkzeuge, die warten',
  trusted: 'Werkzeuge, die so sind, wie sie zugelassen wurden',
  state: {
    changed: (at) => <>hat sich seit der Zulassung geändert, gesehen {at}</>,
    waiting: (at) => <>ist neu, gesehen {at}</>,
  },
  more: (count) => `und ${count} weitere; grantlog gateway tools zeigt alle`,
  calls: {
    title: 'Was sie aufgerufen hat',
    earlier: 'Frühere Aufrufe',
    at: (server) => <>bei {server}</>,
    took: (milliseconds) => `${milliseconds} ms`,
    outcomes: {
      made: 'noch keine Antwort',
      ok: 'erledigt',
      tool_error: 'das Werkzeug meldet, dass es nicht ging',
      upstream_error: 'der Dienst dahinter hat mit einem Fehler geantwortet, oder gar nicht',
      interrupted: 'die Verbindung endete vor der Antwort',
      refused: 'abgelehnt',
    },
    reasons: {
      tool_unmapped: 'das Werkzeug wird hier nicht angeboten',
      scope_missing: 'Sie haben es nicht erlaubt',
      tool_unknown: 'es gibt kein solches Werkzeug',
      tool_changed: 'das Werkzeug hatte sich seit der Zulassung geändert',
      tool_unapproved: 'das Werkzeug war noch nicht zugelassen',
      approval_needed: 'Sie hatten dem Aufruf nicht zugestimmt',
      too_many_calls: 'zu viele Aufrufe waren im Gang',
    },
  },
  changes: {
    title: 'Was zugelassen würde',
    before: 'Vorher',
    after: 'Jetzt',
    nothing: 'nichts',
    cut: 'Hier gekürzt; grantlog gateway tools zeigt alles.',
  },
}
