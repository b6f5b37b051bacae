/**
 * Which language a page speaks: what the client asked for in `ui_locales`, else what the browser
 * says, else English. The words reach every part of a page by context.
 *
 * @see [RFC 9110 §12.5.4 - Accept-Language](https://www.rfc-editor.org/rfc/rfc9110.html#section-12.5.4)
 * @see [OpenID Connect Core 1.0 §3.1.2.1 - Authentication Request](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest)
 */
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { english } from './english.tsx'
import { german } from './german.tsx'

export type Words = typeof english

export const languages: readonly Words[] = [english, german]

export const WordsContext = createContext<Words>(english)

export function useWords(): Words {
  return useContext(WordsContext)
}

const tagsMax = 20

interface Wishes {
  /** Space-separated BCP 47 tags, the best first. */
  readonly uiLocales?: string | undefined
  readonly acceptLanguage?: string | null | undefined
}

export function wordsFor({ uiLocales, acceptLanguage }: Wishes): Words {
  const wishes = [...(uiLocales?.split(' ').slice(0, tagsMax) ?? []), ...ranked(acceptLanguage)]
  for (const wish of wishes) {
    const primary = wish.toLowerCase().split('-')[0]
    const found = languages.find(({ language }) => language === primary)
    if (found) return found
  }
  return english
}

/** `de-CH, en;q=0.8, fr;q=0` → `de-CH`, `en`. */
function ranked(header: string | null | undefined): string[] {
  return (header ?? '')
    .split(',')
    .slice(0, tagsMax)
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().split(/\s*;\s*/)
      const quality = parameters.find((p) => p.toLowerCase().startsWith('q='))
      return { tag, quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0 }
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag)
}
