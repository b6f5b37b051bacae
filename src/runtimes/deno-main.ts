/** The program on Deno: the same command line. `npm run start:deno` runs it with what it needs. */
import process from 'node:process'
import { runCli } from '../cli/program.ts'
import { denoRuntime } from './deno.ts'

process.exitCode = await runCli(process.argv.slice(2), denoRuntime)
