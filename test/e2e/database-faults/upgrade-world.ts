import { aWorld, type World } from '../../../src/sandbox/world.ts';
import { somePeople } from '../../support/sandbox.ts';

const LEAVER = { givenName: 'Lea', familyName: 'Gone', email: 'lea.gone@example.com' };
const stray = (id: string) => ({ nimble: [{ id, email: `${id}@elsewhere.example` }] });

/**
 * The company whose database the fixtures hold. An older program has read it twice: first with `extra`, a stray account that was gone
 * the second time. `waived` was waived; the account of `pinned` was linked by a person.
 */
export function upgradeWorld(time: 'first' | 'second'): World {
  const people = [
    ...somePeople(6),
    { identity: { ...LEAVER, id: 'I-lea', status: 'inactive' }, nimble: [{ ...LEAVER, id: 'N-lea', role: 'user' }] },
    stray('open'),
    stray('waived'),
    stray('pinned'),
    ...(time === 'first' ? [stray('extra')] : []),
  ];
  return aWorld({ people });
}
