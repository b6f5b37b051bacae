/**
 * Reads a request's body as what it may be and nothing else: OAuth's endpoints take a form and
 * only a form, registration takes JSON. Elysia's own parsers keep the last of repeated fields and
 * split at commas, so they are not used.
 */
import { OAuthError } from '../protocol/oauth-error.ts'

export class BodyRefused extends OAuthError {
  readonly #status: number
  constructor(status: 413 | 415, description: string) {
    super('invalid_request', description)
    this.#status = status
  }
  override get status(): number {
    return this.#status
  }
}

export async function readForm(request: Request, bodyBytesMax: number): Promise<URLSearchParams> {
  return new URLSearchParams(await readFormText(request, bodyBytesMax))
}

/** A form as it came. */
export async function readFormText(request: Request, bodyBytesMax: number): Promise<string> {
  requireType(request, 'application/x-www-form-urlencoded')
  return readText(request, bodyBytesMax)
}

export async function readJson(request: Request, bodyBytesMax: number): Promise<unknown> {
  return parseJson(await readJsonText(request, bodyBytesMax))
}

/** As it came: for what was signed, or is parsed elsewhere. */
export async function readJsonText(request: Request, bodyBytesMax: number): Promise<string> {
  requireType(request, 'application/json')
  return readText(request, bodyBytesMax)
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new OAuthError('invalid_request', 'The body is not JSON')
  }
}

function requireType(request: Request, wanted: string): void {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== wanted) throw new BodyRefused(415, `The body must be ${wanted}`)
}

/** Stops reading as soon as there is too much, whatever `Content-Length` says. */
export async function readText(request: Request, bodyBytesMax: number): Promise<string> {
  const announced = Number(request.headers.get('content-length') ?? 0)
  const tooLarge = () => new BodyRefused(413, `The body has over ${bodyBytesMax} bytes`)
  if (announced > bodyBytesMax) throw tooLarge()
  if (announced > 0) return request.text()
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > bodyBytesMax) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
