/**
 * The growth benchmark fills databases past the store's writer. What it measures is worth something
 * if they are as the server would have left them.
 */
import { addClients } from '../bench/contenders/grantlog-clients.ts'
import { newSite, openSite } from '../bench/contenders/grantlog-server.ts'
import { loadGrants } from '../bench/growth/load-grants.ts'
import { expect, test } from '../support/test.ts'

/** So many appends that a thread has several waiting; the last is not whole. */
const grants = 2_530

test('a database that is filled for the growth benchmark is what its log replays to', async () => {
  const site = await newSite()
  try {
    const clientIds = (await addClients(site, 2)).map(({ id }) => id)
    await loadGrants({ site, clientIds, grants, say: () => undefined })
    const { store, close } = await openSite(site)
    const { tables } = await store.rebuild()
    await close()
    expect(tables.filter(({ differed }) => differed)).toEqual([])
    const rowsOf = (name: string) => tables.find(({ table }) => table === name)?.rows
    expect(rowsOf('grants_v1')).toBe(grants)
    expect(rowsOf('users_v1')).toBe(grants / 10)
  } finally {
    site.remove()
  }
})
