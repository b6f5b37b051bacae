/**
 * A front and an API in one process, on two ports, as `grantlog serve --role front` and
 * `--role api` are in two.
 */
import { randomBytes } from 'node:crypto'
import { DemoPerson } from '../../src/cli/demo-person.ts'
import { overlay, type PresetName, presets } from '../../src/config/presets.ts'
import { defaultSettings, type GivenSettings } from '../../src/config/settings.ts'
import { publicFrontKey } from '../../src/protocol/front-key.ts'
import { createLogger } from '../../src/runtimes/logger.ts'
import { startFront } from '../../src/server.ts'
import { admin, currentRuntime, freePort, startTestServer, type TestServer } from './server.ts'

export interface TwoHosts {
  /** The front: what people and clients know the server by. */
  readonly url: string
  readonly api: TestServer
  readonly privateKey: string
  /** What the front has logged so far. */
  readonly logged: () => string
  person(credentials?: { email: string; password: string }): DemoPerson
  stop(): Promise<void>
}

export function newFrontKey(): string {
  return randomBytes(32).toString('base64url')
}

export async function startTwoHosts(
  given: GivenSettings = {},
  { clock, preset }: { clock?: () => number; preset?: PresetName } = {},
): Promise<TwoHosts> {
  const [frontPort, apiPort] = [await freePort(), await freePort()]
  const url = `http://localhost:${frontPort}`
  const named = preset === undefined ? {} : presets[preset]
  const hosts = { issuer: url, apiUrl: `http://localhost:${apiPort}` }
  const both = overlay(named, { ...hosts, ...given })
  const privateKey = newFrontKey()
  const lines: string[] = []
  const api = await startTestServer(
    { ...both, role: 'api', port: apiPort, frontKeys: [publicFrontKey(privateKey)] },
    { ...(clock ? { clock } : {}) },
  )
  const front = await startFront({
    settings: defaultSettings({
      ...both,
      role: 'front',
      port: frontPort,
      frontPrivateKey: privateKey,
    }),
    runtime: await currentRuntime(),
    logger: createLogger({ level: 'debug', pretty: false, write: (line) => lines.push(line) }),
    ...(clock ? { clock } : {}),
  })
  return {
    url,
    api,
    privateKey,
    logged: () => lines.join(''),
    person: (credentials = admin) => new DemoPerson(url, credentials),
    stop: async () => {
      await front.stop()
      await api.stop()
    },
  }
}
