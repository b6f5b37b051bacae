/** What pages say, in German, about signing in by another service. */
import type { englishUpstreams } from './english-upstreams.tsx'

export const germanUpstreams: typeof englishUpstreams = {
  or: 'oder',
  continueWith: (service) => <>Weiter mit {service}</>,
  onward: {
    title: (service) => `Weiter zu ${service}`,
    heading: (service) => <>Weiter zu {service}</>,
    text: (host) => (
      <>
        Sie melden sich bei {host} an und kommen hierher zurück. Wenn nichts geschieht, gehen Sie
        von Hand weiter.
      </>
    ),
    go: 'Weiter',
  },
  identities: {
    title: 'Andere Wege, sich anzumelden',
    none: 'Es ist kein Konto bei einem anderen Dienst verknüpft.',
    linked: (at) => <>verknüpft seit {at}</>,
    link: (service) => <>{service} verknüpfen</>,
    unlink: 'Verknüpfung lösen',
    unlinkWhich: (service, label) => `Verknüpfung mit ${service} ${label} lösen`,
  },
  telegram: {
    signInTitle: 'Mit Telegram anmelden',
    signInAs: (who) => <>Als {who} anmelden?</>,
    signIn: 'Anmelden',
    linkTitle: 'Telegram verknüpfen',
    linkAs: (who) => <>{who} mit Ihrem Konto verknüpfen?</>,
    link: 'Verknüpfen',
    warning: 'Wenn Sie das nicht gerade in Telegram verlangt haben, schließen Sie diese Seite.',
  },
  problems: {
    upstream_expired:
      'Die Anmeldung dort hat zu lange gedauert oder wurde schon beantwortet. Bitte versuchen Sie es noch einmal.',
    upstream_denied:
      'Sie haben es dort nicht erlaubt. Versuchen Sie es noch einmal, oder wählen Sie einen anderen Weg.',
    upstream_failed:
      'Der andere Dienst hat nicht bewiesen, wer Sie sind. Versuchen Sie es gleich noch einmal, oder wählen Sie einen anderen Weg.',
    identity_unknown:
      'Das Konto dort ist mit keinem Konto hier verknüpft. Melden Sie sich zuerst auf einem anderen Weg an, und verknüpfen Sie es dann auf der Seite Ihres Kontos.',
    identity_email_taken:
      'Ein Konto hier hat diese E-Mail-Adresse schon. Melden Sie sich dort zuerst auf einem anderen Weg an, und verknüpfen Sie beide dann auf der Seite Ihres Kontos.',
    identity_of_another: 'Das Konto dort ist mit einem anderen Konto hier verknüpft.',
    identities_too_many:
      'Mehr Konten lassen sich nicht verknüpfen. Lösen Sie zuerst eine Verknüpfung.',
    account_disabled: 'Dieses Konto ist gesperrt. Fragen Sie, wer diesen Server betreibt.',
    last_way_in:
      'Das ist der einzige Weg, sich an Ihrem Konto anzumelden. Fügen Sie zuerst einen Passkey, ein Passwort mit bestätigter Adresse oder einen anderen Dienst hinzu.',
    expired_form: 'Diese Seite war zu lange offen. Bitte versuchen Sie es noch einmal.',
  },
}
