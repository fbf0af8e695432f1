/**
 * A sound to label in the demo, made here so that it is nobody's: the pulse of a vessel as a Doppler
 * probe hears it. Written as WAV, 16 bits, one channel. Never imported by src.
 */
import { noiseFrom } from "./pictures.ts";

const rate = 8_000;
const seconds = 8;

/** A pulse of noise; odd seeds are quicker and sharper, as behind a narrow place. */
export function dopplerSound(seed: number): Buffer {
  const random = noiseFrom(seed + 2000);
  const isNarrow = seed % 2 === 1;
  const beat = isNarrow ? 0.62 : 0.9;
  const samples = Buffer.alloc(rate * seconds * 2);
  let [low, band] = [0, 0];
  for (let index = 0; index < rate * seconds; index += 1) {
    const phase = ((index / rate) % beat) / beat;
    const flow =
      Math.exp(-(((phase - 0.15) / 0.09) ** 2)) + 0.35 * Math.exp(-(((phase - 0.5) / 0.2) ** 2));
    // A resonance whose pitch follows the flow, fed with noise.
    const pitch = 2 * Math.sin((Math.PI * (200 + (isNarrow ? 1_500 : 700) * flow)) / rate);
    low += pitch * band;
    band += pitch * (random() - 0.5 - low - 0.4 * band);
    const level = Math.max(-1, Math.min(1, band * (0.05 + flow) * 1.5));
    samples.writeInt16LE(Math.round(level * 30_000), index * 2);
  }
  return wav(samples);
}

function wav(samples: Buffer): Buffer {
  const header = Buffer.alloc(44);
  header.write("RIFF", 0, "latin1");
  header.writeUInt32LE(36 + samples.length, 4);
  header.write("WAVEfmt ", 8, "latin1");
  header.writeUInt32LE(16, 16);
  // PCM, one channel.
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36, "latin1");
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}
