/**
 * What holds on every page, whoever wrote its data: no script but one of ours, no inline style, nothing
 * loaded from elsewhere, no markup from outside, one heading, one alert at most.
 */
import { agentWaitScript } from '../../src/web/agent-wait-script.ts'
import { copyScript } from '../../src/web/copy-script.ts'
import { passkeyScript } from '../../src/web/passkey-script.ts'
import { stylesheet } from '../../src/web/stylesheet.ts'
import { describe, expect, test } from '../support/test.ts'
import { samplePages } from './sample-pages.ts'

const bytesMax = 30 * 1024
const hiddenCharacters = /[\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/

/** The start tags, with their attributes split: ours always quote a value with `"`. */
function tagsOf(html: string): { name: string; attributes: Map<string, string> }[] {
  return [...html.matchAll(/<([a-z][a-z0-9]*)((?:\s+[^\s"<>/=]+(?:="[^"]*")?)*)\s*\/?>/gi)].map(
    ([, name = '', rest = '']) => ({
      name: name.toLowerCase(),
      attributes: new Map(
        [...rest.matchAll(/([^\s"<>/=]+)(?:="([^"]*)")?/g)].map(([, key = '', value = '']) => [
          key.toLowerCase(),
          value,
        ]),
      ),
    }),
  )
}

/** The one script that a page may have, by what it is for. */
function scriptsOf(page: string, html: string): string[] {
  if (html.includes(' data-passkey=')) return [passkeyScript.path]
  if (html.includes(' data-agent-request=')) return [agentWaitScript.path]
  return page.startsWith('api-token-text') ? [copyScript.path] : []
}

for (const [page, html] of Object.entries(samplePages)) {
  describe(`The page ${page}`, () => {
    const tags = tagsOf(html)

    test('is made of nothing but the tags that we write', () => {
      // Every `<` in the text opens a tag that was understood, closes one, or is the doctype.
      const opened = html.match(/<(?![/!])/g) ?? []
      expect(tags.length).toBe(opened.length)
      const odd = ['style', 'iframe', 'object', 'embed', 'base', 'foreignobject']
      expect(tags.filter(({ name }) => odd.includes(name))).toEqual([])
    })

    test('has no handler and no inline style', () => {
      const names = tags.flatMap(({ attributes }) => [...attributes.keys()])
      expect(names.filter((name) => name === 'style' || name.startsWith('on'))).toEqual([])
    })

    test('loads our stylesheet and its own icon only', () => {
      const links = tags.filter(({ name }) => name === 'link').map(({ attributes }) => attributes)
      expect(links.map((link) => link.get('rel'))).toEqual(['icon', 'stylesheet'])
      expect(links[0]?.get('href')).toMatch(/^data:image\/svg\+xml,/)
      expect(links[1]?.get('href')).toBe(stylesheet.path)
      const withSource = tags.filter(({ attributes }) => attributes.has('src'))
      const pictures = withSource.filter(({ name }) => name === 'img')
      for (const { attributes } of pictures) {
        expect(attributes.get('src')).toMatch(/^\/client-logos\/[A-Za-z0-9_-]{43}$/)
      }
      const sources = withSource.filter(({ name }) => name !== 'img')
      const scripts = tags.filter(({ name }) => name === 'script')
      expect(scripts).toEqual(sources)
      expect(html.match(/<script[^>]*>(?!<\/script>)/g)).toBeNull()
      expect(scripts.map(({ attributes }) => attributes.get('src'))).toEqual(scriptsOf(page, html))
    })

    test('links only to safe places', () => {
      for (const { name, attributes } of tags) {
        if (name === 'a') expect(attributes.get('href')).toMatch(/^(\/|#|https:\/\/)/)
      }
    })

    test('posts its forms, with a CSRF token', () => {
      const all = tags.filter(({ name }) => name === 'form')
      // A search changes nothing: it may be sent again, kept and shared.
      const forms = all.filter(({ attributes }) => attributes.get('method') !== 'get')
      const searches = tags.filter(({ name }) => name === 'search')
      expect(all.length - forms.length).toBe(searches.length)
      const tokens = tags.filter(({ attributes }) => attributes.get('name') === 'csrf')
      expect(tokens.length).toBe(forms.length)
      for (const { attributes } of forms) expect(attributes.get('method')).toBe('post')
    })

    test('has a language, a title, one main, one first heading, one alert at most', () => {
      const count = (wanted: string) => tags.filter(({ name }) => name === wanted).length
      const roles = tags.map(({ attributes }) => attributes.get('role'))
      expect(tags[0]?.attributes.get('lang')).toBe(page.includes('german') ? 'de' : 'en')
      expect([count('title'), count('main'), count('h1')]).toEqual([1, 1, 1])
      expect(roles.filter((role) => role === 'alert').length).toBeLessThanOrEqual(1)
      expect(roles.filter((role) => role === 'alert' || role === 'note').length).toBeLessThan(2)
    })

    test('stays small', () => {
      expect(new TextEncoder().encode(html).length).toBeLessThan(bytesMax)
    })

    test('shows no hidden or reordering character', () => {
      // What was typed into a field, or is carried for the server, comes back as it was.
      const shown = html
        .replace(/ (value|name|action|id|for|data-options)="[^"]*"/g, '')
        .replace(/<textarea[^>]*>[^<]*/g, '')
      expect(hiddenCharacters.test(shown)).toBe(false)
    })
  })
}
