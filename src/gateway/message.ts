/**
 * One JSON-RPC message, read once and written anew from what was read. What was judged is then
 * what the server elsewhere sees: of two members with one name there is the one that counted, and
 * nothing stands beside the members that JSON-RPC has.
 *
 * @see [JSON-RPC 2.0 §4 - Request object](https://www.jsonrpc.org/specification)
 * @see [MCP 2025-11-25 - Base Protocol, Messages](https://modelcontextprotocol.io/specification/2025-11-25/basic)
 */

export type RequestId = string | number
type Members = Readonly<Record<string, unknown>>

export type Message =
  | {
      readonly kind: 'request'
      readonly id: RequestId
      readonly method: string
      readonly params?: Members
    }
  | { readonly kind: 'notification'; readonly method: string; readonly params?: Members }
  | { readonly kind: 'result'; readonly id: RequestId; readonly result: Members }
  | { readonly kind: 'error'; readonly id?: RequestId; readonly error: RpcError }

export type Request = Extract<Message, { kind: 'request' }>

export interface RpcError {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}

export const rpcCodes = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  sessionNotFound: -32001,
  headerMismatch: -32020,
} as const

const depthMax = 64
const idCharactersMax = 200
const methodPattern = /^[A-Za-z][A-Za-z_]*(?:\/[A-Za-z][A-Za-z_]*){0,4}$/

/** What was sent is no message that could be judged. */
export class NoMessage extends Error {
  override name = 'NoMessage'
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** @throws {NoMessage} */
export function readMessage(text: string): Message {
  if (depthOf(text) > depthMax) throw invalid(`is nested over ${depthMax} levels deep`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new NoMessage(rpcCodes.parse, 'The body is not JSON')
  }
  if (Array.isArray(value)) throw invalid('is a batch; send one message at a time')
  if (!isMembers(value) || value.jsonrpc !== '2.0') throw invalid('is no JSON-RPC 2.0')
  if (Object.hasOwn(value, 'method')) return asked(value)
  return answered(value)
}

function asked({ id, method, params }: Members): Message {
  if (typeof method !== 'string' || method.length > 100 || !methodPattern.test(method)) {
    throw invalid('has a method that is none')
  }
  if (params !== undefined && !isMembers(params)) throw invalid('has params that are no object')
  const given = params === undefined ? {} : { params }
  if (id === undefined) return { kind: 'notification', method, ...given }
  return { kind: 'request', id: idOf(id), method, ...given }
}

function answered({ id, result, error }: Members): Message {
  if (result !== undefined && error === undefined) {
    if (!isMembers(result)) throw invalid('has a result that is no object')
    return { kind: 'result', id: idOf(id), result }
  }
  if (result !== undefined || !isRpcError(error)) throw invalid('is neither question nor answer')
  const { code, message, data } = error
  const whose = id === undefined || id === null ? {} : { id: idOf(id) }
  return {
    kind: 'error',
    ...whose,
    error: { code, message, ...(data === undefined ? {} : { data }) },
  }
}

/** As it goes over the wire. */
export function writeMessage({ kind: _, ...members }: Message): string {
  return JSON.stringify({ jsonrpc: '2.0', ...members })
}

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isRpcError(error: unknown): error is RpcError {
  return isMembers(error) && Number.isSafeInteger(error.code) && typeof error.message === 'string'
}

function idOf(id: unknown): RequestId {
  if (typeof id === 'string' && id.length <= idCharactersMax) return id
  if (typeof id === 'number' && Number.isFinite(id)) return id
  throw invalid('has an id that is none')
}

function invalid(what: string): NoMessage {
  return new NoMessage(rpcCodes.invalidRequest, `The message ${what}`)
}

/** How deep lists and objects stand in each other, without parsing them. */
function depthOf(text: string): number {
  let [depth, deepest, isInText] = [0, 0, false]
  for (let index = 0; index < text.length; index += 1) {
    const letter = text.charCodeAt(index)
    if (isInText) {
      if (letter === 0x5c) index += 1
      else if (letter === 0x22) isInText = false
    } else if (letter === 0x22) isInText = true
    else if (letter === 0x7b || letter === 0x5b) {
      depth += 1
      if (depth > deepest) deepest = depth
    } else if (letter === 0x7d || letter === 0x5d) depth -= 1
  }
  return deepest
}

/** The same JSON for the same value, however its members are ordered. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isMembers(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
