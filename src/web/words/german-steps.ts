/** What the small forms about an account say, and the pages after them, in German. */
import type { Words } from './words.ts'

export const germanSteps: Words['steps'] = {
  askSignIn: {
    title: 'Mit E-Mail anmelden',
    lead: 'Wir senden Ihnen einen Link, der Sie in diesem Browser anmeldet.',
    submit: 'Link senden',
  },
  askReset: {
    title: 'Passwort vergessen',
    lead: 'Wir senden Ihnen einen Link, mit dem Sie ein neues Passwort wählen.',
    submit: 'Link senden',
  },
  askSignUp: {
    title: 'Konto anlegen',
    lead: 'Wir senden Ihnen einen Link, damit wir wissen, dass die Adresse Ihre ist.',
    submit: 'Link senden',
  },
  signIn: {
    title: 'Anmelden',
    lead: 'Noch ein Klick, und Sie sind angemeldet:',
    submit: 'Anmelden',
  },
  reset: {
    title: 'Ein neues Passwort',
    lead: 'Jeder andere Browser wird abgemeldet:',
    submit: 'Passwort setzen',
  },
  signUp: {
    title: 'Konto anlegen',
    lead: 'Ihre Adresse:',
    submit: 'Konto anlegen',
  },
  confirmEmail: {
    title: 'Adresse bestätigen',
    lead: 'Von jetzt an ist das die Adresse Ihres Kontos:',
    submit: 'Bestätigen',
  },
  changeEmail: {
    title: 'Adresse ändern',
    lead: 'Wir senden einen Link an die neue Adresse. Bis Sie ihn öffnen, ändert sich nichts:',
    submit: 'Link senden',
  },
  verifyEmail: {
    title: 'Adresse bestätigen',
    lead: 'Wir senden Ihnen einen Link an diese Adresse:',
    submit: 'Link senden',
  },
  changePassword: {
    title: 'Passwort ändern',
    lead: 'Jeder andere Browser wird abgemeldet.',
    submit: 'Passwort setzen',
  },
  rename: {
    title: 'Namen ändern',
    lead: 'Apps, die Ihr Profil sehen dürfen, werden ihn sehen.',
    submit: 'Speichern',
  },
  deleteAccount: {
    title: 'Konto löschen',
    lead: 'Das lässt sich nicht rückgängig machen. Es beendet all das:',
    submit: 'Mein Konto löschen',
  },
}

export const germanStepParts: Words['stepParts'] = {
  currentPassword: 'Jetziges Passwort',
  newPassword: 'Neues Passwort',
  newEmail: 'Neue E-Mail',
  sessionsEnd: (count) => `${count} ${count === 1 ? 'angemeldeter' : 'angemeldete'} Browser`,
  appsEnd: (count) => `Der Zugang von ${count} ${count === 1 ? 'App' : 'Apps'}`,
  back: 'Zurück zu Ihrem Konto',
  onward: 'Weiter',
  problems: {
    email_invalid: 'Das ist keine E-Mail-Adresse. Prüfen Sie sie und versuchen Sie es noch einmal.',
    email_taken: 'Diese Adresse lässt sich nicht verwenden. Wählen Sie eine andere.',
    too_many_attempts:
      'Es waren zu viele Versuche. Warten Sie eine Weile und versuchen Sie es dann noch einmal.',
    wrong_credentials: 'Das ist nicht Ihr jetziges Passwort.',
    last_admin: 'Nur Sie verwalten diesen Server. Machen Sie erst jemand anderen dazu.',
    password_too_short: 'Dieses Passwort ist zu kurz. Nehmen Sie mindestens 8 Zeichen.',
    password_too_long: 'Dieses Passwort ist zu lang für diesen Server.',
    password_too_common:
      'Dieses Passwort gehört zu den ersten, die Angreifer versuchen. Wählen Sie ein anderes.',
    expired: 'Diese Seite war zu lange offen. Bitte füllen Sie sie noch einmal aus.',
  },
}

export const germanDone: Words['done'] = {
  mailSent: {
    title: 'Sehen Sie in Ihr Postfach',
    text: 'Wenn wir an die Adresse schreiben können, ist ein Link unterwegs. Er gilt einmal und nicht lange. Wenn nichts kommt, sehen Sie bei der unerwünschten Post nach oder bitten Sie noch einmal darum.',
  },
  passwordSet: {
    title: 'Ihr Passwort ist gesetzt',
    text: 'Alle anderen Browser sind abgemeldet. Melden Sie sich mit dem neuen Passwort an.',
  },
  emailConfirmed: {
    title: 'Ihre Adresse ist bestätigt',
    text: 'Sie gehört jetzt zu Ihrem Konto.',
  },
  otherBrowser: {
    title: 'Öffnen Sie ihn im anderen Browser',
    text: 'Dieser Link gilt nur in dem Browser, in dem Sie darum gebeten haben. Öffnen Sie ihn dort, oder bitten Sie hier um einen neuen.',
  },
  accountDeleted: {
    title: 'Ihr Konto ist gelöscht',
    text: 'Jeder Zugang, den Sie gegeben hatten, ist zu Ende, und was von Ihnen blieb, ist nicht mehr lesbar.',
  },
}
