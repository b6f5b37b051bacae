/** How people prove who they are: what the pages say of it, in German. */
import type { ComponentChildren } from 'preact'
import type { englishSecurity, englishSignIn } from './english-security.tsx'

export const germanSignIn: typeof englishSignIn = {
  problems: {
    passkey_refused:
      'Dieser Passkey ließ sich nicht verwenden. Versuchen Sie es noch einmal, oder melden Sie sich anders an.',
    passkey_needed:
      'Dieser Server verlangt hier mehr als ein Passwort. Melden Sie sich mit Ihrem Passkey an.',
    other_person:
      'Hier ist jemand anderes angemeldet. Melden Sie sich als dieselbe Person an, oder melden Sie sich erst ab.',
  },
  ways: {
    againTitle: 'Bestätigen Sie, dass Sie es sind',
    again: 'Was Sie vorhaben, ist wichtig. Melden Sie sich deshalb bitte noch einmal an.',
    withPasskey: 'Passkey verwenden',
    noPasskey: 'Es wurde kein Passkey verwendet. Sie können es noch einmal versuchen.',
  },
}

export const germanSecurity: typeof englishSecurity = {
  title: 'Wie Sie sich anmelden',
  lead: 'Ein Passkey oder ein Code neben dem Passwort hält alle fern, die nur das Passwort erfahren.',
  link: 'Wie Sie sich anmelden',
  back: 'Zurück zu Ihrem Konto',
  passkeys: {
    title: 'Ihre Passkeys',
    lead: 'Einen Passkey entsperren Sie mit Finger, Gesicht oder PIN. Er gilt auf keiner anderen Website, also kann ihn Ihnen niemand entlocken.',
    none: 'Sie haben noch keinen Passkey.',
    unnamed: 'Ein Passkey',
    synced: 'auf Ihren Geräten',
    oneDevice: 'auf einem Gerät',
    added: (at: ComponentChildren) => <>hinzugefügt am {at}</>,
    used: (at: ComponentChildren) => <>zuletzt verwendet am {at}</>,
    unused: 'nie verwendet',
    nameHint: 'Damit Sie ihn wiedererkennen, etwa „Laptop der Firma“.',
    add: 'Passkey hinzufügen',
    notAdded: 'Es wurde kein Passkey hinzugefügt. Sie können es noch einmal versuchen.',
    remove: 'Entfernen',
    removeNamed: (name: string) => `${name} entfernen`,
    needsScript: 'Zum Hinzufügen braucht es einen Browser mit JavaScript und Passkeys.',
  },
  totp: {
    title: 'Codes aus einer App',
    off: 'Eine App auf Ihrem Telefon zeigt einen Code, den Sie nach dem Passwort eingeben.',
    on: (at: ComponentChildren) => (
      <>Zur Anmeldung mit Ihrem Passwort gehört ein Code, seit dem {at}.</>
    ),
    setUp: 'App einrichten',
    turnOff: 'Codes abschalten',
  },
  recovery: {
    title: 'Notfallcodes',
    left: (count: number) =>
      count === 1 ? 'Ein Notfallcode ist übrig.' : `${count} Notfallcodes sind übrig.`,
    renew: 'Neue Notfallcodes erzeugen',
  },
  enrol: {
    title: 'Codes aus einer App einrichten',
    required:
      'Dieser Server verlangt neben Ihrem Passwort einen zweiten Nachweis. Richten Sie ihn jetzt ein.',
    scan: 'Scannen Sie dies mit einer App für Codes, etwa der in Ihrem Passwortmanager.',
    qr: 'QR-Code mit dem Schlüssel für Ihre App',
    type: 'Wenn Sie nicht scannen können, geben Sie diesen Schlüssel in die App ein:',
    code: 'Code, den die App zeigt',
    submit: 'Codes einschalten',
  },
  codes: {
    title: 'Bewahren Sie diese Notfallcodes auf',
    lead: 'Wenn Sie Ihr Telefon verlieren, lässt jeder von ihnen Sie einmal statt eines Codes ein. Sie werden nur jetzt gezeigt: Drucken Sie sie aus, oder legen Sie sie in Ihren Passwortmanager.',
    done: 'Ich habe sie aufbewahrt',
  },
  second: {
    title: 'Noch ein Schritt',
    lead: 'Geben Sie den Code ein, den Ihre App jetzt zeigt.',
    code: 'Ihr Code',
    codeHint: 'Ohne Ihr Telefon geben Sie einen Ihrer Notfallcodes ein.',
    submit: 'Weiter',
    elsewhere: 'Anders anmelden',
  },
  problems: {
    wrong_code:
      'Dieser Code stimmt nicht oder ist verbraucht. Warten Sie auf den nächsten und versuchen Sie es noch einmal.',
    too_many_attempts:
      'Das waren zu viele Versuche. Warten Sie eine Weile und versuchen Sie es noch einmal.',
    expired: 'Diese Seite war zu lange offen. Bitte versuchen Sie es noch einmal.',
    passkey_refused:
      'Dieser Passkey ließ sich nicht hinzufügen. Bitte versuchen Sie es noch einmal.',
    passkey_exists: 'Dieser Passkey steht schon auf Ihrer Liste.',
    passkeys_too_many: 'Auf Ihrer Liste stehen zu viele Passkeys. Entfernen Sie erst einen.',
    passkey_unknown: 'Dieser Passkey steht nicht mehr auf Ihrer Liste.',
    last_way_in:
      'Anders können Sie sich nicht anmelden. Fügen Sie erst einen weiteren Passkey, ein Passwort mit Adresse oder einen anderen Dienst hinzu.',
    totp_enabled: 'Codes sind schon eingeschaltet.',
    totp_not_enabled: 'Codes sind nicht eingeschaltet.',
    recovery_code_unknown: 'Dieser Notfallcode stimmt nicht.',
  },
  tryAgainIn: (time: string) =>
    `Das waren zu viele Versuche. Versuchen Sie es in ${time} noch einmal.`,
}
