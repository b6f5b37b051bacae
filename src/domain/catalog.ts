/** Every event type and decider of this program: what the store checks, fences and rebuilds by. */
import { activityDecider, activityEventTypes } from './activity.ts'
import { agentDecider } from './agent.ts'
import { agentEventTypes } from './agent-events.ts'
import { apiTokenDecider, apiTokenEventTypes } from './api-token.ts'
import { approvalDecider } from './approval.ts'
import { approvalEventTypes } from './approval-events.ts'
import { authenticatorEventTypes, authenticatorsDecider } from './authenticators.ts'
import { backChannelDecider, backChannelEventTypes } from './back-channel.ts'
import { clientDecider } from './client.ts'
import { clientEventTypes } from './client-events.ts'
import type { EventType } from './event.ts'
import { gatewayToolDecider, gatewayToolEventTypes } from './gateway-tool.ts'
import { grantDecider } from './grant.ts'
import { grantEventTypes } from './grant-events.ts'
import { issuanceDecider, issuanceEventTypes } from './issuance.ts'
import { jobDecider } from './job.ts'
import { jobEventTypes } from './job-events.ts'
import { PairwiseSaltMade, pairwiseSaltDecider } from './pairwise-salt.ts'
import { ReasonGiven } from './reason.ts'
import { sessionDecider, sessionEventTypes } from './session.ts'
import { signingKeyDecider, signingKeyEventTypes } from './signing-key.ts'
import { standingApprovalDecider, standingApprovalEventTypes } from './standing-approval.ts'
import { toolCallDecider, toolCallEventTypes } from './tool-call.ts'
import { userDecider } from './user.ts'
import { userEventTypes } from './user-events.ts'

export const eventTypes = [
  ...activityEventTypes,
  ...agentEventTypes,
  ...authenticatorEventTypes,
  ...apiTokenEventTypes,
  ...approvalEventTypes,
  ...backChannelEventTypes,
  ...clientEventTypes,
  ...toolCallEventTypes,
  ...gatewayToolEventTypes,
  ...grantEventTypes,
  ...issuanceEventTypes,
  ...jobEventTypes,
  PairwiseSaltMade,
  ReasonGiven,
  ...sessionEventTypes,
  ...signingKeyEventTypes,
  ...standingApprovalEventTypes,
  ...userEventTypes,
] as unknown as readonly EventType[]

/** What folding a stream again needs of a decider; each is only ever given its own events. */
interface Folding {
  readonly noun: string
  readonly stateSchema: number
  readonly initial: unknown
  evolve(state: unknown, event: never): unknown
}

export const deciders: readonly Folding[] = [
  activityDecider,
  agentDecider,
  authenticatorsDecider,
  apiTokenDecider,
  approvalDecider,
  backChannelDecider,
  clientDecider,
  toolCallDecider,
  gatewayToolDecider,
  grantDecider,
  issuanceDecider,
  jobDecider,
  pairwiseSaltDecider,
  sessionDecider,
  signingKeyDecider,
  standingApprovalDecider,
  userDecider,
] as readonly unknown[] as readonly Folding[]
