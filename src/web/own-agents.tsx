/**
 * A person's agents: those that say they are theirs, what they ask for, and those that they have
 * confirmed. Everything about an agent that it says of itself is a stranger's text.
 */
import type { ComponentChildren } from 'preact'
import { AgentFacts, type ShownAgent } from './agent-sign-in.tsx'
import { plainText } from './clean-text.ts'
import { Problem } from './form.tsx'
import { Foreign, type PageShell, renderPage } from './layout.tsx'
import { Abilities, Form, type FormOf, type Given, Own, type ShownOwnAgent } from './own-agent.tsx'
import { Paging } from './paging.tsx'
import { Moment } from './time.tsx'
import { useWords, type Words } from './words/words.ts'

export type OwnAgentsProblem = keyof Words['agents']['own']['problems']

interface ShownQuestion extends Given {
  readonly id: string
  readonly handle: string
  readonly clientName: string
  readonly redirectHost: string
  readonly askedAt: number
}

interface NamingAgent extends ShownAgent {
  readonly agentId: string
  readonly registeredAt: number
}

export interface OwnAgentsPageData extends PageShell, FormOf {
  readonly problem?: OwnAgentsProblem | undefined
  /** Without a proved address nobody is anybody's owner. */
  readonly hasAddress: boolean
  /** Whether a link can be sent to prove it. */
  readonly byMail: boolean
  /** Shown this once. */
  readonly secret?: { readonly handle: string; readonly text: string } | undefined
  readonly naming: readonly NamingAgent[]
  readonly namingMore: number
  readonly questions: readonly ShownQuestion[]
  readonly agents: readonly ShownOwnAgent[]
  readonly page: number
  readonly pages: number
}

export function ownAgentsPage(data: OwnAgentsPageData): string {
  const { brand, words, visitor, problem, naming, questions, agents } = data
  const { own } = words.agents
  return renderPage({
    brand,
    words,
    visitor,
    room: 'agents',
    title: problem ? words.shell.problem(own.title) : own.title,
    width: 'wide',
    children: (
      <>
        <h1>{own.title}</h1>
        <p class="lead">{own.lead}</p>
        {problem && <Problem>{own.problems[problem]}</Problem>}
        {data.secret && <NewSecret {...data.secret} />}
        {!data.hasAddress && (
          <p class="remark">
            {own.noAddress}{' '}
            {data.byMail && (
              <a href="/account/email/confirm?next=/account/agents">{words.account.confirm}</a>
            )}
          </p>
        )}
        {naming.length > 0 && (
          <Section id="naming" title={own.naming}>
            <p>{own.namingLead}</p>
            {naming.map((agent) => (
              <Naming key={agent.agentId} agent={agent} form={data} />
            ))}
            {data.namingMore > 0 && <p class="remark">{own.more(data.namingMore)}</p>}
          </Section>
        )}
        {questions.length > 0 && (
          <Section id="questions" title={own.questions}>
            {questions.map((question) => (
              <Question key={question.id} question={question} form={data} />
            ))}
          </Section>
        )}
        <Section id="yours" title={own.yours}>
          {agents.length === 0 && (
            <div class="card empty">
              <p>{own.none}</p>
            </div>
          )}
          {agents.map((agent) => (
            <Own key={agent.agentId} agent={agent} form={data} />
          ))}
          <Paging {...data} href={(page) => `${data.action}?page=${page}`} />
        </Section>
      </>
    ),
  })
}

function Section(props: { id: string; title: string; children: ComponentChildren }) {
  return (
    <section class="agents" aria-labelledby={props.id}>
      <h2 id={props.id}>{props.title}</h2>
      {props.children}
    </section>
  )
}

function NewSecret({ handle, text }: { handle: string; text: string }) {
  const { own } = useWords().agents
  return (
    <section class="card" aria-labelledby="secret">
      <h2 id="secret">{own.newSecret}</h2>
      <p>{own.newSecretOf(<Foreign text={handle} />)}</p>
      <pre class="copyable">
        <code>{text}</code>
      </pre>
    </section>
  )
}

function Naming({ agent, form }: { agent: NamingAgent; form: FormOf }) {
  const { own } = useWords().agents
  const name = plainText(agent.handle)
  const fields = { agent: agent.agentId }
  return (
    <article class="card">
      <AgentFacts agent={agent}>
        <dt>{own.registered}</dt>
        <dd>
          <Moment atMs={agent.registeredAt} />
        </dd>
      </AgentFacts>
      <div class="agent-answers">
        <Form form={form} does="confirm" fields={fields}>
          <button type="submit" aria-label={own.confirmNamed(name)}>
            {own.confirm}
          </button>
        </Form>
        <Form form={form} does="decline" fields={fields}>
          <button type="submit" class="plain" aria-label={own.declineNamed(name)}>
            {own.decline}
          </button>
        </Form>
      </div>
    </article>
  )
}

function Question({ question, form }: { question: ShownQuestion; form: FormOf }) {
  const { own } = useWords().agents
  const { handle, clientName, redirectHost, resourceName } = question
  const agent = <Foreign text={handle} />
  return (
    <article class="card">
      <p>
        {own.asks(
          <strong>{agent}</strong>,
          <strong>
            <Foreign text={clientName} />
          </strong>,
          <Foreign text={resourceName} />,
        )}
      </p>
      <Abilities of={question.abilities} />
      <p class="remark">
        {own.redirects(<Foreign text={redirectHost} />)} · <Moment atMs={question.askedAt} />
      </p>
      <Form form={form} does="answer" fields={{ question: question.id }}>
        <div class="agent-answers">
          <button type="submit" name="decision" value="allow">
            {own.allow}
          </button>
          <button type="submit" name="decision" value="deny" class="plain">
            {own.deny}
          </button>
        </div>
      </Form>
    </article>
  )
}
