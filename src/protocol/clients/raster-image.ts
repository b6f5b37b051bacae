/**
 * What a few bytes are, when they are a picture: by the bytes alone, whatever their sender calls
 * them. A drawing that can hold script, as SVG can, is none.
 *
 * @see [RFC 7591 §2 - Client Metadata](https://www.rfc-editor.org/rfc/rfc7591.html#section-2) on `logo_uri`
 */

export const pixelsPerSideMax = 1024

export interface RasterImage {
  readonly type: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp'
  readonly width: number
  readonly height: number
}

/** Undefined for what is no small PNG, JPEG, GIF or WebP. */
export function readRasterImage(bytes: Buffer): RasterImage | undefined {
  const image = readPng(bytes) ?? readGif(bytes) ?? readWebp(bytes) ?? readJpeg(bytes)
  if (!image) return undefined
  const isSmall = [image.width, image.height].every((side) => side > 0 && side <= pixelsPerSideMax)
  return isSmall ? image : undefined
}

function begins(bytes: Buffer, text: string, at = 0): boolean {
  return bytes.toString('latin1', at, at + text.length) === text
}

function readPng(bytes: Buffer): RasterImage | undefined {
  if (bytes.length < 33 || !begins(bytes, '\x89PNG\r\n\x1a\n') || !begins(bytes, 'IHDR', 12)) {
    return undefined
  }
  return { type: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
}

function readGif(bytes: Buffer): RasterImage | undefined {
  const isGif = begins(bytes, 'GIF87a') || begins(bytes, 'GIF89a')
  if (!isGif || bytes.length < 14) return undefined
  return { type: 'image/gif', width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) }
}

/** The extended kind alone says its size in one place; of the others the frame does. */
function readWebp(bytes: Buffer): RasterImage | undefined {
  if (bytes.length < 30 || !begins(bytes, 'RIFF') || !begins(bytes, 'WEBP', 8)) return undefined
  const type = 'image/webp'
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8X':
      return { type, width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 }
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21)
      return { type, width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    }
    case 'VP8 ':
      return {
        type,
        width: bytes.readUInt16LE(26) & 0x3fff,
        height: bytes.readUInt16LE(28) & 0x3fff,
      }
    default:
      return undefined
  }
}

/** The size stands in the first frame header, behind segments that say how long they are. */
function readJpeg(bytes: Buffer): RasterImage | undefined {
  if (!begins(bytes, '\xff\xd8\xff')) return undefined
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1] ?? 0
    const isFrame = marker >= 0xc0 && marker <= 0xc2
    if (isFrame) {
      const [height, width] = [bytes.readUInt16BE(at + 5), bytes.readUInt16BE(at + 7)]
      return { type: 'image/jpeg', width, height }
    }
    at += 2 + bytes.readUInt16BE(at + 2)
  }
  return undefined
}
