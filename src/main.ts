/** The program: the command line on Bun. `npm run build` makes the binary from here. */
import process from 'node:process'
import { runCli } from './cli/program.ts'
import { bunRuntime } from './runtimes/bun.ts'

process.exitCode = await runCli(process.argv.slice(2), bunRuntime)
