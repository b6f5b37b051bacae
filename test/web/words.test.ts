/**
 * The catalogue of words: which language a page speaks, and that no language leaves anything out.
 *
 * @see [RFC 9110 §12.5.4 - Accept-Language](https://www.rfc-editor.org/rfc/rfc9110.html#section-12.5.4)
 */

import { english } from '../../src/web/words/english.tsx'
import { german } from '../../src/web/words/german.tsx'
import { languages, wordsFor } from '../../src/web/words/words.ts'
import { authorizationUrl, register } from '../support/oauth-client.ts'
import { startTestServer } from '../support/server.ts'
import { describe, expect, test } from '../support/test.ts'

/** Every text by its path: `signIn.problems.expired`. */
function textsOf(words: object, path = ''): Map<string, unknown> {
  const found = new Map<string, unknown>()
  for (const [name, value] of Object.entries(words)) {
    const at = path === '' ? name : `${path}.${name}`
    if (typeof value === 'object' && value !== null) {
      for (const [inner, text] of textsOf(value, at)) found.set(inner, text)
    } else {
      found.set(at, value)
    }
  }
  return found
}

describe('a page speaks', () => {
  const cases: [wishes: Parameters<typeof wordsFor>[0], language: string][] = [
    [{}, 'en'],
    [{ acceptLanguage: null }, 'en'],
    [{ acceptLanguage: 'de' }, 'de'],
    [{ acceptLanguage: 'de-CH, de;q=0.9, en;q=0.8' }, 'de'],
    [{ acceptLanguage: 'fr-FR, en;q=0.8, de;q=0.7' }, 'en'],
    [{ acceptLanguage: 'en;q=0.2,de;q=0.9' }, 'de'],
    [{ acceptLanguage: 'de;q=0, en;q=0.1' }, 'en'],
    [{ acceptLanguage: 'DE' }, 'de'],
    [{ acceptLanguage: '*' }, 'en'],
    [{ acceptLanguage: ';;;q=,,=' }, 'en'],
    [{ acceptLanguage: 'de'.repeat(10_000) }, 'en'],
    [{ uiLocales: 'de fr', acceptLanguage: 'en' }, 'de'],
    [{ uiLocales: 'fr', acceptLanguage: 'de' }, 'de'],
  ]
  for (const [wishes, language] of cases) {
    test(`${language} for ${JSON.stringify(wishes).slice(0, 80)}`, () => {
      expect(wordsFor(wishes).language).toBe(language)
    })
  }

  test('the language that the browser asks for, and says which', async () => {
    const server = await startTestServer()
    try {
      const headers = { 'accept-language': 'de-AT' }
      const page = await (await fetch(`${server.url}/sign-in`, { headers })).text()
      expect(page).toContain('<html lang="de">')
      expect(page).toContain('Anmelden')
      expect(await (await fetch(`${server.url}/sign-in`)).text()).toContain('<html lang="en">')
      const answer = await fetch(`${server.url}/sign-in`)
      expect(answer.headers.get('vary')).toContain('Accept-Language')
    } finally {
      await server.stop()
    }
  })
})

test('the pages of an authorization speak what its client asked for', async () => {
  const server = await startTestServer()
  try {
    const client = await register(server)
    const asked = authorizationUrl(server, client.client_id, { ui_locales: 'fr de' })
    const person = server.person()
    await person.answer(authorizationUrl(server, client.client_id))
    for (const browser of [person, server.person()]) {
      const next = (await browser.open(asked)).headers.get('location') ?? ''
      expect(await (await browser.open(next)).text()).toContain('<html lang="de">')
    }
  } finally {
    await server.stop()
  }
})

describe('a catalogue', () => {
  test('of each language has every text, and no empty one', () => {
    const complete = textsOf(english)
    for (const words of languages) {
      const own = textsOf(words)
      expect([...own.keys()].toSorted()).toEqual([...complete.keys()].toSorted())
      for (const [path, text] of own) {
        expect([path, typeof text]).toEqual([path, typeof complete.get(path)])
        expect([path, text === '']).toEqual([path, false])
      }
    }
  })

  test('is translated, and not the English one by another name', () => {
    const texts = textsOf(english)
    const same = [...textsOf(german)].filter(
      ([path, text]) => typeof text === 'string' && texts.get(path) === text,
    )
    // `Name` is the same word in both.
    expect(same.map(([path]) => path)).toEqual(['fields.name'])
  })
})
