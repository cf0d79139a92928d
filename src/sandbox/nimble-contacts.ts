import { parseCount, toJsonAnswer, type Answer, type Lens, type SandboxRequest } from './answer.ts';
import { PRIVATE_CANARY, type JsonObject } from './world.ts';

const PAGE_SIZE = { standard: 30, max: 100 };

/** `/contacts` is told by its number alone: only how full it is matters. Nothing of a contact may be kept. */
export function answerContacts(count: number, query: SandboxRequest['query'], lens: Lens): Answer {
  const held = lens.empty ? 0 : count;
  const max = Math.min(PAGE_SIZE.max, lens.perPageMax ?? PAGE_SIZE.max);
  const perPage = Math.min(parseCount(query['per_page']) ?? PAGE_SIZE.standard, max);
  const page = parseCount(query['page']) ?? 1;
  const first = (page - 1) * perPage;
  const length = Math.max(0, Math.min(perPage, held - first));
  const resources = Array.from({ length }, (_unused, index) => toContact(first + index + 1));
  const total = lens.total ?? held;
  return toJsonAnswer(200, { resources, meta: { page, pages: Math.ceil(held / perPage), per_page: perPage, total } });
}

function toContact(number: number): JsonObject {
  return {
    id: `4f69fb852ab3740c${String(number).padStart(8, '0')}`,
    fields: {
      'first name': [{ value: `${PRIVATE_CANARY}contact` }],
      email: [{ value: `${PRIVATE_CANARY}contact-${number}@example.net`, modifier: 'work' }],
    },
  };
}
