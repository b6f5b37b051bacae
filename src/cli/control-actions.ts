/** Everything that a command can ask of a running server. */
import type { ControlAction } from './control.ts'
import { listKeysAction, rotateKeyAction } from './key.ts'
import { createUserAction } from './user-create.ts'

export const controlActions = [
  createUserAction,
  listKeysAction,
  rotateKeyAction,
] as unknown as readonly ControlAction[]
