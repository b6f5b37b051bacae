/**
 * Log lines: JSON for machines, one readable line each on a terminal, always written by this
 * process itself (pino's own transports need files that a compiled binary does not have).
 *
 * Nothing secret goes out: fields are hidden by name at every depth, a value that looks like one
 * of our tokens is cut wherever it stands, and an error loses the values of its SQL statement.
 */
import pino from 'pino'
import type { LogFields, Logger } from '../domain/logger.ts'

export interface LoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Readable lines instead of JSON. */
  readonly pretty?: boolean
  readonly colours?: boolean
  write(line: string): void
}

const depthMax = 6
const hidden = '[hidden]'

const secretName =
  /^(authorization|cookie|set-?cookie|code|state|nonce|otp|secret|token|password)$|(password|secret|passphrase|verifier|_?token|_code)$|^(access|refresh|id)_?token$/i

/** `<prefix>_<kind>_<a lot of base64url>` */
const tokenText = /\b([a-z][a-z0-9]{0,15}_[a-z]{2,6}_)[A-Za-z0-9_-]{20,}/g

const colourOf: Readonly<Record<string, string>> = {
  debug: '\x1b[90m',
  info: '\x1b[36m',
  warn: '\x1b[33m',
  error: '\x1b[31m',
}

export function createLogger(options: LoggerOptions): Logger {
  const { level, pretty = false } = options
  const log = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: pretty ? (line) => options.write(readable(line, options)) : options.write },
  )
  return {
    debug: (fields, message) => log.debug(redacted(fields), cut(message)),
    info: (fields, message) => log.info(redacted(fields), cut(message)),
    warn: (fields, message) => log.warn(redacted(fields), cut(message)),
    error: (fields, message) => log.error(redacted(fields), cut(message)),
  }
}

function redacted(fields: LogFields): Record<string, unknown> {
  return redactedEntries(fields, 0)
}

function redactedEntries(fields: object, depth: number): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    result[name] = secretName.test(name) ? hidden : redactedValue(value, depth + 1)
  }
  return result
}

function redactedValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cut(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (depth > depthMax) return '[deeper]'
  if (value instanceof Error) return errorFields(value, depth)
  if (ArrayBuffer.isView(value)) return '[bytes]'
  if (value instanceof URL) return cut(`${value.origin}${value.pathname}`)
  if (Array.isArray(value)) return value.map((item) => redactedValue(item, depth + 1))
  return redactedEntries(value, depth)
}

/** A failed statement's message ends with its values: "…\nparams: a@b.c,…". */
function errorFields(error: Error, depth: number): Record<string, unknown> {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s*at /.test(line))
  return {
    name: error.name,
    message: cut(error.message.replace(/\nparams:[\s\S]*$/, '')),
    ...('code' in error ? { errorCode: String(error.code) } : {}),
    stack: frames.map((frame) => frame.trim()),
    ...(error.cause === undefined ? {} : { cause: redactedValue(error.cause, depth + 1) }),
  }
}

function cut(text: string): string {
  return text.replace(tokenText, `$1${hidden}`)
}

/** `12:04:05 info  Request answered  method=GET status=200` */
function readable(line: string, { colours = false }: LoggerOptions): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>
  const paint = (colour: string, text: string) => (colours ? `${colour}${text}\x1b[0m` : text)
  const label = String(level)
  const rest = Object.entries(fields)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ')
  return [
    paint('\x1b[90m', new Date(String(time)).toTimeString().slice(0, 8)),
    paint(colourOf[label] ?? '', label.padEnd(5)),
    String(msg),
    ...(rest === '' ? [] : [paint('\x1b[90m', rest)]),
  ]
    .join(' ')
    .concat('\n')
}
