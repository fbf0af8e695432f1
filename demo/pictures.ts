/**
 * Pictures to label in the demo, drawn here so that they are nobody's: shapes that look like chest X-rays
 * and like skin with a mark. A tiny PNG writer on node:zlib. Never imported by src.
 */
import { crc32, deflateSync } from "node:zlib";

const size = 512;

/** A pixel's colour, each part 0 to 255, at x and y from -1 to 1. */
type Paint = (x: number, y: number) => readonly [number, number, number];

/** Numbers from 0 to 1 that look random and are the same for one seed. */
export function noiseFrom(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 374_761_393) >>> 0;
    return state / 4_294_967_296;
  };
}

/** 1 inside an ellipse, 0 outside, with a soft edge. */
function ellipse(x: number, y: number, at: { x: number; y: number; rx: number; ry: number }) {
  const distance = Math.hypot((x - at.x) / at.rx, (y - at.y) / at.ry);
  return Math.max(0, Math.min(1, (1.08 - distance) / 0.16));
}

/** A shape like a chest X-ray; odd seeds have an opacity in one lung. */
export function chestXRay(seed: number): Buffer {
  const random = noiseFrom(seed);
  const [tilt, side] = [(random() - 0.5) * 0.1, random() < 0.5 ? -1 : 1];
  const opacity = { x: side * 0.42, y: -0.2 + random() * 0.5, rx: 0.13, ry: 0.11 };
  const heart = { x: 0.12, y: 0.32, rx: 0.24 + random() * 0.06, ry: 0.28 };
  return png((x, y) => {
    const leaning = x + tilt * y;
    const body = ellipse(leaning, y, { x: 0, y: 0.2, rx: 0.92, ry: 1.25 });
    const lungs = Math.max(
      ellipse(leaning, y, { x: -0.42, y: 0, rx: 0.32, ry: 0.68 }),
      ellipse(leaning, y, { x: 0.42, y: 0, rx: 0.32, ry: 0.68 }),
    );
    const ribs = 0.5 + 0.5 * Math.sin(22 * (y + 0.35 * leaning * leaning));
    const spine = Math.exp(-((leaning / 0.09) ** 2));
    const shadow = seed % 2 === 1 ? ellipse(leaning, y, opacity) : 0;
    const light =
      25 + body * 130 - lungs * (95 - 28 * ribs) + spine * 45 + ellipse(x, y, heart) * 35;
    const grey = clamp(light + shadow * 75 + (random() - 0.5) * 14);
    return [grey, grey, grey];
  });
}

/** A shape like skin with one mark, more or less regular. */
export function skinLesion(seed: number): Buffer {
  const random = noiseFrom(seed + 1000);
  const [lobes, uneven] = [2 + Math.floor(random() * 3), random() * 0.18];
  const [atX, atY, radius] = [random() * 0.4 - 0.2, random() * 0.4 - 0.2, 0.3 + random() * 0.2];
  return png((x, y) => {
    const [dx, dy] = [x - atX, y - atY];
    const edge = radius * (1 + uneven * Math.sin(lobes * Math.atan2(dy, dx) + seed));
    const inside = Math.max(0, Math.min(1, (edge - Math.hypot(dx, dy)) / 0.06));
    const grain = (random() - 0.5) * 16 + 3 * Math.sin(31 * x + 2 * Math.sin(9 * y));
    const blotch = 30 * Math.sin(13 * dx + seed) * Math.sin(11 * dy);
    return [
      clamp(226 + grain - inside * (110 + blotch)),
      clamp(182 + grain - inside * (115 + blotch)),
      clamp(160 + grain - inside * (95 + blotch)),
    ];
  });
}

const clamp = (value: number): number => Math.max(0, Math.min(255, Math.round(value)));

/** A square picture, eight bits a colour. */
function png(paint: Paint): Buffer {
  const rows = Buffer.alloc(size * (1 + size * 3));
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const colour = paint((2 * column) / size - 1, (2 * row) / size - 1);
      rows.set(colour, row * (1 + size * 3) + 1 + column * 3);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  // Eight bits, red green blue; deflate, no filter, not interlaced.
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 6 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(data.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}
