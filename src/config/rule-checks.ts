import { EXPECTED_FIELDS } from '../core/rule-options.ts';
import type { Fault, Path } from './faults.ts';
import { suggestion } from './nearest.ts';
import { blockAt, isBlock, listAt, textAt, type Block } from './tree.ts';

const PATH: Path = ['rules', 'missing_account'];
const NO_SOURCE =
  'must say which application expects whom, such as { nimble: { department: [Sales] } }; an empty block expects everybody: { nimble: {} }';

/** `missing_account`: which applications it names, and by which fields it tells whom they expect. */
export function checkExpectations(tree: Block): readonly Fault[] {
  const rule = blockAt(tree, 'rules')['missing_account'];
  // `true` would expect everybody everywhere: nobody means that, and nobody would see why.
  if (rule === true || rule === 'true') return [{ path: PATH, message: NO_SOURCE }];
  if (!isBlock(rule)) return [];
  if (Object.keys(rule).length === 0) return [{ path: PATH, message: NO_SOURCE }];
  const sources = listAt(tree, 'sources').filter(isBlock);
  return Object.entries(rule).flatMap(([name, fields]) => [...checkName(name, sources), ...checkFields(name, fields)]);
}

function checkName(name: string, sources: readonly Block[]): readonly Fault[] {
  const names = sources.flatMap((source) => textAt(source, 'name') ?? []);
  const path = [...PATH, name];
  const named = sources.find((source) => textAt(source, 'name') === name);
  if (named === undefined) return [{ path, message: `is the name of no source${suggestion(name, names)}` }];
  if (named['authoritative'] !== true && named['authoritative'] !== 'true') return [];
  return [{ path, message: 'is an authoritative source; name an application in which its people are expected' }];
}

function checkFields(name: string, fields: unknown): readonly Fault[] {
  if (!isBlock(fields)) return [];
  const known: readonly string[] = EXPECTED_FIELDS;
  return Object.entries(fields).flatMap(([field, values]): readonly Fault[] => {
    const path = [...PATH, name, field];
    if (!known.includes(field)) {
      return [{ path, message: `is no field that people can be told by${suggestion(field, known)}` }];
    }
    const isEmpty = Array.isArray(values) && values.length === 0;
    return isEmpty ? [{ path, message: 'accepts no value, so nobody would be expected; name one or take it out' }] : [];
  });
}
