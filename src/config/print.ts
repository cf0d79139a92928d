import { stringify } from 'yaml';
import { z } from 'zod';
import { ConfigFile } from './schema.ts';
import { maskDocument } from './secrets.ts';

/** The effective configuration in the file's own words, every default written out, every secret `***`. */
export function renderConfig(document: ConfigFile, format: 'yaml' | 'json'): string {
  // The same codecs that read durations write them, so what is printed can be read again.
  const written = z.encode(ConfigFile, maskDocument(document));
  const plain: unknown = JSON.parse(JSON.stringify(written));
  return format === 'json' ? `${JSON.stringify(plain, undefined, 2)}\n` : stringify(plain);
}
