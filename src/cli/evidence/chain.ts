import { createHash, type Hash } from 'node:crypto';

/** Of the files and of what the digests cover: another one is read by another program. */
export const EVIDENCE_FORMAT = 'rollcall-evidence/1';

/** In a line of a dataset, before its end: `,"chain":"<64 hex digits>"}`. */
const CHAIN = /^(.*),"chain":"([0-9a-f]{64})"\}$/su;

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function startSha256(): Hash {
  return createHash('sha256');
}

/** Where the chain of a dataset begins: not where that of another one does, so that no file can stand for another. */
export function chainStart(dataset: string): string {
  return sha256(`${EVIDENCE_FORMAT} ${dataset}`);
}

/** Each row is bound to all before it: a changed, lost, added or moved one breaks the chain from there on. */
export function chainNext(before: string, json: string): string {
  return sha256(`${before}\n${json}`);
}

/** `json` is one object with at least one column. */
export function chainedLine(json: string, chain: string): string {
  return `${json.slice(0, -1)},"chain":"${chain}"}\n`;
}

/** The row as it was hashed, and the chain that stands in its line; undefined for a line of another shape. */
export function splitLine(line: string): { readonly json: string; readonly chain: string } | undefined {
  const match = CHAIN.exec(line);
  const [, body, chain] = match ?? [];
  return body === undefined || chain === undefined ? undefined : { json: `${body}}`, chain };
}
