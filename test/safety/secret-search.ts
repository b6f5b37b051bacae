/** Looks for secrets in bytes, in every spelling in which one could have got there. */

/** The secret as it may stand in bytes; in base64 of something longer it has three alignments. */
function spellings(secret: string): string[] {
  const base64 = [0, 1, 2].map((offset) => {
    const text = Buffer.from('\0'.repeat(offset) + secret).toString('base64')
    return text.slice(Math.ceil((offset * 8) / 6) + (offset > 0 ? 1 : 0), -4)
  })
  const hex = Buffer.from(secret).toString('hex')
  const base64url = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))
  const escaped = [encodeURIComponent(secret), encodeURIComponent(secret).replaceAll('%20', '+')]
  return [...new Set([secret, ...base64, ...base64url, hex, hex.toUpperCase(), ...escaped])]
}

/** The raw bytes of a token's random part, which a column could hold too. */
function rawBytes(secret: string): Buffer[] {
  const [, random] = /_([A-Za-z0-9_-]{43})[A-Za-z0-9_-]{6}$/.exec(secret) ?? []
  return random === undefined ? [] : [Buffer.from(random, 'base64url')]
}

/** The names of the secrets that these bytes hold. */
export function secretsIn(bytes: Buffer, planted: ReadonlyMap<string, string>): string[] {
  return [...planted]
    .filter(([, secret]) => {
      const needles = [...spellings(secret).map((text) => Buffer.from(text)), ...rawBytes(secret)]
      return needles.some((needle) => bytes.includes(needle))
    })
    .map(([name]) => name)
}
