/** What an administrator can do, in German. */
import type { englishAdminActions } from './english-admin-actions.ts'

export const germanAdminActions: typeof englishAdminActions = {
  actions: {
    'create-client': {
      link: 'Anwendung hinzufügen',
      title: 'Eine Anwendung hinzufügen',
      lead: 'Für eine, die sich nicht selbst registriert. Ihr Geheimnis wird danach einmal gezeigt.',
      submit: 'Diese Anwendung hinzufügen',
    },
    'rotate-secret': {
      link: 'Neues Geheimnis machen',
      title: 'Ein neues Geheimnis machen',
      lead: 'Das neue gilt sofort. Das alte gilt weiter, so lange Sie es wählen.',
      submit: 'Ein neues machen',
    },
    'disable-client': {
      title: 'Diese Anwendung sperren?',
      lead: 'Ihre Token gelten sofort nicht mehr. Sie gelten wieder, wenn die Sperre vor ihrem Ablauf endet.',
      submit: 'Anwendung sperren',
    },
    'enable-client': {
      title: 'Diese Anwendung entsperren?',
      lead: 'Ihre Token, die nicht abgelaufen sind, gelten wieder.',
      submit: 'Anwendung entsperren',
    },
    'delete-client': {
      title: 'Diese Anwendung für immer löschen?',
      lead: 'Das lässt sich nicht rückgängig machen: Ihre Kennung wird nie wieder benutzt, und wer sie verwendet, kommt nicht mehr hinein.',
      submit: 'Anwendung löschen',
    },
    'create-user': {
      link: 'Person hinzufügen',
      title: 'Eine Person hinzufügen',
      lead: 'Sagen Sie der Person das Passwort selbst, auf einem Weg, den sonst niemand mitliest.',
      submit: 'Diese Person hinzufügen',
    },
    'disable-user': {
      title: 'Dieses Konto sperren?',
      lead: 'Die Person wird abgemeldet, und keines ihrer Token gilt, bis das Konto entsperrt wird.',
      submit: 'Konto sperren',
    },
    'enable-user': {
      title: 'Dieses Konto entsperren?',
      lead: 'Die Person kann sich wieder anmelden, und Token, die nicht abgelaufen sind, gelten wieder.',
      submit: 'Konto entsperren',
    },
    'end-sessions': {
      title: 'Diese Person überall abmelden?',
      lead: 'Jeder Browser muss sich neu anmelden. Anwendungen behalten den Zugriff, den sie haben.',
      submit: 'Überall abmelden',
    },
    'end-session': {
      title: 'Diese Sitzung beenden?',
      lead: 'Dieser Browser muss sich neu anmelden.',
      submit: 'Sitzung beenden',
    },
    'reset-second-factor': {
      link: 'Zweiten Faktor zurücksetzen',
      title: 'Den zweiten Faktor dieser Person zurücksetzen?',
      lead: 'Für jemanden, der ihn verloren hat, wenn sicher ist, wer darum bittet. Passkeys, die App, die Codes zeigt, und ihre Wiederherstellungscodes enden; die Person wird überall abgemeldet und bekommt eine Nachricht.',
      submit: 'Zweiten Faktor zurücksetzen',
    },
    'make-admin': {
      title: 'Dieser Person die Verwaltung anvertrauen?',
      lead: 'Sie kann dann alles tun, was Sie hier tun können, und das ganze Protokoll lesen.',
      submit: 'Verwaltung anvertrauen',
    },
    'unmake-admin': {
      link: 'Verwaltung nehmen',
      title: 'Dieser Person die Verwaltung entziehen?',
      lead: 'Sie behält ihr Konto und kann diese Seiten nicht mehr öffnen.',
      submit: 'Verwaltung entziehen',
    },
    'set-groups': {
      link: 'Gruppen ändern',
      title: 'Gruppen dieser Person',
      lead: 'Nach ihnen richtet sich, welchen Zugriff die Person geben darf.',
      submit: 'Gruppen speichern',
    },
    'set-permissions': {
      link: 'Rechte ändern',
      title: 'Rechte dieser Person',
      lead: 'Anwendungen erfahren sie; dieser Server selbst richtet sich nach den Gruppen.',
      submit: 'Rechte speichern',
    },
    'end-grant': {
      title: 'Diese Zustimmung beenden?',
      lead: 'Das lässt sich nicht rückgängig machen: Alle ihre Token gelten sofort nicht mehr, und die Anwendung muss neu fragen.',
      submit: 'Zustimmung beenden',
    },
    'revoke-agent': {
      title: 'Diesen Agenten beenden?',
      lead: 'Das lässt sich nicht rückgängig machen: Alles, was er gegeben hat, hört sofort auf, und seinen Namen bekommt kein anderer.',
      submit: 'Agenten beenden',
    },
    'end-token': {
      title: 'Dieses Zugriffstoken beenden?',
      lead: 'Das lässt sich nicht rückgängig machen. Die Anwendung kann ein neues bekommen, solange die Zustimmung gilt.',
      submit: 'Token beenden',
    },
    'end-api-token': {
      title: 'Dieses API-Token beenden?',
      lead: 'Das lässt sich nicht rückgängig machen. Was es benutzt, hört sofort auf; die Person kann ein neues machen.',
      submit: 'API-Token beenden',
    },
    'approve-tool': {
      link: 'Ansehen',
      title: 'Dieses Werkzeug so zulassen, wie es jetzt ist?',
      lead: 'Es wird wieder gezeigt und kann aufgerufen werden, von allen, die seine Berechtigung haben. Modelle lesen diese Worte und richten sich danach.',
      submit: 'Werkzeug zulassen',
    },
    'publish-key': {
      title: 'Den nächsten Schlüssel beginnen?',
      lead: 'Ein neuer Schlüssel wird jetzt veröffentlicht und signiert, sobald jede Kopie der Schlüsselliste ihn hat.',
      submit: 'Nächsten Schlüssel veröffentlichen',
    },
    'replace-keys': {
      title: 'Die Schlüssel sofort ersetzen?',
      lead: 'Nur für einen Schlüssel, den jemand anders haben könnte. Das lässt sich nicht rückgängig machen: Was die alten signiert haben, wird ab jetzt abgelehnt.',
      submit: 'Schlüssel ersetzen',
    },
  },
  fields: {
    reason: 'Grund',
    reasonHint: 'Er steht versiegelt im Protokoll. Höchstens 1.000 Zeichen.',
    overlapHours: 'So viele Stunden gilt das alte Geheimnis noch',
    overlapHint: 'Von 0 bis 8760.',
    kind: 'Was für eine Anwendung',
    kinds: {
      web: 'Sie hat einen Server, der ein Geheimnis hütet',
      native: 'Sie läuft auf einem Gerät oder im Browser, ohne Geheimnis',
      machine: 'Sie handelt für sich selbst, ohne eine Person',
    },
    redirectUris: 'Wohin Antworten gehen',
    redirectUrisHint: 'Je Zeile eine Adresse; keine, wenn die Anwendung für sich selbst handelt.',
    scope: 'Berechtigungen, um die sie bitten darf',
    scopeHint: 'Mit Leerzeichen getrennt. Leer: alle, die die Ressourcen anbieten.',
    groups: 'Gruppen',
    groupsHint: 'Mit Leerzeichen getrennt. Leer: keine.',
    permissions: 'Rechte',
    permissionsHint: 'Mit Leerzeichen getrennt. Leer: keine.',
    initialPassword: 'Erstes Passwort',
    admin: 'Diese Person verwaltet mit',
  },
  problems: {
    expired:
      'Diese Seite war zu lange offen, oder inzwischen hat sich etwas geändert. Bitte prüfen und senden Sie sie noch einmal.',
    reason_missing: 'Bitte sagen Sie, warum.',
    reason_too_long: 'Dieser Grund ist zu lang.',
    overlap_invalid: 'Die Stunden müssen eine ganze Zahl von 0 bis 8760 sein.',
    last_admin: 'Das ist die letzte Person, die verwalten kann. Ernennen Sie zuerst eine andere.',
    last_way_in:
      'Ein Passkey ist der einzige Weg in dieses Konto: Ohne ihn könnte sich niemand anmelden.',
    not_now: 'Das geht in dem Zustand nicht, den es jetzt hat.',
    next_key_exists: 'Der nächste Schlüssel ist schon veröffentlicht und signiert zu seiner Zeit.',
    client_refused: 'So lässt sich die Anwendung nicht hinzufügen.',
    email_taken: 'Diese E-Mail-Adresse hat schon jemand.',
    group_invalid:
      'Eine Gruppe hat Buchstaben, Ziffern, Punkte, Striche und Unterstriche, höchstens 64.',
    group_reserved: 'In der Gruppe „admin“ sind genau die, die verwalten.',
    too_many: 'Das sind zu viele.',
    permission_malformed: 'Ein Recht hat bis zu 128 sichtbare ASCII-Zeichen, und kein Komma.',
  },
}
