#!/usr/bin/env node
/**
 * Runs the checkout's command line: finds Bun, which npm installed beside us, and hands over to
 * `src/main.ts`. Plain Node 20 without dependencies, because it also has to work when the
 * installation did not.
 */
import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const parentWatchMs = 500
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP']

const bun = findBun()
if (bun) {
  run(bun)
} else {
  console.error('Cannot start: Bun is not there. It comes with the dependencies: run npm install')
  process.exitCode = 1
}

function findBun() {
  if (process.versions.bun) return process.execPath
  const name = process.platform === 'win32' ? 'bun.exe' : 'bun'
  const candidates = [
    // npm's package calls its program bun.exe on every system.
    join(root, 'node_modules', 'bun', 'bin', 'bun.exe'),
    join(root, 'node_modules', '.bin', name),
    ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)),
  ]
  return candidates.find(isExecutable)
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function run(program) {
  // Bun reads how to compile pages from the tsconfig of the folder that it is called in.
  const tsconfig = `--tsconfig-override=${join(root, 'tsconfig.json')}`
  const args = [tsconfig, join(root, 'src', 'main.ts'), ...process.argv.slice(2)]
  const child = spawn(program, args, { stdio: 'inherit' })
  for (const signal of forwarded) {
    process.on(signal, () => {
      // A terminal sends Ctrl+C to both of us; twice would mean impatience.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  if (process.env.npm_lifecycle_event) followParent(() => child.kill('SIGTERM'))
  child.on('error', (error) => {
    console.error(`Cannot start "${program}": ${error.message}`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    if (signal) {
      for (const name of forwarded) process.removeAllListeners(name)
      process.kill(process.pid, signal)
    } else {
      process.exitCode = code ?? 1
    }
  })
}

/** npm starts us through a shell, and a shell that is told to end does not tell us. */
function followParent(orphaned) {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    orphaned()
  }, parentWatchMs)
  watch.unref()
}
