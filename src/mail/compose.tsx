/** A letter in words: plain text, and the same as HTML without an image, script or style sheet. */
import { renderToString } from 'preact-render-to-string'
import type { Settings } from '../config/settings.ts'
import type { Keyring } from '../domain/keyring.ts'
import type { Letter } from '../identity/outbox.ts'
import { mailLinkToken } from '../protocol/tokens/token-text.ts'
import { plainText } from '../web/clean-text.ts'
import { inUtc } from '../web/time.tsx'
import { wordsFor } from '../web/words/words.ts'
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
  const closing = words.letterFrame.closing(settings.issuer)
  const paragraphs = [words.letterFrame.greeting, text(brand)]
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

function linkTo(settings: Settings, keyring: Keyring, link: NonNullable<Letter['link']>): string {
  const token = mailLinkToken(keyring, link.seed, settings.tokenPrefix)
  return `${settings.issuer}${link.path}?token=${token}`
}
