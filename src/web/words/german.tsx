/** Everything that the pages say, in German. */
import { germanAdmin } from './german-admin.tsx'
import { germanAdminActions } from './german-admin-actions.ts'
import { germanAgents } from './german-agents.tsx'
import { germanApiTokens } from './german-api-tokens.tsx'
import { germanApprovals } from './german-approvals.tsx'
import { germanBackChannel } from './german-back-channel.tsx'
import { germanBot } from './german-bot.ts'
import { germanConnectedApps } from './german-connected-apps.tsx'
import { germanConsent } from './german-consent.tsx'
import { germanErrors } from './german-errors.ts'
import { germanGateway } from './german-gateway.tsx'
import { germanLetterFrame, germanLetters } from './german-letters.ts'
import { germanSecurity, germanSignIn } from './german-security.tsx'
import { germanDone, germanStepParts, germanSteps } from './german-steps.ts'
import { germanUpstreams } from './german-upstreams.tsx'
import type { Words } from './words.ts'

const months = [
  ...['Januar', 'Februar', 'März', 'April', 'Mai', 'Juni', 'Juli'],
  ...['August', 'September', 'Oktober', 'November', 'Dezember'],
]

function counted(one: string, many: string) {
  return (count: number) => `${count} ${count === 1 ? one : many}`
}

export const german: Words = {
  language: 'de',
  shell: {
    atLeast: (count) => `${count}+`,
    paging: {
      page: (page, pages) => `Seite ${page} von ${pages}`,
      newer: 'Neuere',
      older: 'Ältere',
    },
    skip: 'Zum Inhalt springen',
    colophon: 'Grantlog hält jeden Zugriff fest, der hier gewährt wird.',
    unnamedApp: 'Eine App ohne Namen',
    reference: 'Kennung',
    problem: (title) => `Problem: ${title}`,
  },
  navigation: {
    open: (who) => `Kontomenü von ${who}`,
    rooms: {
      account: 'Ihr Konto',
      security: 'Wie Sie sich anmelden',
      apps: 'Verbundene Apps',
      approvals: 'Zustimmungen',
      token: 'API-Token',
      tokens: 'API-Tokens',
      agents: 'Agenten',
      admin: 'Verwaltung',
    },
  },
  time: {
    day: counted('Tag', 'Tage'),
    hour: counted('Stunde', 'Stunden'),
    minute: counted('Minute', 'Minuten'),
    second: counted('Sekunde', 'Sekunden'),
    moment: (at, clock) =>
      `${at.getUTCDate()}. ${months[at.getUTCMonth()]} ${at.getUTCFullYear()}, ${clock} UTC`,
  },
  fields: {
    email: 'E-Mail',
    name: 'Name',
    password: 'Passwort',
    passwordHint: 'Mindestens 8 Zeichen. Ein paar Wörter hintereinander ergeben ein gutes.',
  },
  signIn: {
    title: 'Anmelden',
    toContinue: (client) => <>um mit {client} weiterzumachen</>,
    submit: 'Anmelden',
    otherWays: 'Andere Wege',
    byEmail: 'Mit E-Mail anmelden',
    forgotten: 'Passwort vergessen?',
    signUp: 'Konto anlegen',
    problems: {
      wrong_credentials:
        'Diese E-Mail-Adresse und dieses Passwort gehören nicht zusammen. Prüfen Sie beide und versuchen Sie es noch einmal.',
      too_many_attempts:
        'Es waren zu viele Versuche. Warten Sie eine Weile und versuchen Sie es dann noch einmal.',
      expired: 'Diese Seite war zu lange offen. Bitte melden Sie sich noch einmal an.',
      ...germanUpstreams.problems,
      ...germanSignIn.problems,
    },
    tryAgainIn: (time) =>
      `Es waren zu viele Versuche. Der nächste zählt wieder nach dieser Zeit: ${time}.`,
    ...germanSignIn.ways,
  },
  signOut: {
    title: 'Abmelden',
    question: 'Abmelden?',
    signedInAs: (who) => <>Sie sind als {who} angemeldet.</>,
    asked: (client) => <>{client} bittet darum, Sie abzumelden.</>,
    afterwards: (host) => <>Danach geht es weiter zu {host}</>,
    submit: 'Abmelden',
    stay: 'Angemeldet bleiben',
    doneTitle: 'Abgemeldet',
    done: 'Sie sind abgemeldet',
    nobody: 'In diesem Browser ist hier jetzt niemand angemeldet.',
    goOn: (host) => <>Weiter zu {host}</>,
    again: 'Wieder anmelden',
  },
  backChannel: germanBackChannel,
  device: {
    title: 'Ein Gerät verbinden',
    lead: 'Geben Sie den Code ein, den Ihr Gerät zeigt.',
    compare: 'Ist das der Code, den Ihr Gerät zeigt? Machen Sie nur weiter, wenn es derselbe ist.',
    code: 'Der Code',
    codeHint: 'Acht Buchstaben, zum Beispiel WDJB-MJHT.',
    submit: 'Weiter',
    problems: {
      wrong_code:
        'Kein Gerät wartet mit diesem Code. Prüfen Sie ihn, oder fangen Sie am Gerät neu an.',
      too_many_attempts:
        'Es waren zu viele falsche Codes. Warten Sie eine Weile und versuchen Sie es dann noch einmal.',
      expired: 'Diese Seite war zu lange offen. Bitte geben Sie den Code noch einmal ein.',
      too_weak:
        'Was verlangt wird, braucht einen zweiten Schritt oder einen Passkey, und Ihr Konto hat keinen. Richten Sie unter „Konto“ einen ein und geben Sie den Code dann noch einmal ein.',
    },
    tryAgainIn: (time) =>
      `Es waren zu viele falsche Codes. Der nächste zählt wieder nach dieser Zeit: ${time}.`,
    allow: (client) => `${client} zulassen?`,
    asks: (client, resource) => (
      <>
        {client} bittet um Zugriff auf {resource}
      </>
    ),
    ownDevice:
      'Machen Sie nur weiter, wenn Sie das selbst angefangen haben, an Ihrem eigenen Gerät.',
    sameCode: (code) => (
      <>
        Den Zugriff bekommt das Gerät, das {code} zeigt. Wenn jemand Sie hierher geschickt hat,
        wählen Sie Ablehnen.
      </>
    ),
    approve: 'Zustimmen',
    deny: 'Ablehnen',
    done: {
      title: 'Ihr Gerät ist verbunden',
      text: 'Es merkt das in ein paar Sekunden. Sie können diese Seite schließen.',
    },
    refused: {
      title: 'Das Gerät bekommt keinen Zugriff',
      text: 'Es wurde nichts vergeben. Sie können diese Seite schließen.',
    },
  },
  setup: {
    title: 'Diesen Server einrichten',
    lead: 'Legen Sie das erste Verwaltungskonto an. Dieser Link gilt einmal.',
    submit: 'Verwaltungskonto anlegen',
    problems: {
      email_invalid:
        'Das ist keine E-Mail-Adresse. Prüfen Sie sie und versuchen Sie es noch einmal.',
      name_missing: 'Bitte sagen Sie, wie Sie heißen.',
      password_too_short: 'Dieses Passwort ist zu kurz. Nehmen Sie mindestens 8 Zeichen.',
      password_too_long: 'Dieses Passwort ist zu lang für diesen Server.',
      password_too_common:
        'Dieses Passwort ist eines der ersten, die ein Angreifer versucht. Wählen Sie ein anderes.',
      expired: 'Diese Seite war zu lange offen. Bitte füllen Sie sie noch einmal aus.',
    },
  },
  account: {
    title: 'Ihr Konto',
    administrator: 'Verwaltung',
    signedIn: (since) => <>Angemeldet seit {since}</>,
    signedInUntil: (since, until) => (
      <>
        Angemeldet seit {since}, bis {until}
      </>
    ),
    unconfirmed: 'Nicht bestätigt',
    confirm: 'Bestätigen',
    changeName: 'Namen ändern',
    changeEmail: 'E-Mail ändern',
    changePassword: 'Passwort ändern',
    setPassword: 'Ein Passwort setzen',
    deleteAccount: 'Konto löschen',
    sessions: 'Angemeldete Browser',
    moreSessions: (count) => `und ${count} weitere, deren letzte Benutzung länger her ist`,
    thisBrowser: 'Dieser Browser',
    unknownBrowser: 'Ein unbekannter Browser',
    browserOn: (browser, system) => `${browser} auf ${system}`,
    lastUsed: (at) => <>zuletzt verwendet {at}</>,
    endSession: 'Abmelden',
    endOthers: 'Überall sonst abmelden',
    apps: 'Verbundene Apps',
    noApps: 'Keine App hat Zugriff.',
    noAppsAdvice: 'Wenn Sie einer zustimmen, steht sie hier.',
    howToConnect: 'So verbinden Sie eine App',
    connected: (resource, at) => (
      <>
        {resource} · verbunden seit {at}
      </>
    ),
  },
  home: {
    title: 'Eine App verbinden',
    account: 'Konto',
    promise: 'Sie entscheiden, welche Apps und Agenten für Sie handeln dürfen',
    lead: (brand) => (
      <>
        {brand} meldet Sie an, fragt Sie, bevor eine App Zugriff bekommt, und hält jeden Zugriff
        fest, den es gewährt hat.
      </>
    ),
    connect: 'Einen MCP-Client verbinden',
    paste:
      'Fügen Sie diese Adresse dort ein, wo Ihr Client nach einem MCP-Server oder einem eigenen Connector fragt.',
    claudeCode: 'In Claude Code:',
    settingsFile: 'Für Clients mit einer Einstellungsdatei',
    opens: 'Der Client öffnet diesen Server in Ihrem Browser. Melden Sie sich an.',
    decide: 'Lesen Sie, worum er bittet, und wählen Sie Zustimmen oder Ablehnen.',
    developers: 'Für Entwicklerinnen und Entwickler',
    issuer: (issuer) => <>OAuth 2.1 und OpenID Connect; der Aussteller ist {issuer}</>,
    serverMetadata: 'Metadaten des Autorisierungsservers',
    openidConfiguration: 'OpenID-Connect-Konfiguration',
    errors: 'Fehler, und was jeweils zu tun ist',
    resourceMetadata: (name) => `Metadaten der geschützten Ressource ${name}`,
  },
  steps: germanSteps,
  stepParts: germanStepParts,
  done: germanDone,
  letters: germanLetters,
  letterFrame: germanLetterFrame,
  admin: germanAdmin,
  adminActions: germanAdminActions,
  agents: germanAgents,
  apiTokens: germanApiTokens,
  upstreams: germanUpstreams,
  gateway: germanGateway,
  approvals: germanApprovals,
  connectedApps: germanConnectedApps,
  bot: germanBot,
  consent: germanConsent,
  security: germanSecurity,
  errors: germanErrors,
}
