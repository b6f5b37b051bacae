/** The administrator's page about MCP servers elsewhere: their tools, and which of them wait. */
import { Action, Codes, Facts, renderAdmin } from './admin-frame.tsx'
import { Foreign, type PageShell } from './layout.tsx'
import { Moment } from './time.tsx'
import { useWords } from './words/words.ts'

export interface ShownTool {
  readonly toolId: string
  readonly tool: string
  readonly state: 'trusted' | 'changed' | 'waiting'
  readonly seenAt: number
}

export interface ShownUpstream {
  readonly name: string
  readonly resource: string
  readonly url: string
  readonly scopes: readonly string[]
  readonly tools: readonly ShownTool[]
}

export interface AdminGatewayData extends PageShell {
  readonly upstreams: readonly ShownUpstream[]
}

const waitingMax = 20
const trustedMax = 60

export function gatewayPage(data: AdminGatewayData): string {
  const { words, upstreams } = data
  return renderAdmin({
    ...data,
    section: 'gateway',
    children: (
      <>
        <h1>{words.admin.sections.gateway}</h1>
        <p class="lead">{words.gateway.lead}</p>
        {upstreams.length === 0 && <p class="remark">{words.gateway.none}</p>}
        {upstreams.map((upstream) => (
          <Upstream key={upstream.resource} {...upstream} />
        ))}
      </>
    ),
  })
}

/** No region of its own: two servers may have one name, and regions must not. */
function Upstream({ name, resource, url, scopes, tools }: ShownUpstream) {
  const texts = useWords().gateway
  const trusted = tools.filter(({ state }) => state === 'trusted').map(({ tool }) => tool)
  return (
    <article class="card">
      <h2>
        <Foreign text={name} />
      </h2>
      <Facts
        facts={[
          ['URL', <Foreign text={resource} graphemesMax={300} />],
          [texts.address, <Foreign text={url} graphemesMax={300} />],
          [texts.scopes, <Codes texts={scopes} />],
        ]}
      />
      {tools.length === 0 && <p class="remark">{texts.noTools}</p>}
      <Waiting tools={tools} />
      {trusted.length > 0 && (
        <>
          <h3>{texts.trusted}</h3>
          <p>
            <Codes texts={trusted} most={trustedMax} />
          </p>
        </>
      )}
    </article>
  )
}

function Waiting({ tools }: { tools: readonly ShownTool[] }) {
  const texts = useWords().gateway
  const waiting = tools.filter(({ state }) => state !== 'trusted')
  if (waiting.length === 0) return null
  return (
    <>
      <h3>{texts.waits}</h3>
      <ul class="rows">
        {waiting.slice(0, waitingMax).map(({ toolId, tool, state, seenAt }) => (
          <li key={toolId}>
            <p>
              <code>
                <Foreign text={tool} graphemesMax={130} />
              </code>{' '}
              {state !== 'trusted' && texts.state[state](<Moment atMs={seenAt} />)}
            </p>
            <p>
              <Action name="approve-tool" id={toolId} />
            </p>
          </li>
        ))}
      </ul>
      {waiting.length > waitingMax && (
        <p class="remark">{texts.more(waiting.length - waitingMax)}</p>
      )}
    </>
  )
}
