/**
 * Everything that waits for a person, and what they decided: questions to answer, jobs that need
 * them at another site, and what they approved ahead.
 */
import { type ApprovalStateName, approvalsPath, WhoAsks } from './approval.tsx'
import { backChannelPath } from './back-channel.tsx'
import { Initial } from './connected-apps.tsx'
import { HiddenFields } from './form.tsx'
import { Foreign, type PageShell, renderPage } from './layout.tsx'
import { Paging } from './paging.tsx'
import { durationInWords, Moment } from './time.tsx'
import { useWords, type Words } from './words/words.ts'

export type ApprovalsDone = keyof Words['approvals']['done']

export interface ListedApproval {
  readonly href: string
  readonly clientName: string
  readonly agent?: string | undefined
  readonly tool: string
  readonly kind: keyof Words['approvals']['kinds']
  /** As `84.50 EUR`. */
  readonly amount?: string | undefined
  readonly payee?: string | undefined
  readonly state: ApprovalStateName
  readonly askedAt: number
  readonly expiresAt: number
}

export interface ListedStanding {
  readonly standingId: string
  readonly clientName: string
  readonly tool: string
  readonly currency: string
  readonly limit: string
  readonly spent: string
  readonly endsAt: number
}

export interface ApprovalsPageData extends PageShell {
  readonly approvals: readonly ListedApproval[]
  readonly standing: readonly ListedStanding[]
  readonly csrf: string
  readonly page: number
  readonly pages: number
  readonly now: number
  readonly done?: ApprovalsDone | undefined
  /** Apps that ask from elsewhere, where the server lets any. */
  readonly askers?: { readonly waiting: number } | undefined
}

const nameGraphemesMax = 60
const payeeGraphemesMax = 120

export function approvalsPage(data: ApprovalsPageData): string {
  const { brand, words, visitor, approvals } = data
  const open = approvals.filter(({ state }) => state === 'open')
  const over = approvals.filter(({ state }) => state !== 'open')
  return renderPage({
    brand,
    words,
    visitor,
    room: 'approvals',
    title: words.approvals.title,
    width: 'wide',
    children: (
      <>
        <h1>{words.approvals.title}</h1>
        {data.done && (
          <div class="notice done" role="status">
            <p>{words.approvals.done[data.done]}</p>
          </div>
        )}
        <p class="lead">{words.approvals.lead}</p>
        {data.askers && (
          <p>
            <a href={backChannelPath}>{words.backChannel.link(data.askers.waiting)}</a>
          </p>
        )}
        {data.page === 1 && open.length === 0 && (
          <div class="card empty">
            <p>
              <strong>{words.approvals.none}</strong>
            </p>
            <p>{words.approvals.noneAdvice}</p>
          </div>
        )}
        <ApprovalList id="open" title={words.approvals.open} rows={open} now={data.now} />
        <Standing {...data} />
        <ApprovalList id="decided" title={words.approvals.decided} rows={over} now={data.now} />
        <Paging {...data} href={(page) => `${approvalsPath}?page=${page}`} />
      </>
    ),
  })
}

interface ListProps {
  readonly id: string
  readonly title: string
  readonly rows: readonly ListedApproval[]
  readonly now: number
}

export function ApprovalList({ id, title, rows, now }: ListProps) {
  if (rows.length === 0) return null
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <ul class="card apps waiting">
        {rows.map((row) => (
          <Row key={row.href} row={row} now={now} />
        ))}
      </ul>
    </section>
  )
}

function Row({ row, now }: { row: ListedApproval; now: number }) {
  const words = useWords()
  const { approvals } = words
  const name = row.clientName.trim() || words.shell.unnamedApp
  const isOpen = row.state === 'open'
  return (
    <li>
      <Initial name={name} />
      <div>
        <p>
          <a href={row.href}>
            {approvals.kinds[row.kind](
              <WhoAsks name={name} agent={row.agent} graphemesMax={nameGraphemesMax} />,
              <Foreign text={row.tool} graphemesMax={nameGraphemesMax} />,
            )}
          </a>
          {!isOpen && <span class="tag">{approvals.states[row.state]}</span>}
        </p>
        {row.amount !== undefined && (
          <p>
            <strong>
              <Foreign text={row.amount} />
            </strong>{' '}
            {approvals.to} <Foreign text={row.payee ?? ''} graphemesMax={payeeGraphemesMax} />
          </p>
        )}
        <p class="remark">
          {approvals.askedAt(<Moment atMs={row.askedAt} />)}
          {isOpen && ` · ${approvals.endsIn(durationInWords((row.expiresAt - now) / 1000, words))}`}
        </p>
      </div>
    </li>
  )
}

function Standing({ standing, csrf, now }: ApprovalsPageData) {
  const words = useWords()
  const { approvals } = words
  if (standing.length === 0) return null
  return (
    <section aria-labelledby="standing">
      <h2 id="standing">{approvals.ahead}</h2>
      <ul class="card apps waiting">
        {standing.map(({ standingId, clientName, tool, spent, limit, currency, endsAt }) => (
          <li key={standingId}>
            <div>
              <p>
                <Foreign
                  text={clientName.trim() || words.shell.unnamedApp}
                  graphemesMax={nameGraphemesMax}
                />{' '}
                · <Foreign text={tool} graphemesMax={nameGraphemesMax} />
              </p>
              <p>{approvals.spent(`${spent} ${currency}`, `${limit} ${currency}`)}</p>
              <p class="remark">
                {approvals.endsIn(durationInWords((endsAt - now) / 1000, words))}
              </p>
            </div>
            <form method="post" action={`${approvalsPath}/standing/${standingId}/end`}>
              <HiddenFields fields={{ csrf }} />
              <button type="submit" class="plain">
                {approvals.endAhead}
              </button>
            </form>
          </li>
        ))}
      </ul>
    </section>
  )
}
