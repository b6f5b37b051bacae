/** A passkey made of a key pair: says whatever a test wants it to say. */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { authenticatorsDecider } from '../../src/domain/authenticators.ts'
import { execute } from '../../src/domain/execute.ts'
import type { TestServer } from './server.ts'

export interface Said {
  readonly challenge: string
  readonly origin: string
  readonly rpId?: string
  readonly userHandle?: string
  readonly type?: string
  readonly counter?: number
  /** Bit 0: somebody was there; bit 2: it was its person. */
  readonly flags?: number
}

export class SoftwarePasskey {
  readonly id = randomBytes(16).toString('base64url')
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  readonly #userId: string

  constructor(userId: string) {
    this.#userId = userId
  }

  /** As if it had been added on the account page. */
  async addTo({ services }: TestServer): Promise<void> {
    const { x = '', y = '' } = this.#keys.publicKey.export({ format: 'jwk' })
    // A COSE key in CBOR: EC2, ES256, P-256, and the two coordinates.
    const cose = Buffer.concat([
      Buffer.from('a5010203262001215820', 'hex'),
      Buffer.from(x, 'base64url'),
      Buffer.from('225820', 'hex'),
      Buffer.from(y, 'base64url'),
    ])
    const userId = this.#userId
    await execute<string>(services.log, { actor: 'cli', correlationId: 'test' }, (work) =>
      work.decide(authenticatorsDecider, userId, {
        kind: 'add passkey',
        userId,
        credentialId: this.id,
        publicKeyCose: cose.toString('base64url'),
        transports: ['internal'],
        synced: true,
        name: 'Software',
        now: services.now(),
      }),
    )
  }

  /** What the browser would send in the field `credential`. */
  answer({ challenge, origin, rpId = 'localhost', ...said }: Said): string {
    const { type = 'webauthn.get', counter = 0, flags = 0b101 } = said
    const clientData = Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }))
    const tail = Buffer.alloc(5)
    tail.writeUInt8(flags, 0)
    tail.writeUInt32BE(counter, 1)
    const authenticatorData = Buffer.concat([createHash('sha256').update(rpId).digest(), tail])
    const hash = createHash('sha256').update(clientData).digest()
    const signature = sign(
      'sha256',
      Buffer.concat([authenticatorData, hash]),
      this.#keys.privateKey,
    )
    return JSON.stringify({
      id: this.id,
      rawId: this.id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authenticatorData.toString('base64url'),
        signature: signature.toString('base64url'),
        userHandle: Buffer.from(said.userHandle ?? this.#userId).toString('base64url'),
      },
    })
  }
}
