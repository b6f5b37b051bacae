/** CPU time and memory of processes, every thread of theirs included. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** What Linux counts CPU time in; the same on every architecture that it runs on here. */
const ticksPerSecond = 100

export interface Usage {
  readonly cpuSeconds: number
  readonly memoryMb: number
}

export function usageOf(processIds: readonly number[]): Usage {
  const each = processIds.map(process.platform === 'linux' ? fromProc : fromPs)
  return {
    cpuSeconds: each.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    memoryMb: each.reduce((sum, { memoryMb }) => sum + memoryMb, 0),
  }
}

function fromProc(pid: number): Usage {
  // The program's name stands in brackets and may hold spaces; what follows it is numbers.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const memoryMb = Number(/VmRSS:\s*(\d+) kB/.exec(status)?.[1] ?? 0) / 1024
  return { cpuSeconds, memoryMb }
}

function fromPs(pid: number): Usage {
  const ps = spawnSync('ps', ['-o', 'time=,rss=', '-p', String(pid)], { encoding: 'utf8' })
  const [time = '0', kilobytes = '0'] = ps.stdout.trim().split(/\s+/)
  const cpuSeconds = time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  return { cpuSeconds, memoryMb: Number(kilobytes) / 1024 }
}
