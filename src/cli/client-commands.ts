/** The words of `grantlog client …` on the command line; what they do is in `client.ts`. */
import type { Command } from 'commander'
import type { Running } from './program.ts'

interface CreateOptions {
  readonly name: string
  readonly redirectUri: string[]
  readonly authMethod: string
  readonly scope?: string
  readonly grantType?: string[]
  readonly jwksUri?: string
  readonly certificate?: string
  readonly certificateName?: string
  readonly notifyAt?: string
}

const daySeconds = String(24 * 60 * 60)

export function addClientCommands(program: Command, running: Running): void {
  const client = program.command('client').description('applications that ask for access')
  addMaking(client, running)
  addChanging(client, running)
}

function addMaking(client: Command, { context, finish }: Running): void {
  client
    .command('create')
    .description('add a client that does not register itself; shows its id and secret once')
    .requiredOption('--name <name>', 'what people see when they are asked to consent')
    .option('--redirect-uri <uri...>', 'where answers go; may be said several times', [])
    .option('--auth-method <method>', 'how it proves itself', 'client_secret_basic')
    .option('--scope <scope>', 'what it asks for, separated by spaces')
    .option('--grant-type <type...>', 'what it may use; may be said several times')
    .option('--jwks-uri <url>', 'where its keys are, for private_key_jwt or a certificate')
    .option('--certificate <file>', 'the PEM whose key it has, for self_signed_tls_client_auth')
    .option(
      '--certificate-name <kind=name>',
      'how authorities know it, for tls_client_auth: subject_dn, san_dns, san_uri, san_ip or san_email',
    )
    .option('--notify-at <url>', 'where it is told of answers, if it asks people elsewhere (CIBA)')
    .action(async ({ redirectUri, grantType: grantTypes, ...options }: CreateOptions) => {
      const { createClient } = await import('./client.ts')
      const asked = { ...options, redirectUris: redirectUri }
      finish(await createClient(context, grantTypes ? { ...asked, grantTypes } : asked))
    })
  client
    .command('list')
    .description('show the newest clients')
    .action(async () => {
      const { listClients } = await import('./client.ts')
      finish(await listClients(context))
    })
  client
    .command('show <client_id>')
    .description('show one client')
    .action(async (clientId: string) => {
      const { showClient } = await import('./client.ts')
      finish(await showClient(context, clientId))
    })
}

function addChanging(client: Command, { context, finish }: Running): void {
  client
    .command('rotate-secret <client_id>')
    .description('make a new secret for a client that an operator added; shows it once')
    .option('--overlap-seconds <n>', 'how long the old one stays good', daySeconds)
    .action(async (clientId: string, { overlapSeconds }: { overlapSeconds: string }) => {
      const { rotateSecret } = await import('./client.ts')
      finish(await rotateSecret(context, { clientId, overlap: overlapSeconds }))
    })
  client
    .command('disable <client_id>')
    .description('refuse the client and all of its tokens until it is enabled')
    .requiredOption('--reason <words>', 'for the audit')
    .action(async (clientId: string, { reason }: { reason: string }) => {
      const { disableClient } = await import('./client.ts')
      finish(await disableClient(context, { clientId, reason }))
    })
  client
    .command('enable <client_id>')
    .description('take the client back')
    .action(async (clientId: string) => {
      const { enableClient } = await import('./client.ts')
      finish(await enableClient(context, clientId))
    })
  client
    .command('delete <client_id>')
    .description('end the client for ever')
    .action(async (clientId: string) => {
      const { deleteClient } = await import('./client.ts')
      finish(await deleteClient(context, clientId))
    })
}
