/**
 * Which addresses are somewhere on the public internet, and so may be asked for what a stranger
 * has named. Everything else is refused: this machine, its networks, the metadata services of
 * clouds, and the forms of IPv6 that carry an IPv4 address inside.
 *
 * @see [RFC 6890 §2.2 - Special-Purpose Address Registries](https://www.rfc-editor.org/rfc/rfc6890.html#section-2.2)
 */
import ipaddr from 'ipaddr.js'

/** All that is given out for the public internet (RFC 4291 §2.4 and IANA's registry). */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')

/** It lies among public addresses, and answers every machine of a cloud with that cloud's secrets. */
const azureMetadata = '168.63.129.16'

/** True for an IP address, in text, of a machine that anybody may reach. */
export function isPublicAddress(text: string): boolean {
  const address = parsed(text)
  if (address?.range() !== 'unicast') return false
  if (address instanceof ipaddr.IPv6) return address.match(globalUnicast)
  return address.toString() !== azureMetadata
}

/** True for an IP address, in text, of this machine and no other. */
export function isLoopbackAddress(text: string): boolean {
  return parsed(text)?.range() === 'loopback'
}

function parsed(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  return ipaddr.isValid(text) ? ipaddr.parse(text) : undefined
}
