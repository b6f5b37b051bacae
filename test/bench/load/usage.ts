/** CPU time and memory of processes, every thread of theirs included. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

export interface Usage {
  readonly cpuSeconds: number
  readonly memoryMb: number
  /** The part of it that stands in no file, as code and libraries do; 0 where that is not told. */
  readonly anonymousMb: number
}

export function usageOf(processIds: readonly number[]): Usage {
  const each = processIds.map(process.platform === 'linux' ? fromProc : fromPs)
  return {
    cpuSeconds: each.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    memoryMb: each.reduce((sum, { memoryMb }) => sum + memoryMb, 0),
    anonymousMb: each.reduce((sum, { anonymousMb }) => sum + anonymousMb, 0),
  }
}

function fromProc(pid: number): Usage {
  const threads = readdirSync(`/proc/${pid}/task`)
  const ofThreads = threads.reduce((sum, thread) => sum + onCpu(pid, thread), 0)
  const cpuSeconds = Math.max(ofThreads, withEndedThreads(pid))
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kilobytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)?.[1] ?? 0)
  const [memoryMb, anonymousMb] = [kilobytes('VmRSS') / 1024, kilobytes('RssAnon') / 1024]
  return { cpuSeconds, memoryMb, anonymousMb }
}

/** To the nanosecond, where `stat` counts in hundredths of a second. */
function onCpu(pid: number, thread: string): number {
  try {
    const [nanoseconds] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')
    return Number(nanoseconds) / 1e9
  } catch {
    // It ended since it was listed.
    return 0
  }
}

/** To the hundredth, as the system counts it for a whole process. */
function withEndedThreads(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [user, system] = [Number(fields[11]), Number(fields[12])]
  return (user + system) / 100
}

function fromPs(pid: number): Usage {
  const ps = spawnSync('ps', ['-o', 'time=,rss=', '-p', String(pid)], { encoding: 'utf8' })
  const [time = '0', kilobytes = '0'] = ps.stdout.trim().split(/\s+/)
  const cpuSeconds = time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  return { cpuSeconds, memoryMb: Number(kilobytes) / 1024, anonymousMb: 0 }
}
