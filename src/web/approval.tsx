/**
 * One question: who asks, under which consent, for what exactly, until when, and the answer. Approve
 * and Deny look alike: the choice is the person's. Nothing that is asked is cut or left out.
 */
import { Initial } from './connected-apps.tsx'
import { Exact } from './exact-text.tsx'
import { HiddenFields, Problem, TextArea } from './form.tsx'
import { Foreign, type PageShell, renderPage } from './layout.tsx'
import { durationInWords, Moment } from './time.tsx'
import { useWords, type Words } from './words/words.ts'

export const approvalsPath = '/approvals'
export type ApprovalProblem = keyof Words['approvals']['problems']
export type ApprovalStateName = keyof Words['approvals']['states']

export interface ShownClient {
  readonly name: string
  /** What the agent of the person's is called that asks by way of it. */
  readonly agent?: string | undefined
  /** A path of ours, where there is a picture to show. */
  readonly logo?: string | undefined
  /** The page of the consent that it acts under. */
  readonly consent?: string | undefined
}

export interface ShownPayment {
  readonly amount: string
  readonly currency: string
  readonly payee: string
  readonly description: string
}

export interface ApprovalPageData extends PageShell {
  readonly action: string
  readonly csrf: string
  /** Of what is shown: the answer brings it back. */
  readonly shownHash: string
  readonly client: ShownClient
  /** Absent once it was erased, or where it is not what was asked. */
  readonly question?:
    | {
        readonly kind: keyof Words['approvals']['asks']
        readonly tool: string
        readonly note?: string | undefined
        readonly payment?: ShownPayment | undefined
        /** In full. */
        readonly parameters: readonly { readonly name: string; readonly text: string }[]
      }
    | undefined
  readonly state: ApprovalStateName
  /** Why it ended without an answer. */
  readonly voided?: keyof Words['approvals']['voided'] | undefined
  readonly decision?:
    | {
        readonly channel: keyof Words['approvals']['channels']
        readonly at: number
        readonly reason?: string | undefined
      }
    | undefined
  readonly askedAt: number
  readonly expiresAt: number
  readonly now: number
  /** Whether this browser's person has just proved who they are. */
  readonly isFresh: boolean
  /** Whether the operator lets people decide here. */
  readonly isHere: boolean
  /** Up to how much may be approved ahead with it. */
  readonly standing?: { readonly limit: string; readonly currency: string } | undefined
  readonly problem?: ApprovalProblem | undefined
}

export function approvalPage(data: ApprovalPageData): string {
  const { words, brand, visitor, problem, state } = data
  const { approvals, shell } = words
  const title = approvals.titles[data.question?.kind ?? 'job']
  return renderPage({
    brand,
    words,
    visitor,
    room: 'approvals',
    title: problem ? shell.problem(title) : title,
    children: (
      <>
        <p>
          <a href={approvalsPath}>{approvals.title}</a>
        </p>
        <article class="card approval">
          <Asker {...data} />
          {problem && <Problem>{approvals.problems[problem]}</Problem>}
          {state !== 'open' && <Outcome {...data} />}
          <Question {...data} />
          {state === 'open' && <Answer {...data} />}
        </article>
      </>
    ),
  })
}

function Asker({ client, question }: ApprovalPageData) {
  const words = useWords()
  const name = client.name.trim() || words.shell.unnamedApp
  const asks = words.approvals.asks[question?.kind ?? 'job']
  return (
    <>
      {client.logo === undefined ? (
        <Initial name={name} />
      ) : (
        <img class="logo" src={client.logo} alt="" width="40" height="40" />
      )}
      <h1>
        {asks(
          <WhoAsks name={name} agent={client.agent} />,
          <Foreign text={question?.tool ?? '–'} />,
        )}
      </h1>
      {client.consent && (
        <p class="origin">
          <a href={client.consent}>
            {client.agent === undefined ? words.approvals.consent : words.approvals.consentOfAgent}
          </a>
        </p>
      )}
    </>
  )
}

interface WhoAsksProps {
  readonly name: string
  readonly agent?: string | undefined
  readonly graphemesMax?: number
}

/** An app by its name, or an agent of the person's by way of that app. */
export function WhoAsks({ name, agent, ...cut }: WhoAsksProps) {
  const { approvals } = useWords()
  const app = <Foreign text={name} {...cut} />
  return agent === undefined ? app : approvals.agent(<Foreign text={agent} {...cut} />, app)
}

function Outcome({ state, voided, decision }: ApprovalPageData) {
  const { approvals } = useWords()
  return (
    <div class="notice done" role="status">
      <p>
        <strong>{approvals.states[state]}</strong>
        {decision && (
          <>
            {approvals.channels[decision.channel]} · <Moment atMs={decision.at} />
          </>
        )}
      </p>
      {voided && <p>{approvals.voided[voided]}</p>}
      {decision?.reason && (
        <p>
          {approvals.reason}: <Exact text={decision.reason} fold={approvals.fold} />
        </p>
      )}
    </div>
  )
}

function Question(data: ApprovalPageData) {
  const { approvals } = useWords()
  const { question, askedAt } = data
  if (!question) return <p class="lead">{approvals.unreadable}</p>
  const { payment, note, parameters } = question
  return (
    <>
      {payment && (
        <p class="amount">
          <strong>
            <Foreign text={payment.amount} /> <Foreign text={payment.currency} />
          </strong>
          <span>
            {approvals.to} <Exact text={payment.payee} fold={approvals.fold} />
          </span>
        </p>
      )}
      <dl class="facts">
        {payment && <Fact name={approvals.facts.description} text={payment.description} />}
        {note !== undefined && <Fact name={approvals.facts.note} text={note} />}
        {parameters.map(({ name, text }) => (
          <Fact key={name} name={<Exact text={name} fold={approvals.fold} />} text={text} />
        ))}
        <dt>{approvals.facts.asked}</dt>
        <dd>
          <Moment atMs={askedAt} />
        </dd>
        {data.state === 'open' && <Ends {...data} />}
      </dl>
    </>
  )
}

function Fact({ name, text }: { name: preact.ComponentChildren; text: string }) {
  const { approvals } = useWords()
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <Exact text={text} fold={approvals.fold} />
      </dd>
    </>
  )
}

function Ends({ expiresAt, now }: ApprovalPageData) {
  const words = useWords()
  return (
    <>
      <dt>{words.approvals.facts.ends}</dt>
      <dd>
        {words.approvals.endsIn(durationInWords((expiresAt - now) / 1000, words))}{' '}
        <span class="remark">
          <Moment atMs={expiresAt} />
        </span>
      </dd>
    </>
  )
}

function Answer({ action, csrf, shownHash, question, ...data }: ApprovalPageData) {
  const { approvals } = useWords()
  if (!data.isHere) return <p class="advice">{approvals.elsewhere}</p>
  if (!question) return null
  const { standing } = data
  return (
    <form method="post" action={action}>
      <HiddenFields fields={{ csrf, shown: shownHash }} />
      {data.isFresh ? (
        <>
          {standing && (
            <label class="ahead">
              <input type="checkbox" name="standing" value="yes" />
              {approvals.standing(`${standing.limit} ${standing.currency}`)}
            </label>
          )}
          <TextArea name="reason" label={approvals.reason} hint={approvals.reasonHint} optional />
        </>
      ) : (
        <p class="remark">{approvals.signInFirst}</p>
      )}
      <div class="decision">
        <button type="submit" name="decision" value="approve">
          {approvals.approve}
        </button>
        <button type="submit" name="decision" value="deny">
          {approvals.deny}
        </button>
      </div>
    </form>
  )
}
