/** Every read model that is written in the append's own transaction. */
import { agentsProjection } from './agents.ts'
import { apiTokensProjection } from './api-tokens.ts'
import { approvalsProjection } from './approvals.ts'
import { authenticatorsProjection } from './authenticators.ts'
import { clientsProjection } from './clients.ts'
import { gatewayToolsProjection } from './gateway-tools.ts'
import { grantTokensProjection } from './grant-tokens.ts'
import { grantsProjection } from './grants.ts'
import { identitiesProjection } from './identities.ts'
import { issuancesProjection } from './issuances.ts'
import { jobsProjection } from './jobs.ts'
import { mutedClientsProjection } from './muted-clients.ts'
import type { Projection } from './projection.ts'
import { sessionsProjection } from './sessions.ts'
import { signingKeysProjection } from './signing-keys.ts'
import { toolCallsProjection } from './tool-calls.ts'
import { usersProjection } from './users.ts'

export const projections: readonly Projection[] = [
  agentsProjection,
  apiTokensProjection,
  approvalsProjection,
  authenticatorsProjection,
  clientsProjection,
  toolCallsProjection,
  gatewayToolsProjection,
  grantsProjection,
  grantTokensProjection,
  identitiesProjection,
  issuancesProjection,
  jobsProjection,
  mutedClientsProjection,
  sessionsProjection,
  signingKeysProjection,
  usersProjection,
]
