/** What an application called by a connection, in words: tools that are carried out elsewhere. */
import { connectedAppsPath } from './connected-apps.tsx'
import { Foreign } from './layout.tsx'
import { Moment } from './time.tsx'
import { useWords, type Words } from './words/words.ts'

type CallWords = Words['gateway']['calls']

export interface ShownCall {
  readonly callId: string
  readonly tool: string
  /** The name of the resource that offers it. */
  readonly at: string
  readonly outcome: keyof CallWords['outcomes']
  /** Of a refusal. */
  readonly reason?: keyof CallWords['reasons'] | undefined
  /** Milliseconds since 1970. */
  readonly madeAt: number
  readonly durationMs?: number | undefined
}

interface CallsData {
  readonly grantId: string
  /** Newest first. */
  readonly calls: readonly ShownCall[]
  /** Where earlier calls go on. */
  readonly before?: string | undefined
}

/** Nothing where nothing was called: most connections never call a tool. */
export function ToolCalls({ grantId, calls, before }: CallsData) {
  const { calls: words } = useWords().gateway
  if (calls.length === 0) return null
  return (
    <section aria-labelledby="calls">
      <h2 id="calls">{words.title}</h2>
      <ol class="card apps timeline">
        {calls.map(({ callId, tool, at, outcome, reason, madeAt, durationMs }) => (
          <li key={callId}>
            <p>
              <code>
                <Foreign text={tool} graphemesMax={130} />
              </code>{' '}
              {words.at(<Foreign text={at} />)}: {words.outcomes[outcome]}
              {reason !== undefined && `, ${words.reasons[reason]}`}
            </p>
            <p class="remark">
              <Moment atMs={madeAt} />
              {durationMs !== undefined && ` · ${words.took(durationMs)}`}
            </p>
          </li>
        ))}
      </ol>
      {before !== undefined && (
        <p class="otherwise">
          <a href={`${connectedAppsPath}/${grantId}?calls_before=${before}#calls`}>
            {words.earlier}
          </a>
        </p>
      )}
    </section>
  )
}
