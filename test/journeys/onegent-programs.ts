/**
 * What a developer writes who follows Onegent's guide without a library: a function in TypeScript
 * that calls a tool, and a whole program in Python that knows nothing but its standard library.
 */
import { spawn } from 'node:child_process'
import { pythonPath } from '../support/capabilities.ts'
import type { TestServer } from '../support/server.ts'

export async function callTool(
  base: string,
  accessToken: string,
  { name, given }: { name: string; given: object },
): Promise<unknown> {
  const response = await fetch(`${base}/api/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${accessToken}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: crypto.randomUUID(),
      method: 'tools/call',
      params: { name, arguments: given },
    }),
  })
  if (!response.ok) throw new Error(`Cannot call the tool: ${await response.text()}`)
  return response.json()
}

/** Prints where to send the person, reads the code from its input, and prints what the tool said. */
const program = `
import base64, hashlib, json, os, secrets, urllib.parse, urllib.request

base = os.environ["BASE"]
client_id, client_secret = os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]
redirect_uri = os.environ["REDIRECT_URI"]

def url_safe(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")

def send(path, body, headers):
    request = urllib.request.Request(base + path, data=body.encode(), headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)

verifier = url_safe(secrets.token_bytes(32))
print(base + "/oauth/authorize?" + urllib.parse.urlencode({
    "response_type": "code",
    "client_id": client_id,
    "redirect_uri": redirect_uri,
    "scope": "book read",
    "state": secrets.token_hex(8),
    "code_challenge": url_safe(hashlib.sha256(verifier.encode()).digest()),
    "code_challenge_method": "S256",
}), flush=True)

both = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
tokens = send("/oauth/token", urllib.parse.urlencode({
    "grant_type": "authorization_code",
    "code": input(),
    "redirect_uri": redirect_uri,
    "code_verifier": verifier,
}), {"Authorization": "Basic " + both})

print(json.dumps(send("/api/mcp", json.dumps({
    "jsonrpc": "2.0",
    "id": secrets.token_hex(8),
    "method": "tools/call",
    "params": {"name": "book_restaurant", "arguments": json.loads(os.environ["BOOKING"])},
}), {
    "Authorization": "Bearer " + tokens["access_token"],
    "Content-Type": "application/json",
    "Accept": "application/json, text/event-stream",
})))
`

interface ProgramOptions {
  readonly clientId: string
  readonly clientSecret: string
  readonly redirectUri: string
  readonly booking: object
}

/** Runs the program, and answers the consent that it asks for. */
export async function runPython(server: TestServer, options: ProgramOptions): Promise<unknown> {
  const child = spawn(pythonPath ?? 'python3', ['-c', program], {
    env: {
      ...process.env,
      BASE: server.url,
      CLIENT_ID: options.clientId,
      CLIENT_SECRET: options.clientSecret,
      REDIRECT_URI: options.redirectUri,
      BOOKING: JSON.stringify(options.booking),
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  let rest = ''
  for await (const chunk of child.stdout) {
    rest += String(chunk)
    const [...whole] = rest.split('\n')
    rest = whole.pop() ?? ''
    for (const line of whole) {
      lines.push(line)
      if (lines.length > 1) continue
      const back = await server.person().answer(line)
      child.stdin.end(`${back.searchParams.get('code')}\n`)
    }
  }
  return JSON.parse(lines[1] ?? 'null')
}
