/** One of a person's agents: what it may give to whom, what it did last, and how it ends. */
import type { ComponentChildren } from 'preact'
import type { ShownAgent } from './agent-sign-in.tsx'
import { plainText } from './clean-text.ts'
import { HiddenFields } from './form.tsx'
import { Foreign } from './layout.tsx'
import { Moment } from './time.tsx'
import { useWords, type Words } from './words/words.ts'

export interface Given {
  readonly resourceName: string
  readonly abilities: readonly string[]
}

interface ShownConsent extends Given {
  readonly clientId: string
  readonly clientName: string
  readonly resource: string
  readonly since: number
}

export interface ShownOwnAgent extends ShownAgent {
  readonly agentId: string
  readonly status: 'unconfirmed' | 'confirmed' | 'revoked'
  readonly registeredAt: number
  readonly consents: readonly ShownConsent[]
  readonly jobs: readonly {
    readonly jobId: string
    readonly tool: string
    readonly clientName: string
    readonly status: keyof Words['agents']['own']['statuses']
    readonly at: number
  }[]
  readonly signIns: readonly { readonly clientName: string; readonly at: number }[]
}

/** Those that are withdrawn make room for the next. */
const consentsShown = 3

export interface FormOf {
  /** Below it stand the paths of the forms. */
  readonly action: string
  readonly csrf: string
}

export function Own({ agent, form }: { agent: ShownOwnAgent; form: FormOf }) {
  const { own, facts } = useWords().agents
  const name = plainText(agent.handle)
  const isLive = agent.status !== 'revoked'
  return (
    <article class="card">
      <h3>
        <Foreign text={agent.handle} />
      </h3>
      <p class="remark">
        {facts.model}: <Foreign text={agent.modelName} /> · {own.registered}{' '}
        <Moment atMs={agent.registeredAt} />
      </p>
      {!isLive && <p>{own.ended}</p>}
      {isLive && <Consents agent={agent} form={form} />}
      <h4>{own.lately}</h4>
      {agent.signIns.length === 0 && <p>{own.idle}</p>}
      {agent.signIns.length > 0 && (
        <ul>
          {agent.signIns.map(({ clientName, at }) => (
            <li key={at}>
              <Foreign text={clientName} />, <Moment atMs={at} />
            </li>
          ))}
        </ul>
      )}
      <Jobs of={agent.jobs} />
      {isLive && (
        <details>
          <summary>{own.change(name)}</summary>
          <p>{own.secretLead}</p>
          <Form form={form} does="secret" fields={{ agent: agent.agentId }}>
            <button type="submit" class="plain">
              {own.makeSecret}
            </button>
          </Form>
          <p>{own.revokeLead}</p>
          <Form form={form} does="revoke" fields={{ agent: agent.agentId }}>
            <button type="submit" class="plain">
              {own.revoke}
            </button>
          </Form>
        </details>
      )}
    </article>
  )
}

/** What it does for the person; what waits for their word stands among the approvals. */
function Jobs({ of }: { of: ShownOwnAgent['jobs'] }) {
  const { own } = useWords().agents
  if (of.length === 0) return null
  return (
    <>
      <h4>{own.jobs}</h4>
      <ul>
        {of.map(({ jobId, tool, clientName, status, at }) => (
          <li key={jobId}>
            {own.job(<Foreign text={tool} />, <Foreign text={clientName} />)}, <Moment atMs={at} />:{' '}
            {own.statuses[status]}
          </li>
        ))}
      </ul>
    </>
  )
}

function Consents({ agent, form }: { agent: ShownOwnAgent; form: FormOf }) {
  const { own } = useWords().agents
  if (agent.consents.length === 0) return <p>{own.noConsents}</p>
  return (
    <>
      <h4>{own.consents}</h4>
      <ul class="apps">
        {agent.consents.slice(0, consentsShown).map((consent) => {
          const { clientId, clientName, resource, resourceName } = consent
          return (
            <li class="with-action" key={`${clientId} ${resource}`}>
              <div>
                <Foreign text={clientName} /> · <Foreign text={resourceName} />
                <Abilities of={consent.abilities} />
                <p class="remark">
                  {own.since} <Moment atMs={consent.since} />
                </p>
              </div>
              <Form
                form={form}
                does="withdraw"
                fields={{ agent: agent.agentId, client: clientId, resource }}
              >
                <button
                  type="submit"
                  class="plain"
                  aria-label={own.withdrawFrom(plainText(clientName))}
                >
                  {own.withdraw}
                </button>
              </Form>
            </li>
          )
        })}
      </ul>
      {agent.consents.length > consentsShown && (
        <p class="remark">{own.more(agent.consents.length - consentsShown)}</p>
      )}
    </>
  )
}

interface FormProps {
  readonly form: FormOf
  readonly does: string
  readonly fields: Readonly<Record<string, string>>
  readonly children: ComponentChildren
}

export function Form({ form, does, fields, children }: FormProps) {
  return (
    <form method="post" action={`${form.action}/${does}`}>
      <HiddenFields fields={{ csrf: form.csrf, ...fields }} />
      {children}
    </form>
  )
}

export function Abilities({ of }: { of: readonly string[] }) {
  return (
    <ul>
      {of.map((ability) => (
        <li key={ability}>
          <Foreign text={ability} />
        </li>
      ))}
    </ul>
  )
}
