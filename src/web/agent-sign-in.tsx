/**
 * An agent signs in: the page first shows the id that stands for this browser's request, to be
 * handed to the agent, and then which agent has answered, before anything is given. What an agent
 * says of itself is a stranger's text.
 */
import type { ComponentChildren } from 'preact'
import { agentWaitScript } from './agent-wait-script.ts'
import { HiddenFields } from './form.tsx'
import { Foreign, type PageShell, renderPage } from './layout.tsx'
import { useWords } from './words/words.ts'

export interface ShownAgent {
  readonly handle: string
  readonly modelName: string
  readonly ownerName: string
  /** Whether the owner has confirmed it; nothing that it says of one is proved before. */
  readonly confirmed: boolean
}

export interface AgentSignInPageData extends PageShell {
  readonly clientName: string
  readonly redirectHost: string
  /** Back to the ways in which people sign in. */
  readonly otherWay: string
  /** This page. */
  readonly here: string
  readonly waiting?: { readonly token: string; readonly endpoint: string } | undefined
  readonly answered?:
    | {
        readonly agent: ShownAgent
        readonly action: string
        readonly hidden: Readonly<Record<string, string>>
      }
    | undefined
}

export function agentSignInPage(data: AgentSignInPageData): string {
  const { brand, words, waiting, answered } = data
  const { signIn } = words.agents
  const client = (
    <strong>
      <Foreign text={data.clientName.trim() || words.shell.unnamedApp} />
    </strong>
  )
  return renderPage({
    brand,
    words,
    title: signIn.title,
    ...(waiting ? { script: agentWaitScript.path } : {}),
    children: (
      <article class="card">
        <h1>{signIn.title}</h1>
        <p class="lead">{words.signIn.toContinue(client)}</p>
        {waiting && <Waiting {...waiting} />}
        {answered && <Answered {...answered} redirectHost={data.redirectHost} />}
        {!waiting && !answered && <p>{signIn.over}</p>}
        {waiting && (
          <p>
            <a href={data.here}>{signIn.look}</a>
          </p>
        )}
        <p class="otherwise">
          <a href={data.otherWay}>{signIn.otherWay}</a>
        </p>
      </article>
    ),
  })
}

function Waiting({ token, endpoint }: { token: string; endpoint: string }) {
  const { signIn } = useWords().agents
  return (
    <>
      <p>{signIn.handOver}</p>
      <pre class="copyable">
        <code data-agent-request={token}>{token}</code>
      </pre>
      <p>{signIn.how(<code>{endpoint}</code>)}</p>
      <p class="notice">{signIn.careful}</p>
      <p role="status">{signIn.waiting}</p>
    </>
  )
}

type AnsweredProps = NonNullable<AgentSignInPageData['answered']> & { redirectHost: string }

function Answered({ agent, action, hidden, redirectHost }: AnsweredProps) {
  const { signIn } = useWords().agents
  return (
    <>
      <p role="status">{signIn.answered}</p>
      <AgentFacts agent={agent} />
      {!agent.confirmed && <p class="notice">{signIn.unconfirmed}</p>}
      <form method="post" action={action} class="decision">
        <HiddenFields fields={hidden} />
        <button type="submit" name="decision" value="continue">
          {signIn.submit}
        </button>
        <button type="submit" name="decision" value="deny" class="plain">
          {signIn.deny}
        </button>
      </form>
      <p class="otherwise">{signIn.goesTo(<Foreign text={redirectHost} />)}</p>
    </>
  )
}

export function AgentFacts({
  agent,
  children,
}: {
  agent: ShownAgent
  children?: ComponentChildren
}) {
  const { facts } = useWords().agents
  return (
    <dl class="facts">
      <dt>{facts.handle}</dt>
      <dd>
        <Foreign text={agent.handle} />
      </dd>
      <dt>{facts.model}</dt>
      <dd>
        <Foreign text={agent.modelName} />
      </dd>
      <dt>{facts.owner}</dt>
      <dd>
        <Foreign text={agent.ownerName} /> ({agent.confirmed ? facts.confirmed : facts.unconfirmed})
      </dd>
      {children}
    </dl>
  )
}
