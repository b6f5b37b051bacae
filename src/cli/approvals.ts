/**
 * `grantlog approvals`: what waits for the person at the server of `api.url`. It decides nothing:
 * the person does, in the browser, which is opened where somebody sits at this terminal.
 */
import { spawn } from 'node:child_process'
import process from 'node:process'
import { type Static, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { type CommandContext, type ExitCode, exitCodes } from './program.ts'
import { askServer } from './remote-server.ts'

const plain = Type.String({ pattern: '^[\\x21-\\x7e]{1,300}$' })
const answerSchema = Type.Object({
  approvals: Type.Array(
    Type.Object({ id: plain, kind: plain, tool: plain, expires_at: plain, url: plain }),
  ),
})

export async function approvals(context: CommandContext): Promise<ExitCode> {
  const { terminal } = context
  const isAnswer = (body: unknown) => Value.Check(answerSchema, body)
  const answer = await askServer(context, '/api/approvals?status=open', isAnswer)
  if (!answer) return exitCodes.refused
  const { approvals: waiting } = answer.body as Static<typeof answerSchema>
  const [first] = waiting
  if (!first) {
    terminal.print('Nothing waits for you')
    return exitCodes.done
  }
  for (const { kind, tool, expires_at, url } of waiting) {
    terminal.print(`${kind}  ${tool}  until ${expires_at}  ${url}`)
  }
  if (terminal.interactive) await openInBrowser(first.url)
  return exitCodes.done
}

const openers: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

/** Where it cannot be, the address stands in the list. */
async function openInBrowser(url: string): Promise<void> {
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) return
  const [program, ...given] = openers[process.platform] ?? ['xdg-open']
  await new Promise<void>((resolve) => {
    const opening = spawn(program, [...given, url], { stdio: 'ignore', detached: true })
    opening.once('error', () => resolve())
    opening.once('spawn', () => {
      opening.unref()
      resolve()
    })
  })
}
