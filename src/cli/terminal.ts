/** Where a command speaks to a person: plain lines, with colour only where a terminal shows it. */
import process from 'node:process'

export interface Terminal {
  /** Whether a person is looking: what must not land in a file is said only then. */
  readonly interactive: boolean
  readonly colours: boolean
  print(text: string): void
  /** For what went wrong: standard error. */
  complain(text: string): void
  bold(text: string): string
  dim(text: string): string
  colour(name: 'green' | 'red', text: string): string
}

export function openTerminal(env: Readonly<Record<string, string | undefined>>): Terminal {
  // Whoever reads us may have read enough: `grantlog settings | head`.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  const interactive = process.stdout.isTTY === true
  const colours = interactive && !env.NO_COLOR && env.TERM !== 'dumb'
  const styled = (code: number, text: string) => (colours ? `\x1b[${code}m${text}\x1b[0m` : text)
  return {
    interactive,
    colours,
    print: (text) => void process.stdout.write(`${text}\n`),
    complain: (text) => void process.stderr.write(`${text}\n`),
    bold: (text) => styled(1, text),
    dim: (text) => styled(2, text),
    colour: (name, text) => styled(name === 'green' ? 32 : 31, text),
  }
}
