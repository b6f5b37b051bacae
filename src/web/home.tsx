/**
 * The front page: what this server is, how to connect a client to each of its resources, and where
 * the metadata is. It is the first thing an operator sees after `npm start`, so what it says can
 * be pasted as it stands.
 */
import { plainText } from './clean-text.ts'
import { Foreign, renderPage } from './layout.tsx'
import { parseUrl, safeHref } from './safe-href.ts'

export interface HomeResource {
  readonly name: string
  /** The RFC 8707 identifier: for an MCP server, its address. */
  readonly resource: string
}

export interface HomePageData {
  readonly brand: string
  readonly issuer: string
  readonly resources: readonly HomeResource[]
  readonly signedIn?: { readonly email: string } | undefined
}

const addressGraphemesMax = 300

export function homePage({ brand, issuer, resources, signedIn }: HomePageData): string {
  return renderPage({
    brand,
    title: 'Connect an app',
    width: 'wide',
    aside: <WhoAmI signedIn={signedIn} />,
    children: (
      <>
        <div class="hero">
          <h1>You decide which apps and agents may act for you</h1>
          <p class="lead">
            <Foreign text={brand} /> signs you in, asks you before an app gets access, and keeps a
            record of every access it has given.
          </p>
        </div>
        <section aria-labelledby="connect">
          <h2 id="connect">Connect an MCP client</h2>
          {resources.map((resource) => (
            <Resource key={resource.resource} {...resource} />
          ))}
        </section>
        <Metadata issuer={issuer} resources={resources} />
      </>
    ),
  })
}

function WhoAmI({ signedIn }: Pick<HomePageData, 'signedIn'>) {
  return (
    <nav aria-label="Account">
      {signedIn ? (
        <a href="/account">
          <Foreign text={signedIn.email} />
        </a>
      ) : (
        <a href="/sign-in">Sign in</a>
      )}
    </nav>
  )
}

function Resource({ name, resource }: HomeResource) {
  const address = plainText(resource, { graphemesMax: addressGraphemesMax })
  const handle = handleOf(name)
  return (
    <article class="card resource">
      <h3>
        <Foreign text={name} />
      </h3>
      <ol class="steps">
        <li>
          <p>Paste this address where your client asks for an MCP server or a custom connector.</p>
          <Snippet text={address} />
          <p class="or">In Claude Code, run</p>
          <Snippet text={`claude mcp add --transport http ${handle} ${shellWord(address)}`} />
          <details>
            <summary>For clients with a settings file</summary>
            <Snippet
              text={JSON.stringify({ mcpServers: { [handle]: { url: address } } }, null, 2)}
            />
          </details>
        </li>
        <li>
          <p>The client opens this server in your browser. Sign in.</p>
        </li>
        <li>
          <p>Read what it asks for, and choose Approve or Deny.</p>
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

function Metadata({ issuer, resources }: Pick<HomePageData, 'issuer' | 'resources'>) {
  const links = [
    ['Authorization server metadata', wellKnown(issuer, 'oauth-authorization-server')],
    ['OpenID Connect configuration', wellKnown(issuer, 'openid-configuration')],
    ...resources
      .filter(({ resource }) => parseUrl(resource)?.origin === parseUrl(issuer)?.origin)
      .map(({ name, resource }) => [
        `Protected resource metadata of ${plainText(name)}`,
        wellKnown(resource, 'oauth-protected-resource'),
      ]),
  ]
  return (
    <section aria-labelledby="metadata" class="metadata">
      <h2 id="metadata">For developers</h2>
      <p>
        OAuth 2.1 and OpenID Connect; the issuer is{' '}
        <code>
          <Foreign text={issuer} graphemesMax={addressGraphemesMax} />
        </code>
      </p>
      <ul>
        {links.map(([label, href]) => href && <li key={href}>{<a href={href}>{label}</a>}</li>)}
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
