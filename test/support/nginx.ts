/** A real nginx with one server of its own, taken where it is installed, or from NGINX_PATH. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './server.ts'

export const nginxPath = [process.env.NGINX_PATH, '/usr/sbin/nginx', '/usr/local/sbin/nginx'].find(
  (path) => path && existsSync(path),
)

export interface Nginx {
  readonly port: number
  stop(): Promise<void>
}

export interface NginxParts {
  /** What stands in the server, after where it listens. */
  readonly server: string
  /** Files beside the configuration, which may name them as they are named here. */
  readonly files?: Readonly<Record<string, string>>
  readonly tls?: boolean
}

export async function startNginx({ server, files = {}, tls = false }: NginxParts): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'grantlog-nginx-'))
  const port = await freePort()
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n')
  const configuration = `daemon off; master_process off; pid ${folder}/pid; error_log stderr;
    events {}
    http { access_log off; merge_slashes off; ${temporary}
      server { listen 127.0.0.1:${port}${tls ? ' ssl' : ''}; ${server} } }`
  for (const [name, text] of Object.entries({ ...files, 'nginx.conf': configuration })) {
    writeFileSync(join(folder, name), text)
  }
  const nginx = spawn(nginxPath ?? '', ['-p', folder, '-c', 'nginx.conf'], { stdio: 'inherit' })
  const ended = new Promise<void>((resolve) => nginx.once('exit', () => resolve()))
  await untilListening(port, ended)
  return {
    port,
    stop: async () => {
      nginx.kill()
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function untilListening(port: number, ended: Promise<void>): Promise<void> {
  const over = ended.then(() => Promise.reject(new Error('Cannot go on: nginx has ended')))
  const listening = async (): Promise<void> => {
    while (!(await isListening(port))) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  over.catch(() => undefined)
  await Promise.race([listening(), over])
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
