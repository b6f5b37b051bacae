/**
 * A real server for a test: its own port, its own database file, its own people.
 *
 *   const server = await startTestServer({ refreshGraceSeconds: 0 })
 *   …
 *   await server.stop()
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DemoPerson } from '../../src/cli/demo-person.ts'
import { freePort } from '../../src/cli/free-port.ts'
import { overlay, type PresetName, presets } from '../../src/config/presets.ts'
import { defaultSettings, type GivenSettings } from '../../src/config/settings.ts'
import { Keyring } from '../../src/domain/keyring.ts'
import { createLogger } from '../../src/runtimes/logger.ts'
import type { Runtime } from '../../src/runtimes/runtime.ts'
import { type RunningServer, startServer } from '../../src/server.ts'

export const admin = { email: 'ada@example.com', password: 'correct horse battery staple' }

export interface TestServer extends RunningServer {
  /** Everything that the server has logged so far, as it would stand in a file. */
  readonly logged: () => string
  readonly dataDir: string
  /** A person with a fresh browser; the admin unless told. */
  person(credentials?: { email: string; password: string }): DemoPerson
}

export interface TestServerOptions {
  /** Milliseconds since 1970. */
  readonly clock?: () => number
  readonly secret?: string
  /** The named set of settings below those that the test gives. */
  readonly preset?: PresetName
  /** As on a first start that names nobody: `setupLink` is then there. */
  readonly withoutAdmin?: true
}

export async function startTestServer(
  settings: GivenSettings = {},
  options: TestServerOptions = {},
): Promise<TestServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'grantlog-'))
  const lines: string[] = []
  const server = await startServer({
    settings: defaultSettings(
      overlay(options.preset ? presets[options.preset] : {}, {
        port: await freePort(),
        dataDir,
        ...(options.withoutAdmin ? {} : { adminEmail: admin.email, adminPassword: admin.password }),
        ...settings,
      }),
    ),
    keyring: Keyring.parse(options.secret ?? 'a secret for tests, not for anything else'),
    runtime: await currentRuntime(),
    logger: createLogger({ level: 'debug', pretty: false, write: (line) => lines.push(line) }),
    ...(options.clock ? { clock: options.clock } : {}),
  })
  return {
    ...server,
    dataDir,
    logged: () => lines.join(''),
    person: (credentials = admin) => new DemoPerson(server.url, credentials),
    stop: async () => {
      await server.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

export async function currentRuntime(): Promise<Runtime> {
  if ('Deno' in globalThis) return (await import('../../src/runtimes/deno.ts')).denoRuntime
  return (await import('../../src/runtimes/bun.ts')).bunRuntime
}

export { freePort }
