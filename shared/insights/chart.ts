import { crc32, deflateSync } from 'node:zlib';

/** A picture: its bytes, and its size in pixels. */
export interface Picture {
  content: Uint8Array;
  contentType: 'image/png';
  width: number;
  height: number;
}

/** Paper, grid, bar: red, green, blue. Light and dark mails show the picture on its own paper. */
const palette = [0xff, 0xff, 0xff, 0xe5, 0xe7, 0xeb, 0x1d, 0x4e, 0xd8];
const [paper, grid, bar] = [0, 1, 2] as const;
const gridLines = 4;

/**
 * Bars of the values in their order, over a grid of quarters of the greatest; what is less than nothing has none. A PNG, because mail
 * clients show neither SVG nor script.
 */
export function barChart(values: readonly number[], { width = 1_088, height = 320 } = {}): Picture {
  const pixels = Array.from({ length: height }, () => new Uint8Array(width).fill(paper));
  for (let line = 0; line <= gridLines; line++) {
    const y = Math.round(((height - 1) * line) / gridLines);
    pixels[y]!.fill(grid);
  }
  const most = Math.max(0, ...values);
  const room = width / Math.max(1, values.length);
  values.forEach((value, n) => {
    const tall = most > 0 ? Math.round((Math.max(0, value) / most) * height) : 0;
    const [from, to] = [Math.round(room * (n + 0.15)), Math.round(room * (n + 0.85))];
    for (let y = height - tall; y < height; y++) pixels[y]!.fill(bar, from, Math.max(from + 1, to));
  });
  return { content: png(pixels, width), contentType: 'image/png', width, height };
}

/** An image of indexed colours, eight bits a pixel. Source: PNG (ISO/IEC 15948), 11.2. */
function png(rows: readonly Uint8Array[], width: number): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(rows.length, 4);
  header.set([8, 3, 0, 0, 0], 8);
  // Each row begins with the number of its filter: none.
  const lines = Buffer.concat(rows.map((row) => Buffer.concat([Buffer.of(0), row])));
  return Buffer.concat([
    Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette)),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
