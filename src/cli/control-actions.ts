/** Everything that a command can ask of a running server. */
import { listAgentsAction, revokeAgentAction, setAgentPermissionsAction } from './agent.ts'
import {
  createClientAction,
  deleteClientAction,
  disableClientAction,
  enableClientAction,
  listClientsAction,
  rotateClientSecretAction,
  showClientAction,
} from './client-actions.ts'
import type { ControlAction } from './control.ts'
import { approveToolAction, listToolsAction } from './gateway.ts'
import { listKeysAction, rotateKeyAction } from './key.ts'
import { createTokenAction, listTokensAction, revokeTokenAction } from './token.ts'
import { createUserAction } from './user-create.ts'
import { setUserGroupsAction } from './user-groups.ts'
import { inviteUserAction } from './user-invite.ts'
import { setPermissionsAction } from './user-permissions.ts'
import { resetSecondFactorAction } from './user-reset-second-factor.ts'

export const controlActions = [
  listAgentsAction,
  revokeAgentAction,
  setAgentPermissionsAction,
  createUserAction,
  createClientAction,
  listClientsAction,
  showClientAction,
  rotateClientSecretAction,
  disableClientAction,
  enableClientAction,
  deleteClientAction,
  setUserGroupsAction,
  inviteUserAction,
  createTokenAction,
  listTokensAction,
  revokeTokenAction,
  listToolsAction,
  approveToolAction,
  listKeysAction,
  rotateKeyAction,
  setPermissionsAction,
  resetSecondFactorAction,
] as unknown as readonly ControlAction[]
