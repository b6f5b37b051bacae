/** What an error page says in German; see the English texts for when. */
import type { ErrorKind, ErrorText } from './english-errors.ts'

export const germanErrors: Record<ErrorKind, ErrorText> = {
  unknownClient: {
    title: 'Diese App ist hier nicht bekannt',
    message:
      'Die App, von der Sie kommen, hat eine Kennung, die dieser Server nicht kennt. Ihre Registrierung wurde entfernt, oder sie gehört zu einem anderen Server.',
    advice:
      'Entfernen Sie in der App die Verbindung zu diesem Server und fügen Sie sie neu hinzu. Sie registriert sich dann von Neuem.',
  },
  redirectMismatch: {
    title: 'Die Antwort ginge an die falsche Stelle',
    message:
      'Die App will die Antwort an einer Adresse, die sie nicht registriert hat. Zum Schutz Ihres Zugangs wurde nichts dorthin geschickt.',
    advice:
      'Entfernen Sie in der App die Verbindung zu diesem Server und fügen Sie sie neu hinzu. Hilft das nicht, sagen Sie den Herstellern der App, dass ihre Redirect-URI nicht passt.',
  },
  malformedRequest: {
    title: 'Dieser Link ist nicht vollständig',
    message: 'Die Anfrage der App ist fehlerhaft, darum kann dieser Server sie nicht beantworten.',
    advice: 'Gehen Sie zur App zurück und beginnen Sie dort noch einmal.',
  },
  requestExpired: {
    title: 'Diese Seite ist abgelaufen',
    message:
      'Die Anfrage war zu lange offen, oder sie ist schon beantwortet. Es hat sich nichts geändert.',
    advice: 'Gehen Sie zur App zurück und beginnen Sie dort noch einmal.',
  },
  formRefused: {
    title: 'Dieses Formular konnte nicht angenommen werden',
    message:
      'Es kam nicht von einer Seite, die dieser Browser gezeigt bekam. Es hat sich nichts geändert.',
    advice:
      'Gehen Sie zurück, laden Sie die Seite neu und senden Sie sie noch einmal. Cookies müssen erlaubt sein.',
  },
  setupLinkUsed: {
    title: 'Dieser Link gilt nicht mehr',
    message: 'Ein Einrichtungslink gilt einmal und 30 Minuten lang.',
    advice: 'Starten Sie den Server neu, dann steht ein neuer in seinem Terminal.',
  },
  alreadySetUp: {
    title: 'Dieser Link gilt nicht mehr',
    message: 'Dieser Server hat schon einen Administrator.',
    advice: 'Melden Sie sich mit diesem Konto an, oder bitten Sie dessen Inhaber um eines.',
  },
  mailLinkUsed: {
    title: 'Dieser Link gilt nicht mehr',
    message: 'Er wurde benutzt, oder er ist zu alt.',
    advice: 'Wo Sie sich anmelden, können Sie einen neuen anfordern.',
  },
  forbidden: {
    title: 'Diese Seite ist nicht für Sie',
    message: 'Sie sind angemeldet, aber dieses Konto darf sie nicht öffnen.',
    advice:
      'Melden Sie sich mit einem anderen Konto an, oder fragen Sie, wer diesen Server betreibt.',
  },
  proofMissing: {
    title: 'Hierfür braucht es einen besseren Nachweis, wer Sie sind',
    message:
      'Was gefragt ist, verlangt einen zweiten Faktor oder einen Passkey, und Ihr Konto hat keinen.',
    advice: 'Richten Sie einen auf der Seite zu Ihrer Anmeldung ein und antworten Sie dann erneut.',
  },
  notFound: {
    title: 'Hier ist nichts',
    message: 'Keine Seite hat diese Adresse.',
    advice: 'Prüfen Sie die Adresse, oder beginnen Sie auf der Startseite.',
  },
  tooManyRequests: {
    title: 'Zu viele Anfragen',
    message: 'Von Ihrer Seite kamen mehr Anfragen, als dieser Server auf einmal beantwortet.',
    advice: 'Warten Sie eine Minute und versuchen Sie es dann noch einmal.',
  },
  unexpected: {
    title: 'Bei uns ist etwas schiefgegangen',
    message: 'Ein unerwarteter Fehler ist aufgetreten. Er wurde aufgeschrieben.',
    advice:
      'Versuchen Sie es noch einmal. Bleibt es dabei, nennen Sie den Betreibern dieses Servers die Kennung unten.',
  },
  unavailable: {
    title: 'Gerade nicht erreichbar',
    message: 'Die Datenbank dieses Servers ist nicht erreichbar, darum kann sich niemand anmelden.',
    advice: 'Versuchen Sie es gleich noch einmal. Was Sie gerade taten, hat sich nicht verändert.',
  },
}
