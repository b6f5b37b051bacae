/**
 * The front page: what this server is, how to connect a client to each of its resources, and where
 * the metadata is. It is the first thing an operator sees after `npm start`, so what it says can
 * be pasted as it stands.
 */
import { BotSection } from './bot.tsx'
import { plainText } from './clean-text.ts'
import { Foreign, type PageShell, renderPage } from './layout.tsx'
import { parseUrl, safeHref } from './safe-href.ts'
import { useWords } from './words/words.ts'

export interface HomeResource {
  readonly name: string
  /** The RFC 8707 identifier: for an MCP server, its address. */
  readonly resource: string
}

export interface HomePageData extends PageShell {
  readonly issuer: string
  readonly resources: readonly HomeResource[]
  /** Whether it is an OpenID provider too. */
  readonly openid: boolean
  /** Where people find the bot that gives them an API token. */
  readonly botAddress?: string | undefined
}

const addressGraphemesMax = 300

export function homePage(data: HomePageData): string {
  const { brand, words, issuer, openid, resources, botAddress, visitor } = data
  const { home } = words
  return renderPage({
    brand,
    words,
    title: home.title,
    width: 'wide',
    visitor,
    aside: <SignInLink />,
    children: (
      <>
        <div class="hero">
          <h1>{home.promise}</h1>
          <p class="lead">{home.lead(<Foreign text={brand} />)}</p>
        </div>
        <section aria-labelledby="connect">
          <h2 id="connect">{home.connect}</h2>
          {resources.map((resource) => (
            <Resource key={resource.resource} {...resource} />
          ))}
        </section>
        <BotSection address={botAddress} />
        <Metadata issuer={issuer} openid={openid} resources={resources} />
      </>
    ),
  })
}

function SignInLink() {
  const words = useWords()
  return (
    <nav aria-label={words.home.account}>
      <a href="/sign-in">{words.signIn.title}</a>
    </nav>
  )
}

function Resource({ name, resource }: HomeResource) {
  const address = plainText(resource, { graphemesMax: addressGraphemesMax })
  const handle = handleOf(name)
  const words = useWords().home
  return (
    <article class="card resource">
      <h3>
        <Foreign text={name} />
      </h3>
      <ol class="steps">
        <li>
          <p>{words.paste}</p>
          <Snippet text={address} />
          <p class="or">{words.claudeCode}</p>
          <Snippet text={`claude mcp add --transport http ${handle} ${shellWord(address)}`} />
          <details>
            <summary>{words.settingsFile}</summary>
            <Snippet
              text={JSON.stringify({ mcpServers: { [handle]: { url: address } } }, null, 2)}
            />
          </details>
        </li>
        <li>
          <p>{words.opens}</p>
        </li>
        <li>
          <p>{words.decide}</p>
        </li>
      </ol>
    </article>
  )
}

/** Wraps when it is long, so nothing scrolls sideways; what is copied is still one line. */
function Snippet({ text }: { text: string }) {
  return (
    <pre>
      <code>{text}</code>
    </pre>
  )
}

type MetadataProps = Pick<HomePageData, 'issuer' | 'openid' | 'resources'>

function Metadata({ issuer, openid, resources }: MetadataProps) {
  const words = useWords().home
  const openidLink = [words.openidConfiguration, wellKnown(issuer, 'openid-configuration')]
  const links = [
    [words.serverMetadata, wellKnown(issuer, 'oauth-authorization-server')],
    ...(openid ? [openidLink] : []),
    ...resources
      .filter(({ resource }) => parseUrl(resource)?.origin === parseUrl(issuer)?.origin)
      .map(({ name, resource }) => [
        words.resourceMetadata(plainText(name)),
        wellKnown(resource, 'oauth-protected-resource'),
      ]),
  ]
  return (
    <section aria-labelledby="metadata" class="metadata">
      <h2 id="metadata">{words.developers}</h2>
      <p>
        {words.issuer(
          <code>
            <Foreign text={issuer} graphemesMax={addressGraphemesMax} />
          </code>,
        )}
      </p>
      <ul>
        {links.map(([label, href]) => href && <li key={href}>{<a href={href}>{label}</a>}</li>)}
        <li>
          <a href="/docs/errors">{words.errors}</a>
        </li>
      </ul>
    </section>
  )
}

/** @see [RFC 8414 §3 - Obtaining Metadata](https://www.rfc-editor.org/rfc/rfc8414.html#section-3) */
function wellKnown(identifier: string, suffix: string): string | undefined {
  const url = parseUrl(identifier)
  if (!url) return undefined
  const path = url.pathname === '/' ? '' : url.pathname
  return safeHref(`${url.origin}/.well-known/${suffix}${path}`)
}

/** A name for a command line: "Example MCP" → "example-mcp". */
function handleOf(name: string): string {
  const words = plainText(name, { graphemesMax: 40 })
    .toLowerCase()
    .match(/[a-z0-9]+/g)
  return words?.join('-') ?? 'my-server'
}

function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
