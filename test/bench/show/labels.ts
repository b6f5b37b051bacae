/** What the contenders are called in tables. */
import type { ContenderName } from '../contenders/contender.ts'

export const labels: Readonly<Record<ContenderName, string>> = {
  bare: 'bare Bun.serve',
  grantlog: 'Grantlog, file',
  'grantlog-libsql': 'Grantlog, libSQL',
  'oidc-provider': 'node-oidc-provider',
  'better-auth': 'Better Auth',
  'store-limit': 'rows alone, file',
  'libsql-limit': 'rows alone, libSQL',
}
