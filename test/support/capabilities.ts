/**
 * What a machine may lack, and which tests it then leaves out. A group that needs something says
 * so where it begins:
 *
 *   describe.skipIf(!chromiumPath)('the pages in a browser', …)
 *
 * `run-tests.ts` names what is missing at its end, and fails over it in CI.
 */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { conformanceAvailable } from './conformance.ts'
import { libsqlServerAvailable } from './libsql-server.ts'

/** A Chromium to drive, or undefined. `CHROMIUM_PATH` names one that stands elsewhere. */
export const chromiumPath: string | undefined = findChromium()

/** An interpreter for programs as our clients' authors write them, or undefined. */
export const pythonPath: string | undefined = findProgram(['python3'])

export interface Capability {
  readonly present: boolean
  /** The tests that need it. */
  readonly tests: string
  readonly missing: string
}

export const capabilities: readonly Capability[] = [
  {
    present: chromiumPath !== undefined,
    tests: 'the pages in a real browser',
    missing: 'no Chromium found; install one, or name it in CHROMIUM_PATH',
  },
  {
    present: pythonPath !== undefined,
    tests: 'a client in Python against the preset that it was written for',
    missing: 'no python3 found',
  },
  {
    present: libsqlServerAvailable,
    tests: 'the store, and two server processes, on a real libSQL server',
    missing: 'its program exists on npm for Linux on x64 alone',
  },
  {
    present: conformanceAvailable,
    tests: 'the conformance suite of MCP',
    missing: 'it could not be installed from npm',
  },
]

function findChromium(): string | undefined {
  const chosen = process.env.CHROMIUM_PATH
  if (chosen) return isExecutable(chosen) ? chosen : undefined
  return findProgram(['chromium', 'chromium-browser', 'google-chrome'])
}

function findProgram(names: readonly string[]): string | undefined {
  const folders = ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter)]
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
