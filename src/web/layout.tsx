/**
 * The shell of every page. A page is a pure function from data to a string of HTML: its body is
 * JSX, which escapes by default, and `renderPage` puts the document around it. There is no inline
 * script or style anywhere; a page loads our own stylesheet, and where it says so one script of ours.
 *
 *   skip link · brand (and the ways of who is signed in) · <main> · footer
 *
 * Text from outside goes through `<Foreign>`: cleaned, cut to a length, and isolated from the
 * direction of the text around it.
 */
import type { ComponentChildren } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { plainText } from './clean-text.ts'
import { Navigation, type Room, type Visitor } from './navigation.tsx'
import { stylesheet } from './stylesheet.ts'
import { type Words, WordsContext } from './words/words.ts'

export interface PageFrame {
  readonly brand: string
  readonly words: Words
  readonly title: string
  /** A form wants a narrow column, a list a wide one. */
  readonly width?: 'narrow' | 'wide'
  /** At the right of the brand, where nobody is signed in. */
  readonly aside?: ComponentChildren
  /** Who is signed in, where the page is one of theirs: then it has the ways to the others. */
  readonly visitor?: Visitor | undefined
  /** Which of their places the page is in. */
  readonly room?: Room | undefined
  /** The path of the one script that this page runs; it works without. */
  readonly script?: string
  /** Ways to the other pages of the same kind; between the brand and the page's own content. */
  readonly sections?: ComponentChildren
  readonly children: ComponentChildren
}

/** What every page has to be told: whose it is, and in which language. */
export type PageShell = Pick<PageFrame, 'brand' | 'words' | 'visitor'>

export function renderPage(frame: PageFrame): string {
  const page = (
    <WordsContext.Provider value={frame.words}>
      <Document {...frame} />
    </WordsContext.Provider>
  )
  return `<!doctype html>${renderToString(page)}`
}

function Document({ brand, words, title, width = 'narrow', ...parts }: PageFrame) {
  return (
    <html lang={words.language}>
      <head>
        <meta charset="utf-8" />
        <title>{`${plainText(title)} · ${plainText(brand)}`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="theme-color" content="#f5f3ee" media="(prefers-color-scheme: light)" />
        <meta name="theme-color" content="#161a18" media="(prefers-color-scheme: dark)" />
        <meta name="robots" content="noindex" />
        <link rel="icon" href={icon} />
        <link rel="stylesheet" href={stylesheet.path} />
        {parts.script && <script type="module" src={parts.script} />}
      </head>
      <body class={width}>
        <a class="skip" href="#main">
          {words.shell.skip}
        </a>
        <header class="masthead">
          <a class="brand" href="/">
            <Mark />
            <Foreign text={brand} />
          </a>
          {parts.visitor ? <Navigation {...parts.visitor} room={parts.room} /> : parts.aside}
        </header>
        {parts.sections}
        <main id="main">{parts.children}</main>
        <footer class="colophon">
          <p>{words.shell.colophon}</p>
        </footer>
      </body>
    </html>
  )
}

/** Text that somebody else chose, made harmless and kept apart from ours. */
export function Foreign({ text, graphemesMax }: { text: string; graphemesMax?: number }) {
  return <bdi>{plainText(text, graphemesMax === undefined ? {} : { graphemesMax })}</bdi>
}

const keyPaths = 'M12.5 14.5v12M12.5 18.5h8.5M12.5 22.5h5M12.5 26.5h8.5'

/** A key whose bits are the lines of a log. */
function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#1f5f50" />
      <g fill="none" stroke="#fff" stroke-width="2.25" stroke-linecap="round">
        <circle cx="12.5" cy="9.75" r="4.75" />
        <path d={keyPaths} />
      </g>
    </svg>
  )
}

const icon = `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#1f5f50"/><g fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round"><circle cx="12.5" cy="9.75" r="4.75"/><path d="${keyPaths}"/></g></svg>`,
)}`
