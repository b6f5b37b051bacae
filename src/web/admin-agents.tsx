/** The administrator's list of agents: all that they say of themselves is a stranger's text. */
import type { Agent } from '../projections/agents.ts'
import { Action, adminHref } from './admin-frame.tsx'
import { type AdminListData, listPage, Row } from './admin-lists.tsx'
import { Foreign } from './layout.tsx'
import { Moment } from './time.tsx'
import { useWords } from './words/words.ts'

export function agentsPage(data: AdminListData<Agent>): string {
  return listPage(data, { section: 'agents', Row: AgentRow })
}

function AgentRow({ row }: { row: Agent }) {
  const { remarks, status } = useWords().admin
  const owner = <Foreign text={row.ownerEmail ?? ''} />
  return (
    <Row title={<Foreign text={row.handle} />} tags={[status[row.status]]}>
      <Foreign text={row.modelName} />,{' '}
      {remarks.of(
        row.ownerId === null ? owner : <a href={adminHref('user', row.ownerId)}>{owner}</a>,
      )}
      , {remarks.registered(<Moment atMs={row.registeredAt} />)}
      <br />
      <Foreign text={row.agentId} />
      {row.status !== 'revoked' && (
        <>
          <br />
          <Action name="revoke-agent" id={row.agentId} />
        </>
      )}
    </Row>
  )
}
