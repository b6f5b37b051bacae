/** A letter in words: plain text, and the same as HTML without an image, script or style sheet. */
import { renderToString } from 'preact-render-to-string'
import type { Settings } from '../config/settings.ts'
import type { Keyring } from '../domain/keyring.ts'
import type { Letter } from '../identity/outbox.ts'
import { mailLinkToken } from '../protocol/tokens/token-text.ts'
import { plainText } from '../web/clean-text.ts'
import { knownDevice } from '../web/device-words.ts'
import { inUtc } from '../web/time.tsx'
import { type Words, wordsFor } from '../web/words/words.ts'
import type { Mail } from './transport.ts'

export function composeMail(
  { settings, keyring }: { settings: Settings; keyring: Keyring },
  letter: Letter,
): Mail {
  const words = wordsFor({ uiLocales: letter.language })
  const brand = plainText(settings.brand)
  const { subject, text, ...rest } = words.letters[letter.kind]
  const { link, page } = letter
  const url = link ? linkTo(settings, keyring, link) : page && settings.issuer + page
  const until = link && words.letterFrame.until(inUtc(link.endsAt, words))
  const closing = closingOf(letter, words)(settings.issuer)
  const paragraphs = [words.letterFrame.greeting, text(brand), ...happenedIn(letter, words)]
  return {
    to: letter.to ?? '',
    subject: subject(brand),
    text: [...paragraphs, ...(url ? [url] : []), ...(until ? [until] : []), closing].join('\n\n'),
    html: `<!doctype html>${renderToString(
      <html lang={words.language}>
        <head>
          <meta charset="utf-8" />
          <title>{subject(brand)}</title>
        </head>
        <body>
          {paragraphs.map((paragraph) => (
            <p key={paragraph}>{paragraph}</p>
          ))}
          {url && (
            <p>
              <a href={url}>{'action' in rest ? rest.action : url}</a>
            </p>
          )}
          {until && <p>{until}</p>}
          <p>{closing}</p>
        </body>
      </html>,
    )}`,
  }
}

/** When and by what, and what to do about it where that was somebody else. */
function happenedIn({ happened, page }: Letter, words: Words): string[] {
  if (!happened) return []
  const { letterFrame: frame } = words
  const moment = inUtc(happened.at, words)
  const device = knownDevice(happened.userAgent ?? null, words)
  const when = device === undefined ? frame.happened(moment) : frame.happenedBy(moment, device)
  return page === undefined ? [when] : [when, frame.notYou]
}

/** Nobody need do anything about a letter that somebody else asked for; one that tells has to be read. */
function closingOf({ link, kind }: Letter, { letterFrame }: Words) {
  const isAskedFor = link !== undefined || kind === 'haveAccount' || kind === 'agentRegistered'
  return isAskedFor ? letterFrame.closing : letterFrame.sentBy
}

function linkTo(settings: Settings, keyring: Keyring, link: NonNullable<Letter['link']>): string {
  const token = mailLinkToken(keyring, link.seed, settings.tokenPrefix)
  return `${settings.issuer}${link.path}?token=${token}`
}
