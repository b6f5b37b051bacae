/**
 * A person's API tokens: the list of them, and the form for a new one. A token is for one
 * resource, so where there are several the person says first for which.
 */
import { BotSection } from './bot.tsx'
import { HiddenFields, Problem, TextField } from './form.tsx'
import { Foreign, type PageShell, renderPage } from './layout.tsx'
import { Paging } from './paging.tsx'
import { durationInWords, Moment } from './time.tsx'
import { useWords, type Words } from './words/words.ts'

export const apiTokensPath = '/developers/keys'
export type ApiTokenPageProblem = keyof Words['apiTokens']['problems']

export interface ShownApiToken {
  readonly id: string
  readonly name: string
  readonly description: string
  /** How its text begins. */
  readonly prefix: string
  readonly lastFour: string
  readonly resourceName: string
  readonly scopes: readonly string[]
  /** Milliseconds since 1970, as all times here. */
  readonly createdAt: number
  readonly regeneratedAt?: number | undefined
  readonly expiresAt?: number | undefined
  readonly lastUse?: { readonly at: number; readonly from?: string } | undefined
  readonly state: 'good' | 'expired' | 'leaked'
}

export interface ApiTokensPageData extends PageShell {
  readonly tokens: readonly ShownApiToken[]
  /** From 1. */
  readonly page: number
  readonly pages: number
  readonly hasLeaked: boolean
  /** Where people find the bot that gives them a token too. */
  readonly botAddress?: string | undefined
}

export function apiTokensPage(data: ApiTokensPageData): string {
  const { brand, words, tokens, hasLeaked } = data
  return renderPage({
    brand,
    words,
    visitor: data.visitor,
    room: 'tokens',
    title: words.apiTokens.title,
    width: 'wide',
    children: (
      <>
        <h1>{words.apiTokens.title}</h1>
        {hasLeaked && <LeakNotice />}
        <p class="lead">{words.apiTokens.lead}</p>
        <p>
          <a class="action" href={`${apiTokensPath}/new`}>
            {words.apiTokens.make}
          </a>
        </p>
        {tokens.length === 0 ? (
          <div class="card empty">
            <p>
              <strong>{words.apiTokens.none}</strong>
            </p>
            <p>{words.apiTokens.noneAdvice}</p>
          </div>
        ) : (
          <ul class="card apps">
            {tokens.map((token) => (
              <Row key={token.id} {...token} />
            ))}
          </ul>
        )}
        <Paging {...data} href={(page) => `${apiTokensPath}?page=${page}`} />
        <BotSection address={data.botAddress} />
      </>
    ),
  })
}

/** Also where a person looks who is not thinking of tokens: on the account page. */
export function LeakNotice() {
  const words = useWords().apiTokens
  return (
    <div class="notice warning" role="note">
      <p>
        <strong>{words.leakedNotice}</strong>
        {words.leakedAdvice}
      </p>
    </div>
  )
}

function Row(token: ShownApiToken) {
  return (
    <li>
      <h2>
        <a href={`${apiTokensPath}/${token.id}`}>
          <Foreign text={token.name} />
        </a>
        <StateTag {...token} />
      </h2>
      <Facts {...token} />
    </li>
  )
}

export function StateTag({ state }: Pick<ShownApiToken, 'state'>) {
  const words = useWords().apiTokens
  if (state === 'good') return null
  return <span class="tag">{state === 'leaked' ? words.isLeaked : words.isExpired}</span>
}

/** What it is for, and how it has been used. */
export function Facts(token: ShownApiToken) {
  const words = useWords().apiTokens
  const { prefix, lastFour, resourceName, scopes, lastUse } = token
  const used = lastUse && <Moment atMs={lastUse.at} />
  return (
    <>
      <p class="granted">
        <code>{`${prefix}_…${lastFour}`}</code>
        {scopes.map((scope) => (
          <code key={scope}>
            <Foreign text={scope} />
          </code>
        ))}
      </p>
      <p class="remark">
        {words.forResource(<Foreign text={resourceName} />)} · <End {...token} />
        {' · '}
        {!lastUse && words.neverUsed}
        {lastUse?.from === undefined
          ? used && words.lastUsed(used)
          : words.lastUsedFrom(used, <Foreign text={lastUse.from} />)}
      </p>
    </>
  )
}

function End({ expiresAt, state }: ShownApiToken) {
  const words = useWords().apiTokens
  if (expiresAt === undefined) return <>{words.endless}</>
  const at = <Moment atMs={expiresAt} />
  return state === 'expired' ? words.expired(at) : words.expires(at)
}

export interface NewApiTokenPageData extends PageShell {
  readonly csrf: string
  /** One is chosen, or there are several to choose from. */
  readonly resource?: { readonly name: string; readonly resource: string } | undefined
  readonly resources: readonly { readonly name: string; readonly resource: string }[]
  readonly scopes: readonly {
    readonly scope: string
    readonly description: string
    readonly chosen: boolean
  }[]
  /** Seconds; 0 for no end. */
  readonly lifetimes: readonly number[]
  readonly lifetime: number
  readonly name?: string | undefined
  readonly description?: string | undefined
  readonly problem?: ApiTokenPageProblem | undefined
}

export function newApiTokenPage(data: NewApiTokenPageData): string {
  const { brand, words, resource, problem } = data
  const { make, problems } = words.apiTokens
  return renderPage({
    brand,
    words,
    visitor: data.visitor,
    room: 'tokens',
    title: problem ? words.shell.problem(make) : make,
    children: (
      <article class="card">
        <h1>{make}</h1>
        {problem && <Problem>{problems[problem]}</Problem>}
        {resource ? <WishForm {...data} chosen={resource} /> : <Choice {...data} />}
        <p class="otherwise">
          <a href={apiTokensPath}>{words.apiTokens.back}</a>
        </p>
      </article>
    ),
  })
}

function Choice({ resources }: NewApiTokenPageData) {
  return (
    <>
      <p class="lead">{useWords().apiTokens.chooseResource}</p>
      <ul class="choices">
        {resources.map(({ name, resource }) => (
          <li key={resource}>
            <a href={`${apiTokensPath}/new?resource=${encodeURIComponent(resource)}`}>
              <Foreign text={name} />
            </a>
          </li>
        ))}
      </ul>
    </>
  )
}

function WishForm(data: NewApiTokenPageData & { chosen: { name: string; resource: string } }) {
  const { fields, apiTokens: words } = useWords()
  const { csrf, chosen, scopes, name, description, problem } = data
  return (
    <form method="post" action={apiTokensPath}>
      <HiddenFields fields={{ csrf, resource: chosen.resource }} />
      <p class="lead">{words.forResource(<Foreign text={chosen.name} />)}</p>
      <TextField
        name="name"
        label={fields.name}
        type="text"
        autocomplete="off"
        hint={words.nameHint}
        value={name}
        wrong={problem === 'name_missing' || problem === 'name_too_long'}
      />
      <div class="field">
        <label for="description">{words.description}</label>
        <input
          type="text"
          id="description"
          name="description"
          autocomplete="off"
          value={description}
        />
      </div>
      <fieldset>
        <legend>{words.scopes}</legend>
        {scopes.map(({ scope, description: says, chosen: isChosen }, index) => (
          <label key={scope} for={`scope-${index}`}>
            <input
              type="checkbox"
              id={`scope-${index}`}
              name="scope"
              value={scope}
              checked={isChosen}
            />
            <Foreign text={says} />
          </label>
        ))}
      </fieldset>
      <Lifetime {...data} />
      <button type="submit">{words.submit}</button>
    </form>
  )
}

export function Lifetime({
  lifetimes,
  lifetime,
}: Pick<NewApiTokenPageData, 'lifetimes' | 'lifetime'>) {
  const words = useWords()
  return (
    <div class="field">
      <label for="expires_in">{words.apiTokens.lifetime}</label>
      <select id="expires_in" name="expires_in">
        {lifetimes.map((seconds) => (
          <option key={seconds} value={String(seconds)} selected={seconds === lifetime}>
            {seconds === 0 ? words.apiTokens.never : durationInWords(seconds, words)}
          </option>
        ))}
      </select>
    </div>
  )
}
