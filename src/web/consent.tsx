/**
 * The consent page: who asks, for what, for how long, where the answer goes, and as whom.
 *
 * What a client says about itself is shown as its own words and not as ours: the name is cleaned,
 * a name that hides letters or mixes alphabets is pointed out, and the page says that nobody has
 * checked it. At most one thing is a warning, because of two neither is read. `Approve` and
 * `Deny` look alike: the choice is the person's.
 * @see [MCP - Consent and Security](https://modelcontextprotocol.io/specification/draft/basic/authorization)
 * @see [RFC 7591 §5 - Security Considerations](https://www.rfc-editor.org/rfc/rfc7591.html#section-5)
 */
import { Abilities, addsSomething, type ConsentResource } from './abilities.tsx'
import { type CleanText, cleanText } from './clean-text.ts'
import { type ConsentDetail, DetailChoices, Details, mustChoose } from './consent-details.tsx'
import { HiddenFields } from './form.tsx'
import { Foreign, type PageShell, renderPage } from './layout.tsx'
import { asciiHost, safeHref } from './safe-href.ts'
import { durationInWords, Moment } from './time.tsx'

export interface ConsentClient {
  readonly name: string
  readonly uri?: string | undefined
  readonly registeredVia: 'dynamic' | 'preregistered' | 'document'
  /** Of the URL that is the client's id, where it is one. */
  readonly host?: string | undefined
  /** Milliseconds since 1970. */
  readonly registeredAt?: number | undefined
}

export interface ConsentPageData extends PageShell {
  readonly action: string
  readonly csrf: string
  readonly requestId: string
  /** What the page shows, in short: the answer brings it back. */
  readonly shown: string
  readonly client: ConsentClient
  /** As `redirectHostOf` gives it. */
  readonly redirectHost: string
  /** Every redirect URI of the client leads to the person's own computer. */
  readonly loopbackOnly: boolean
  readonly account: { readonly email: string; readonly name?: string | undefined }
  /** Signs out and asks who it is instead; its form is not the decision's. */
  readonly switchAccount: { readonly action: string; readonly csrf: string }
  /** At least one. */
  readonly resources: readonly ConsentResource[]
  readonly details: readonly ConsentDetail[]
  readonly accessTtlSeconds: number
  /** Absent when the client gets no refresh token. */
  readonly refreshTtlSeconds?: number | undefined
}

const identifierGraphemesMax = 200

export function consentPage(data: ConsentPageData): string {
  const name = clientName(data.client)
  const wanted = addsSomething(data) ? 'more access' : 'access'
  return renderPage({
    brand: data.brand,
    words: data.words,
    title: `Allow ${name.text}?`,
    children: (
      <article class="card consent">
        <h1>
          <bdi>{name.text}</bdi> asks for {wanted} to{' '}
          <Foreign text={data.resources.map((resource) => resource.name).join(' and ')} />
        </h1>
        <NameOrigin client={data.client} name={name} />
        <Account {...data} />
        {data.loopbackOnly && <LoopbackWarning />}
        <Abilities resources={data.resources} />
        <Details details={data.details} />
        <Facts {...data} />
        <form method="post" action={data.action} class="decision">
          <HiddenFields
            fields={{ csrf: data.csrf, request_id: data.requestId, shown: data.shown }}
          />
          <DetailChoices details={data.details} />
          <button type="submit" name="decision" value="approve">
            Approve
          </button>
          <button type="submit" name="decision" value="deny" formnovalidate={mustChoose(data)}>
            Deny
          </button>
        </form>
      </article>
    ),
  })
}

export function clientName(client: ConsentClient): CleanText {
  const name = cleanText(client.name)
  return name.text ? name : { ...name, text: 'An app without a name' }
}

/** Who says that the client is called so. */
export function NameOrigin({ client, name }: { client: ConsentClient; name: CleanText }) {
  const { registeredVia, host } = client
  const remarks = [
    registeredVia === 'dynamic' && 'The app chose this name itself; nobody has verified it.',
    name.hidden && 'Invisible characters were left out of it.',
    name.mixedScripts && 'It mixes letters of different alphabets that look alike.',
  ].filter(Boolean)
  if (registeredVia === 'preregistered') {
    remarks.unshift('This app was added by the people who run this server.')
  }
  return (
    <p class="origin">
      {host !== undefined && (
        <>
          This app is{' '}
          <code>
            <bdi>{asciiHost(host)}</bdi>
          </code>
          , which chose the name for itself.{' '}
        </>
      )}
      {remarks.join(' ')}
    </p>
  )
}

interface AccountProps extends Pick<ConsentPageData, 'account' | 'switchAccount'> {
  readonly requestId?: string
  /** What the way back needs, where it is not an authorization request. */
  readonly hidden?: Readonly<Record<string, string>>
}

/** Who would answer, and the way to be somebody else. */
export function Account({
  account,
  requestId,
  switchAccount,
  hidden = { request_id: requestId ?? '' },
}: AccountProps) {
  return (
    <form method="post" action={switchAccount.action} class="as-whom">
      <HiddenFields fields={{ csrf: switchAccount.csrf, ...hidden }} />
      <p>
        <span class="label">Signed in as</span>
        {account.name && (
          <strong>
            <Foreign text={account.name} />
          </strong>
        )}
        <span class="email">
          <Foreign text={account.email} />
        </span>
      </p>
      <button type="submit" class="quiet">
        Use another account
      </button>
    </form>
  )
}

function LoopbackWarning() {
  return (
    <div class="notice warning" role="note">
      <p>
        <strong>Did you start this yourself, just now, on this computer?</strong> The answer goes to
        an app that runs here, and no one can tell which. If you did not start it, choose Deny.
      </p>
    </div>
  )
}

export interface FactsProps
  extends Pick<
    ConsentPageData,
    'words' | 'client' | 'resources' | 'accessTtlSeconds' | 'refreshTtlSeconds'
  > {
  /** Absent where the answer goes to no address. */
  readonly redirectHost?: string
}

export function Facts(data: FactsProps) {
  const { client, resources, redirectHost } = data
  const website = safeHref(client.uri)
  return (
    <dl class="facts">
      <dt>Where</dt>
      {resources.map(({ name, identifier }) => (
        <dd key={identifier}>
          <Foreign text={name} />
          <code>
            <Foreign text={identifier} graphemesMax={identifierGraphemesMax} />
          </code>
        </dd>
      ))}
      {redirectHost !== undefined && (
        <>
          <dt>Answer goes to</dt>
          <dd>
            <code>
              <bdi>{asciiHost(redirectHost)}</bdi>
            </code>
          </dd>
        </>
      )}
      <dt>How long</dt>
      <dd>{lifetime(data)}</dd>
      {website && (
        <>
          <dt>App’s website</dt>
          <dd>
            <a href={website} rel="noopener noreferrer nofollow" target="_blank">
              {new URL(website).host}
            </a>{' '}
            <span class="remark">says the app (opens a new tab)</span>
          </dd>
        </>
      )}
      {client.registeredAt !== undefined && (
        <>
          <dt>Registered</dt>
          <dd>
            <Moment atMs={client.registeredAt} />
          </dd>
        </>
      )}
    </dl>
  )
}

function lifetime({ words, accessTtlSeconds, refreshTtlSeconds }: FactsProps): string {
  const once = durationInWords(accessTtlSeconds, words)
  if (refreshTtlSeconds === undefined) return `${once}, then the app has to ask again.`
  const unused = durationInWords(refreshTtlSeconds, words)
  return `${once} at a time. It renews itself until it has not been used for ${unused}.`
}
