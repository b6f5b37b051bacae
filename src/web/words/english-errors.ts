/**
 * What an error page says in English, by kind: what happened, and what the reader can do. Nothing in here
 * comes from a request or from an exception; the request id on the page finds the rest in the log.
 *
 * The first three are the errors of the authorization endpoint that must never redirect, because
 * the place to redirect to is what is wrong.
 * @see [RFC 6749 §4.1.2.1 - Error Response](https://www.rfc-editor.org/rfc/rfc6749.html#section-4.1.2.1)
 */

export interface ErrorText {
  readonly title: string
  readonly message: string
  readonly advice: string
}

export const englishErrors = {
  unknownClient: {
    title: 'This app is not known here',
    message:
      'The app that sent you has an id that this server does not know. Its registration may have been removed, or it belongs to another server.',
    advice:
      'In the app, remove the connection to this server and add it again. It then registers anew.',
  },
  redirectMismatch: {
    title: 'The answer would go to the wrong place',
    message:
      'The app asked for the answer at an address that it has not registered. To keep your access safe, nothing was sent there.',
    advice:
      'In the app, remove the connection to this server and add it again. If that does not help, tell the makers of the app that its redirect URI does not match.',
  },
  malformedRequest: {
    title: 'This link is not complete',
    message: 'The request from the app is malformed, so this server cannot answer it.',
    advice: 'Go back to the app and start again from there.',
  },
  requestExpired: {
    title: 'This page has expired',
    message: 'The request was open for too long, or it was already answered. Nothing has changed.',
    advice: 'Go back to the app and start again from there.',
  },
  formRefused: {
    title: 'This form could not be accepted',
    message:
      'It did not come from a page that this browser session was shown. Nothing has changed.',
    advice: 'Go back, load the page again, and send it once more. Cookies must be allowed.',
  },
  setupLinkUsed: {
    title: 'This link no longer works',
    message: 'A set-up link works once, and for 30 minutes.',
    advice: 'Start the server again to get a new one in its terminal.',
  },
  alreadySetUp: {
    title: 'This link no longer works',
    message: 'This server has an administrator already.',
    advice: 'Sign in with that account, or ask its owner to give you one.',
  },
  mailLinkUsed: {
    title: 'This link no longer works',
    message: 'It has been used, or it is too old.',
    advice: 'Where you sign in you can ask for a new one.',
  },
  forbidden: {
    title: 'This page is not yours to see',
    message: 'You are signed in, but this account may not open it.',
    advice: 'Sign in with another account, or ask the people who run this server.',
  },
  proofMissing: {
    title: 'This takes a better proof of who you are',
    message: 'What is asked for wants a second factor or a passkey, and your account has none.',
    advice: 'Add one on the page “How you sign in”, then answer again.',
  },
  notFound: {
    title: 'There is nothing here',
    message: 'No page has this address.',
    advice: 'Check the address, or start from the front page.',
  },
  tooManyRequests: {
    title: 'Too many requests',
    message: 'There were more requests from your side than this server answers at once.',
    advice: 'Wait a minute, then try again.',
  },
  unexpected: {
    title: 'Something went wrong on our side',
    message: 'An unexpected error happened. It has been written down.',
    advice: 'Try again. If it stays, tell the people who run this server the reference below.',
  },
  unavailable: {
    title: 'Not available right now',
    message: 'The database of this server cannot be reached, so nobody can be signed in.',
    advice: 'Try again in a moment. What you were doing has not been changed.',
  },
} satisfies Record<string, ErrorText>

export type ErrorKind = keyof typeof englishErrors
