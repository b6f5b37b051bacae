/** Addresses that a stranger may not send this server to, in every form that they are written in. */
import {
  isLoopbackAddress,
  isPublicAddress,
} from '../../../src/protocol/outbound/public-address.ts'
import { describe, expect, test } from '../../support/test.ts'

const refused: Record<string, readonly string[]> = {
  loopback: ['127.0.0.1', '127.255.0.9', '::1'],
  unspecified: ['0.0.0.0', '0.1.2.3', '::'],
  private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd12::1'],
  'link-local': ['169.254.1.1', 'fe80::1', 'fec0::1'],
  metadata: ['169.254.169.254', '168.63.129.16', '100.100.100.200', 'fd00:ec2::254', '192.0.0.192'],
  'shared by carriers': ['100.64.0.1', '100.127.255.255'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
  'reserved or for documents': ['192.0.2.1', '198.18.0.1', '203.0.113.1', '240.0.0.1', '3fff::1'],
  broadcast: ['255.255.255.255'],
  'IPv4 inside IPv6': ['::ffff:127.0.0.1', '::ffff:7f00:1', '::127.0.0.1', '::ffff:0:10.0.0.1'],
  NAT64: ['64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::7f00:1'],
  '6to4 and Teredo': ['2002:7f00:1::', '2002:a9fe:a9fe::', '2001:0:7f00:1::'],
  'not given out': ['4000::1', 'a000::1', '5f00::1', '100::1'],
  'no address': ['', 'localhost', '300.1.1.1', '2606:4700::1::1', 'https://8.8.8.8'],
}

describe('SECURITY 23: is not public', () => {
  for (const [what, addresses] of Object.entries(refused)) {
    test(what, () => {
      expect(addresses.filter(isPublicAddress)).toEqual([])
    })
  }
})

test('an address of the public internet is', () => {
  const addresses = ['8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700:4700::1111', '2a00:1450::1']
  expect(addresses.filter((address) => !isPublicAddress(address))).toEqual([])
})

test('only this machine is loopback', () => {
  expect(['127.0.0.1', '::1'].every(isLoopbackAddress)).toBe(true)
  expect(['10.0.0.1', '::ffff:127.0.0.1', 'localhost', ''].some(isLoopbackAddress)).toBe(false)
})
