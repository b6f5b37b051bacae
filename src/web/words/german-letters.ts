/** What mail says, in German. */
import type { Words } from './words.ts'

export const germanLetterFrame: Words['letterFrame'] = {
  greeting: 'Guten Tag,',
  until: (moment) => `Der Link gilt einmal, bis ${moment}.`,
  happened: (moment) => `Das war am ${moment}.`,
  happenedBy: (moment, device) => `Das war am ${moment}, mit ${device}.`,
  notYou:
    'Wenn Sie das nicht waren, melden Sie sich sofort an, melden Sie alle anderen Browser ab, ändern Sie Ihr Passwort und sehen Sie nach, wie man sich anmelden kann:',
  sentBy: (issuer) => `Gesendet von ${issuer}; Antworten werden nicht gelesen.`,
  closing: (issuer) =>
    `Wenn Sie darum nicht gebeten haben, brauchen Sie nichts zu tun; niemand kommt dadurch in Ihr Konto. Gesendet von ${issuer}; Antworten werden nicht gelesen.`,
}

export const germanLetters: Words['letters'] = {
  signIn: {
    subject: (brand) => `Anmelden bei ${brand}`,
    text: (brand) =>
      `öffnen Sie diesen Link in dem Browser, in dem Sie darum gebeten haben, um sich bei ${brand} anzumelden.`,
    action: 'Anmelden',
  },
  reset: {
    subject: (brand) => `Ein neues Passwort für ${brand}`,
    text: (brand) =>
      `öffnen Sie diesen Link, um ein neues Passwort für Ihr Konto bei ${brand} zu wählen.`,
    action: 'Neues Passwort wählen',
  },
  confirm: {
    subject: (brand) => `Ihre Adresse bei ${brand} bestätigen`,
    text: (brand) =>
      `öffnen Sie diesen Link, um für Ihr Konto bei ${brand} zu bestätigen, dass Sie diese Adresse lesen.`,
    action: 'Diese Adresse bestätigen',
  },
  change: {
    subject: (brand) => `Ihre neue Adresse bei ${brand}`,
    text: (brand) =>
      `öffnen Sie diesen Link, um diese Adresse zu der Ihres Kontos bei ${brand} zu machen.`,
    action: 'Diese Adresse verwenden',
  },
  signUp: {
    subject: (brand) => `Ihr Konto bei ${brand} anlegen`,
    text: (brand) => `öffnen Sie diesen Link, um Ihr Konto bei ${brand} anzulegen.`,
    action: 'Konto anlegen',
  },
  invitation: {
    subject: (brand) => `Sie sind zu ${brand} eingeladen`,
    text: (brand) =>
      `öffnen Sie diesen Link, um das Konto bei ${brand} anzulegen, zu dem Sie eingeladen sind.`,
    action: 'Konto anlegen',
  },
  haveAccount: {
    subject: (brand) => `Sie haben ein Konto bei ${brand}`,
    text: (brand) =>
      `jemand, vielleicht Sie, wollte mit dieser Adresse ein Konto bei ${brand} anlegen. Es gibt schon eines: Melden Sie sich damit an, oder bitten Sie dort um ein neues Passwort.`,
  },
  emailChanged: {
    subject: (brand) => `Ihre Adresse bei ${brand} wurde geändert`,
    text: (brand) =>
      `Ihr Konto bei ${brand} hat jetzt eine andere Adresse; diese hier wird nicht mehr verwendet. Wenn Sie das nicht waren, sagen Sie es sofort den Leuten, die ${brand} betreiben.`,
  },
  passwordChanged: {
    subject: (brand) => `Ihr Passwort bei ${brand} wurde geändert`,
    text: (brand) =>
      `das Passwort Ihres Kontos bei ${brand} wurde geändert, und alle anderen Browser wurden abgemeldet.`,
  },
  accountDeleted: {
    subject: (brand) => `Ihr Konto bei ${brand} wurde gelöscht`,
    text: (brand) =>
      `Ihr Konto bei ${brand} wurde gelöscht, und mit ihm endete jeder Zugang, den Sie gegeben hatten.`,
  },
  apiTokenLeaked: {
    subject: (brand) => `Ein API-Token von Ihnen bei ${brand} wurde öffentlich gefunden`,
    text: (brand) =>
      `jemand hat ein API-Token Ihres Kontos bei ${brand} dort gefunden, wo es alle lesen können. Es wurde sofort widerrufen. Melden Sie sich an, um zu sehen, welches es war, entfernen Sie es dort und sehen Sie nach, was damit getan wurde.`,
  },
  apiTokenExpires: {
    subject: (brand) => `Ein API-Token von Ihnen bei ${brand} läuft bald ab`,
    text: (brand) =>
      `ein API-Token Ihres Kontos bei ${brand} läuft in wenigen Tagen ab. Wenn es noch benutzt wird, melden Sie sich an und erneuern Sie es rechtzeitig.`,
  },
  passkeyAdded: {
    subject: (brand) => `Ihr Konto bei ${brand} hat einen weiteren Passkey`,
    text: (brand) => `ein weiterer Passkey öffnet jetzt Ihr Konto bei ${brand}.`,
  },
  passkeyRemoved: {
    subject: (brand) => `Ein Passkey Ihres Kontos bei ${brand} wurde entfernt`,
    text: (brand) => `ein Passkey wurde entfernt und öffnet Ihr Konto bei ${brand} nicht mehr.`,
  },
  codesOn: {
    subject: (brand) => `Anmelden bei ${brand} braucht jetzt einen Code`,
    text: (brand) =>
      `für Ihr Konto bei ${brand} wurde eine App eingerichtet, die Codes zeigt. Ihr Passwort allein genügt nicht mehr.`,
  },
  codesOff: {
    subject: (brand) => `Anmelden bei ${brand} braucht keinen Code mehr`,
    text: (brand) =>
      `die App, die Codes zeigt, wurde von Ihrem Konto bei ${brand} entfernt, und mit ihr die Wiederherstellungscodes.`,
  },
  recoveryCodesMade: {
    subject: (brand) => `Neue Wiederherstellungscodes für ${brand}`,
    text: (brand) =>
      `für Ihr Konto bei ${brand} wurden neue Wiederherstellungscodes gemacht. Die bisherigen öffnen nichts mehr.`,
  },
  identityLinked: {
    subject: (brand) => `Ein weiterer Weg, sich bei ${brand} anzumelden`,
    text: (brand) =>
      `ein Konto bei einem anderen Dienst wurde mit Ihrem bei ${brand} verknüpft und meldet jetzt dort an.`,
  },
  identityUnlinked: {
    subject: (brand) => `Ein Weg, sich bei ${brand} anzumelden, wurde entfernt`,
    text: (brand) =>
      `ein Konto bei einem anderen Dienst wurde von Ihrem bei ${brand} getrennt und meldet dort nicht mehr an.`,
  },
  secondFactorReset: {
    subject: (brand) => `Ihr zweiter Faktor bei ${brand} wurde zurückgesetzt`,
    text: (brand) =>
      `die Leute, die ${brand} betreiben, haben alle Passkeys und die App, die Codes zeigt, von Ihrem Konto entfernt und Sie überall abgemeldet. Melden Sie sich an und richten Sie einen zweiten Faktor neu ein. Wenn Sie nicht darum gebeten haben, sagen Sie es ihnen.`,
  },
  emailNew: {
    subject: (brand) => `Das ist jetzt Ihre Adresse bei ${brand}`,
    text: (brand) => `Ihr Konto bei ${brand} hat jetzt diese Adresse.`,
  },
  approvalAsked: {
    subject: (brand: string) => `Bei ${brand} wartet etwas auf Ihre Zustimmung`,
    text: (brand: string) =>
      `eine App oder ein Agent, den Sie bei ${brand} verbunden haben, bittet Sie um eine Entscheidung. Melden Sie sich an, um zu sehen, worum es geht, und stimmen Sie dort zu oder lehnen Sie ab. Solange Sie nichts davon tun, geschieht nichts.`,
    action: 'Ansehen',
  },
  agentRegistered: {
    subject: (brand) => `Ein Agent bei ${brand} nennt Sie als seinen Besitzer`,
    text: (brand) =>
      `ein Programm hat sich bei ${brand} registriert und sagt, dass es Ihres ist. Melden Sie sich mit dem Konto dieser Adresse an, um zu sehen, was es ist, und bestätigen Sie es dort oder lehnen Sie es ab. Solange Sie keines von beiden tun, kann es nichts in Ihrem Namen tun.`,
    action: 'Den Agenten ansehen',
  },
}
