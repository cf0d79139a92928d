import type { IdentityRecord, NamelyProfile, NimbleMember, Person } from '../../../src/sandbox/world.ts';
import type { Random } from './random.ts';

/** What is true on a day: whom each system has, in the order in which it lists them. */
export class Staff {
  readonly #people = new Map<string, Person>();
  #count = 0;

  get people(): readonly Person[] {
    return [...this.#people.values()];
  }
  get keys(): readonly string[] {
    return [...this.#people.keys()];
  }

  /** The next key: `w007` for people who work here, another letter for accounts of nobody. */
  newKey(letter: 'w' | 'x'): string {
    this.#count += 1;
    return `${letter}${String(this.#count).padStart(3, '0')}`;
  }

  of(key: string): Person {
    return this.#people.get(key) ?? {};
  }
  identity(key: string, fields: Partial<IdentityRecord>): void {
    const { identity = { id: `d-${key}`, ...toNames(key), status: 'active' } } = this.of(key);
    this.#people.set(key, { ...this.of(key), identity: { ...identity, ...fields } });
  }
  noIdentity(key: string): void {
    this.#people.set(key, { ...this.of(key), identity: undefined });
  }
  nimble(key: string, fields: Partial<NimbleMember>): void {
    const [first, ...others] = this.of(key).nimble ?? [];
    const member = first ?? { id: `n-${key}`, ...toNames(key), role: 'user' };
    this.#people.set(key, { ...this.of(key), nimble: [{ ...member, ...fields }, ...others] });
  }
  secondNimble(key: string, member: NimbleMember | undefined): void {
    const first = this.of(key).nimble?.slice(0, 1) ?? [];
    this.#people.set(key, { ...this.of(key), nimble: member === undefined ? first : [...first, member] });
  }
  noNimble(key: string): void {
    this.#people.set(key, { ...this.of(key), nimble: undefined });
  }
  /** Every change carries the moment at which it was made, as the vendor's do. */
  namely(key: string, at: string, fields: Partial<NamelyProfile>): void {
    const made = { id: `p-${key}`, ...toNames(key), status: 'active', department: 'Sales', createdAt: at };
    const profile = this.of(key).namely?.[0] ?? made;
    this.#people.set(key, { ...this.of(key), namely: [{ ...profile, ...fields, updatedAt: at }] });
  }
  noNamely(key: string): void {
    this.#people.set(key, { ...this.of(key), namely: undefined });
  }
}

/** People about whom all systems agree, their profiles last changed in no order at all over the year before. */
export function hire(staff: Staff, count: number, random: Random, before: string): void {
  for (let index = 0; index < count; index += 1) {
    const key = staff.newKey('w');
    const at = new Date(Date.parse(before) - (1 + random.below(365 * 24 * 60)) * 60_000).toISOString();
    staff.identity(key, {});
    staff.nimble(key, random.chance(0.1) ? { role: 'admin' } : {});
    staff.namely(key, at, {});
  }
}

function toNames(key: string): { readonly email: string; readonly givenName: string; readonly familyName: string } {
  return { email: `${key}@example.com`, givenName: `Given ${key}`, familyName: `Family ${key}` };
}
