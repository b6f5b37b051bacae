/** Grantlog, on a file and on a libSQL server, filled as an operator and a person would. */
import { DemoPerson } from '../../../src/cli/demo-person.ts'
import { startLibsqlServer } from '../../support/libsql-server.ts'
import type { Worker } from '../load/worker.ts'
import { bodyOf, enrol, type Unfilled } from '../works/enrol.ts'
import { grantlogWorkers } from '../works/grantlog-works.ts'
import type { Actor, Client, Party } from '../works/party.ts'
import type { Child } from './child.ts'
import { type Contender, type Needs, type Running, type Work, works } from './contender.ts'
import { addClients, metadataOf } from './grantlog-clients.ts'
import { jwtPath, newSite, person, type Site, startSite } from './grantlog-server.ts'

const allWorks = Object.keys(works) as Work[]
const apiTokensMade = 16

export const grantlog: Contender = {
  name: 'grantlog',
  label: 'Grantlog, file',
  works: allWorks,
  start: async (needs) => runningOn(await newSite(), needs),
}

export const grantlogLibsql: Contender = {
  name: 'grantlog-libsql',
  label: 'Grantlog, libSQL server',
  works: allWorks,
  async start(needs) {
    const database = await startLibsqlServer()
    try {
      const running = await runningOn(await newSite({ databaseUrl: database.url }), needs)
      const stop = async () => {
        await running.stop()
        await database.stop()
      }
      return { ...running, processIds: [...running.processIds, database.pid], stop }
    } catch (error) {
      await database.stop()
      throw error
    }
  },
}

async function runningOn(site: Site, needs: Needs): Promise<Running> {
  const clients = await addClients(site, needs.connections)
  return filled(site, needs, { child: await startSite(site), clients })
}

/** Signs the person in, and takes each client to its tokens. */
export async function filled(
  site: Site,
  needs: Needs,
  { child, clients }: { child: Child; clients: readonly Client[] },
): Promise<Running & { readonly party: Party }> {
  try {
    const party = await fill(site, { clients, wantsJwt: needs.works.includes('jwt-introspection') })
    const apiTokens = await makeApiTokens(party, needs)
    return {
      party,
      url: site.url,
      processIds: [child.pid],
      workersFor: (work, seconds): Promise<readonly Worker[]> =>
        grantlogWorkers({ ...party, apiTokens }, { work, seconds }),
      stop: child.stop,
    }
  } catch (error) {
    await child.stop()
    throw error
  }
}

export function unfilled(site: Pick<Site, 'url'>): Unfilled {
  const { url } = site
  return {
    url,
    endpoints: {
      authorize: '/oauth/authorize',
      token: '/oauth/token',
      introspect: '/oauth/introspect',
      revoke: '/oauth/revoke',
      register: '/oauth/register',
    },
    asked: { scope: 'read', resource: `${url}/api/mcp` },
    askedForItself: { scope: 'read', resource: `${url}/api/mcp` },
    registration: (number) => ({
      // Of the addresses that are for documentation and tests (RFC 2544).
      headers: { 'x-forwarded-for': `198.18.${(number >> 8) & 255}.${number & 255}` },
      metadata: metadataOf(number),
    }),
  }
}

async function fill(
  site: Site,
  { clients, wantsJwt }: { clients: readonly Client[]; wantsJwt: boolean },
): Promise<Party> {
  const browser = new DemoPerson(site.url, person)
  const party = unfilled(site)
  const actors: Actor[] = await enrol(party, {
    count: clients.length,
    approve: (path) => browser.answer(path),
    register: async (number) => clients[number - 1] as Client,
    ...(wantsJwt ? { askedForJwt: { scope: 'read', resource: site.url + jwtPath } } : {}),
  })
  return { ...party, actors, cookie: browser.cookie }
}

/** As the person's own client makes them, by an access token for that. */
async function makeApiTokens(party: Party, { works: needed }: Needs): Promise<string[]> {
  if (!needed.includes('verify')) return []
  const browser = new DemoPerson(party.url, person)
  const resource = `${party.url}/api/tokens`
  const [manager] = await enrol(
    { ...party, asked: { scope: 'tokens:manage', resource } },
    { count: 1, approve: (path) => browser.answer(path) },
  )
  const made = Array.from({ length: apiTokensMade }, async (_, number) => {
    const wish = { name: `Token ${number}`, resource: `${party.url}/api/mcp`, scopes: ['read'] }
    const response = await fetch(resource, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${manager?.accessToken}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(wish),
    })
    return String((await bodyOf(response)).token)
  })
  return Promise.all(made)
}
