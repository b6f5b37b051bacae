/**
 * One API token: its text while it may be seen, how to use it, and how to renew or end it. The
 * copy button is there where the browser can; without it the text is selected as a whole.
 */
import type { ComponentChildren } from 'preact'
import {
  type ApiTokenPageProblem,
  apiTokensPath,
  Facts,
  LeakNotice,
  Lifetime,
  type ShownApiToken,
  StateTag,
} from './api-tokens.tsx'
import { copyScript } from './copy-script.ts'
import { HiddenFields, Problem } from './form.tsx'
import { Foreign, type PageShell, renderPage } from './layout.tsx'
import { durationInWords, Moment } from './time.tsx'
import { useWords } from './words/words.ts'

export interface ApiTokenPageData extends PageShell {
  readonly token: ShownApiToken
  readonly csrf: string
  /** The generation that is shown, so that asking twice renews once. */
  readonly generation: number
  readonly text?: string | undefined
  /** Whether it can be looked at later too. */
  readonly reshow: boolean
  /** What to type elsewhere, with the token in it. */
  readonly snippets?: Snippets | undefined
  readonly lifetimes: readonly number[]
  readonly lifetime: number
  /** Seconds; 0 for none. */
  readonly overlaps: readonly number[]
  readonly problem?: ApiTokenPageProblem | undefined
}

export interface Snippets {
  readonly curl: string
  readonly commandLine: string
  /** Only where it opens an MCP endpoint of this server. */
  readonly claudeCode?: string | undefined
}

export function apiTokenPage(data: ApiTokenPageData): string {
  const { brand, words, token, problem } = data
  const isLeaked = token.state === 'leaked'
  return renderPage({
    brand,
    words,
    visitor: data.visitor,
    room: 'tokens',
    title: problem ? words.shell.problem(token.name) : token.name,
    width: 'wide',
    ...(data.text === undefined ? {} : { script: copyScript.path }),
    children: (
      <>
        <h1>
          <Foreign text={token.name} />
          <StateTag {...token} />
        </h1>
        {problem && <Problem>{words.apiTokens.problems[problem]}</Problem>}
        {isLeaked && !problem && <LeakNotice />}
        {token.description !== '' && (
          <p class="lead">
            <Foreign text={token.description} graphemesMax={400} />
          </p>
        )}
        <Facts {...token} />
        <p class="remark">
          {words.apiTokens.created(<Moment atMs={token.createdAt} />)}
          {token.regeneratedAt !== undefined && (
            <> · {words.apiTokens.regenerated(<Moment atMs={token.regeneratedAt} />)}</>
          )}
        </p>
        {data.text !== undefined && <Text {...data} text={data.text} />}
        {isLeaked ? <Acknowledge {...data} /> : <Changes {...data} />}
        <p>
          <a href={apiTokensPath}>{words.apiTokens.back}</a>
        </p>
      </>
    ),
  })
}

function Text({ text, reshow, snippets }: ApiTokenPageData & { text: string }) {
  const words = useWords().apiTokens
  return (
    <section class="card secret" aria-labelledby="text">
      <h2 id="text">{words.token}</h2>
      <p>{reshow ? words.shownAgain : words.shownOnce}</p>
      <Copyable id="token">{text}</Copyable>
      {snippets && (
        <details>
          <summary>{words.use}</summary>
          <h3>{words.inCurl}</h3>
          <Copyable id="curl">{snippets.curl}</Copyable>
          {snippets.claudeCode !== undefined && (
            <>
              <h3>{words.inClaudeCode}</h3>
              <Copyable id="claude-code">{snippets.claudeCode}</Copyable>
            </>
          )}
          <h3>{words.inCommandLine}</h3>
          <Copyable id="command-line">{snippets.commandLine}</Copyable>
        </details>
      )}
    </section>
  )
}

function Copyable({ id, children }: { id: string; children: ComponentChildren }) {
  const words = useWords().apiTokens
  return (
    <>
      <pre class="copyable">
        <code id={id}>{children}</code>
      </pre>
      <p class="copying">
        <button type="button" class="plain" data-copy={id} data-copied={words.copied} hidden>
          {words.copy}
        </button>
        <span role="status" class="remark" />
      </p>
    </>
  )
}

function Changes({ token, csrf, generation, overlaps, ...data }: ApiTokenPageData) {
  const words = useWords()
  const { apiTokens } = words
  const path = `${apiTokensPath}/${token.id}`
  return (
    <>
      <details class="card">
        <summary>{apiTokens.regenerate}</summary>
        <form method="post" action={`${path}/regenerate`}>
          <HiddenFields fields={{ csrf, generation: String(generation) }} />
          <p>{apiTokens.regenerateLead}</p>
          <Lifetime {...data} />
          <div class="field">
            <label for="overlap">{apiTokens.overlap}</label>
            <select id="overlap" name="overlap">
              {overlaps.map((seconds) => (
                <option key={seconds} value={String(seconds)}>
                  {seconds === 0
                    ? apiTokens.overlapNone
                    : apiTokens.overlapFor(durationInWords(seconds, words))}
                </option>
              ))}
            </select>
          </div>
          <button type="submit">{apiTokens.regenerate}</button>
        </form>
      </details>
      <details class="card">
        <summary>{apiTokens.delete}</summary>
        <form method="post" action={`${path}/delete`}>
          <HiddenFields fields={{ csrf }} />
          <p>{apiTokens.deleteLead}</p>
          <button type="submit">{apiTokens.deleteSubmit}</button>
        </form>
      </details>
    </>
  )
}

function Acknowledge({ token, csrf }: ApiTokenPageData) {
  return (
    <form method="post" action={`${apiTokensPath}/${token.id}/acknowledge`}>
      <HiddenFields fields={{ csrf }} />
      <button type="submit">{useWords().apiTokens.acknowledge}</button>
    </form>
  )
}
