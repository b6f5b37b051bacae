/** An administrator looks at what has changed of a tool elsewhere, and approves what they saw. */
import type { DemoPerson } from '../../src/cli/demo-person.ts'
import { gatewayToolId } from '../../src/domain/gateway-tool.ts'
import { act, actionPath, formOf, signedIn } from '../support/admin-browser.ts'
import {
  ask,
  callOf,
  type NotesGateway,
  sendTo,
  startNotesGateway,
} from '../support/notes-gateway.ts'
import { eventsOf } from '../support/oauth-client.ts'
import { tool } from '../support/recording-upstream.ts'
import { afterEach, beforeEach, describe, expect, test } from '../support/test.ts'

let notes: NotesGateway
let ada: DemoPerson
let token: string
let toolId: string
beforeEach(async () => {
  notes = await startNotesGateway({ definitionsSeconds: 0 })
  token = (await notes.connect()).tokens.access_token
  ada = await signedIn(notes.server)
  toolId = gatewayToolId(notes.endpoint, 'read_note')
  await list()
})
afterEach(() => notes.stop())

const list = () => sendTo(notes.endpoint, { token, body: ask('tools/list') })
const call = async () =>
  (await sendTo(notes.endpoint, { token, body: callOf('read_note') })).body.result !== undefined

async function changeTo(description: string) {
  notes.upstream.tools = [tool('read_note', { description }), tool('delete_note')]
  await list()
}

async function page(path: string): Promise<string> {
  return (await ada.open(path)).text()
}

describe('the page of MCP servers', () => {
  test('shows each with its tools, and is for administrators alone', async () => {
    const html = await page('/admin/gateway')
    for (const text of [notes.endpoint, notes.upstream.url, 'read_note', 'delete_note']) {
      expect(html).toContain(text)
    }
    expect(html).not.toContain('/admin/do/approve-tool')
    const stranger = await fetch(`${notes.server.url}/admin/gateway`, { redirect: 'manual' })
    expect(stranger.status).toBe(303)
  })

  test('names what waits, as the overview does, and leads to what has changed', async () => {
    await changeTo('Reads <b>everything</b>')
    expect(await page('/admin')).toContain('One tool of an MCP server waits')
    expect(await page('/admin/gateway')).toContain(actionPath('approve-tool', toolId))
    const html = await page(actionPath('approve-tool', toolId))
    expect(html).toContain('Does read_note')
    expect(html).toContain('Reads &lt;b>everything')
    expect(html).not.toContain('<b>everything')
  })
})

describe('an approval', () => {
  test('lets the tool be listed and called again, and has its author and reason', async () => {
    await changeTo('Reads everything')
    expect(await call()).toBe(false)
    const done = await act(ada, 'approve-tool', { id: toolId, reason: 'the vendor told us' })
    expect(done.status).toBe(303)
    expect(await call()).toBe(true)
    const [approved] = await eventsOf(notes.server, 'GatewayToolApproved')
    expect(approved?.actor).toMatch(/^user:usr_/)
    expect(approved?.payload).toMatchObject({ tool: 'read_note', reason: 'the vendor told us' })
  })

  test('needs a reason', async () => {
    await changeTo('Reads everything')
    expect((await act(ada, 'approve-tool', { id: toolId })).status).toBe(400)
    expect(await call()).toBe(false)
  })

  test('is for what was shown: one that changed meanwhile is shown anew', async () => {
    await changeTo('Reads everything')
    const form = await formOf(ada, 'approve-tool', toolId)
    // Back to what it was and on again, because further changes are written down after a while.
    notes.upstream.tools = [
      tool('read_note', { annotations: { readOnlyHint: true } }),
      tool('delete_note'),
    ]
    await list()
    await changeTo('Reads and deletes everything')
    const sent = await ada.submit(actionPath('approve-tool'), { ...form, reason: 'fine' })
    expect(sent.status).toBe(400)
    expect(await sent.text()).toContain('Reads and deletes everything')
    expect(await call()).toBe(false)
    expect(await eventsOf(notes.server, 'GatewayToolApproved')).toEqual([])
  })

  test('of what was approved does not open what the server says by now', async () => {
    await changeTo('Reads everything')
    await changeTo('Reads and deletes everything')
    expect((await act(ada, 'approve-tool', { id: toolId, reason: 'fine' })).status).toBe(303)
    expect(await call()).toBe(false)
  })

  test('cannot be sent by somebody else’s page, or by who is no administrator', async () => {
    await changeTo('Reads everything')
    const form = await formOf(ada, 'approve-tool', toolId)
    const other = await signedIn(notes.server)
    const forged = await other.submit(actionPath('approve-tool'), { ...form, reason: 'fine' })
    expect(forged.status).toBe(400)
    expect(await call()).toBe(false)
  })

  test('of a tool that nobody knows, or that does not wait, has no page', async () => {
    for (const id of [toolId, 'nonsense', '']) {
      expect((await ada.open(actionPath('approve-tool', id))).status).toBe(404)
    }
  })
})
