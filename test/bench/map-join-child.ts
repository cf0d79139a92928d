import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { findingsOf, readLine, type Row } from './map-join.ts';
import { peakRssBytes } from './peak.ts';

// The join and classification of `duckdb.ts` as a program would write it that keeps all identities in memory: objects in a Map. Reads the two files of
// `plain-table.ts`; arguments: their paths and today. Answers the time, its peak memory and how many findings of each rule.

const [directory = '', application = '', today = ''] = process.argv.slice(2);
const start = performance.now();
const byEmail = new Map<string, Row[]>();
const byAlias = new Map<string, Row[]>();
const owned = new Map<string, number>();
const found = new Map<string, number>();
const add = (rule: string, count = 1): void => void found.set(rule, (found.get(rule) ?? 0) + count);

for await (const line of createInterface({ input: createReadStream(directory) })) {
  const row = readLine(line, today);
  if (row.email !== undefined) byEmail.set(row.email, [...(byEmail.get(row.email) ?? []), row]);
  for (const alias of row.aliases) byAlias.set(alias, [...(byAlias.get(alias) ?? []), row]);
  if (row.isUsable && row.hasEnded) add('lifecycle_conflict');
}
for await (const line of createInterface({ input: createReadStream(application) })) {
  const row = readLine(line, today);
  const direct = row.email === undefined ? [] : (byEmail.get(row.email) ?? []);
  const others = [row.email ?? '', ...row.aliases].flatMap((key) => byAlias.get(key) ?? []);
  const people = [
    ...new Set(direct.length > 0 ? direct : [...others, ...row.aliases.flatMap((key) => byEmail.get(key) ?? [])]),
  ];
  for (const rule of findingsOf(row, people, today)) add(rule);
  const [person] = people;
  if (people.length === 1 && person !== undefined && row.isUsable)
    owned.set(person.id, (owned.get(person.id) ?? 0) + 1);
}
add('duplicate_account', [...owned.values()].filter((count) => count > 1).length);
process.send?.({
  ms: performance.now() - start,
  peakRssBytes: peakRssBytes(),
  found: Object.fromEntries(found),
});
process.disconnect();
