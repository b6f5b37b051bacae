/** What an application called on MCP servers elsewhere by a connection, in words. */
import { Foreign } from './layout.tsx'
import { Moment } from './time.tsx'
import { useWords, type Words } from './words/words.ts'

type CallWords = Words['gateway']['calls']

export interface ShownCall {
  readonly callId: string
  readonly tool: string
  /** The name of the server. */
  readonly at: string
  readonly outcome: keyof CallWords['outcomes']
  /** Of a refusal. */
  readonly reason?: keyof CallWords['reasons'] | undefined
  /** Milliseconds since 1970. */
  readonly madeAt: number
  readonly durationMs?: number | undefined
}

/** @param calls newest first */
export function ToolCalls({ calls }: { calls: readonly ShownCall[] }) {
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
    </section>
  )
}
