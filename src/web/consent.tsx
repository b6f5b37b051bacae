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
import { Abilities, addsSomething, type ConsentResource, decisionId } from './abilities.tsx'
import { type CleanText, cleanText } from './clean-text.ts'
import { Initial } from './connected-apps.tsx'
import {
  type ConsentDetail,
  canChoose,
  DetailChoices,
  Details,
  mustChoose,
} from './consent-details.tsx'
import { HiddenFields } from './form.tsx'
import { Foreign, type PageShell, renderPage } from './layout.tsx'
import { asciiHost, safeHref } from './safe-href.ts'
import { durationInWords, Moment } from './time.tsx'
import { useWords } from './words/words.ts'

export interface ConsentClient {
  readonly name: string
  readonly uri?: string | undefined
  /** A path of ours, where there is a picture to show. */
  readonly logo?: string | undefined
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
  const words = data.words.consent
  const name = clientName(data)
  const asks = addsSomething(data) ? words.asksForMore : words.asks
  const names = words.and(data.resources.map((resource) => resource.name))
  return renderPage({
    brand: data.brand,
    words: data.words,
    title: words.allow(name.text),
    children: (
      <article class="card consent">
        <Logo client={data.client} name={name} />
        <h1>{asks(<bdi>{name.text}</bdi>, <Foreign text={names} />)}</h1>
        <NameOrigin client={data.client} name={name} />
        <Account {...data} />
        {data.loopbackOnly && <LoopbackWarning />}
        <Abilities resources={data.resources} />
        <Details details={data.details} />
        <Facts {...data} />
        <form method="post" action={data.action} class="decision" id={decisionId}>
          <HiddenFields
            fields={{ csrf: data.csrf, request_id: data.requestId, shown: data.shown }}
          />
          <DetailChoices
            details={data.details}
            again={`${data.action}?request=${encodeURIComponent(data.requestId)}`}
          />
          {canChoose(data) && (
            <button type="submit" name="decision" value="approve">
              {words.approve}
            </button>
          )}
          <button type="submit" name="decision" value="deny" formnovalidate={mustChoose(data)}>
            {words.deny}
          </button>
        </form>
      </article>
    ),
  })
}

export function clientName({
  client,
  words,
}: Pick<ConsentPageData, 'client' | 'words'>): CleanText {
  const name = cleanText(client.name)
  return name.text ? name : { ...name, text: words.shell.unnamedApp }
}

export function Logo({ client, name }: { client: ConsentClient; name: CleanText }) {
  const { logo } = client
  if (logo === undefined) return <Initial name={name.text} />
  return <img class="logo" src={logo} alt="" width="40" height="40" />
}

/** Who says that the client is called so. */
export function NameOrigin({ client, name }: { client: ConsentClient; name: CleanText }) {
  const words = useWords().consent.origin
  const { registeredVia, host } = client
  const remarks = [
    registeredVia === 'dynamic' && words.unverified,
    name.hidden && words.hidden,
    name.mixedScripts && words.mixed,
  ].filter(Boolean)
  if (registeredVia === 'preregistered') {
    remarks.unshift(words.operator)
  }
  return (
    <p class="origin">
      {host !== undefined &&
        words.document(
          <code>
            <bdi>{asciiHost(host)}</bdi>
          </code>,
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
  const words = useWords().consent
  return (
    <form method="post" action={switchAccount.action} class="as-whom">
      <HiddenFields fields={{ csrf: switchAccount.csrf, ...hidden }} />
      <p>
        <span class="label">{words.signedInAs}</span>
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
        {words.switchAccount}
      </button>
    </form>
  )
}

function LoopbackWarning() {
  const words = useWords().consent.loopback
  return (
    <div class="notice warning" role="note">
      <p>
        <strong>{words.question}</strong> {words.advice}
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
  const words = data.words.consent
  const { client, resources, redirectHost } = data
  const website = safeHref(client.uri)
  return (
    <dl class="facts">
      <dt>{words.where}</dt>
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
          <dt>{words.answer}</dt>
          <dd>
            <code>
              <bdi>{asciiHost(redirectHost)}</bdi>
            </code>
          </dd>
        </>
      )}
      <dt>{words.howLong}</dt>
      <dd>{lifetime(data)}</dd>
      {website && (
        <>
          <dt>{words.website}</dt>
          <dd>
            <a href={website} rel="noopener noreferrer nofollow" target="_blank">
              {new URL(website).host}
            </a>{' '}
            <span class="remark">{words.saysTheApp}</span>
          </dd>
        </>
      )}
      {client.registeredAt !== undefined && (
        <>
          <dt>{words.registered}</dt>
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
  if (refreshTtlSeconds === undefined) return words.consent.once(once)
  const unused = durationInWords(refreshTtlSeconds, words)
  return words.consent.renewing(once, unused)
}
