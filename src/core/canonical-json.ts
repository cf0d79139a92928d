import type { Json } from './case.ts';
import { compareText } from './identity.ts';

/** Keys sorted: jsonb gives them back in an order of its own. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const entries = Object.entries(value).toSorted(([a], [b]) => compareText(a, b));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

/** Array.isArray does not narrow a readonly array. */
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/**
 * 64 bits as hex: tells whether a text has changed. Not a secret and not an address, so no cryptography, which core does not have.
 * Two FNV-1a lanes of 32 bits with different starts and primes, each stirred at the end; BigInt would be ten times slower.
 */
export function textHash(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x050c5d1f;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b);
    b = (b << 13) | (b >>> 19);
  }
  return stir(a ^ text.length) + stir(b ^ a);
}

function stir(lane: number): string {
  let x = lane;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return ((x ^ (x >>> 16)) >>> 0).toString(16).padStart(8, '0');
}
