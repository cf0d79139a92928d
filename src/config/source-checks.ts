import { extname } from 'node:path';
import { parseEmail } from '../core/email.ts';
import type { Fault } from './faults.ts';
import { suggestion } from './nearest.ts';
import { isBlock, listAt, textAt, type Block } from './tree.ts';

/** What the keys of one source say about each other, and the sources about one another. */
export function checkSources(tree: Block): readonly Fault[] {
  const sources = listAt(tree, 'sources');
  return [
    ...sources.flatMap((source, index) => checkSource(source, index)),
    ...checkNames(sources),
    ...checkOwners(tree),
  ];
}

function checkSource(source: unknown, index: number): readonly Fault[] {
  if (!isBlock(source)) return [];
  const fault: MakeFault = (key, message) => ({ path: ['sources', index, key], message });
  const type = textAt(source, 'type');
  const checks = type === undefined ? [] : (CHECKS[type] ?? []);
  return [checkCorrelate, checkAudited, ...checks].flatMap((check) => check(source, fault));
}

type MakeFault = (key: string, message: string) => Fault;

function checkAudited(source: Block, fault: MakeFault): readonly Fault[] {
  if (!isTrue(source['audited']) || isTrue(source['authoritative'])) return [];
  return [fault('audited', 'is for authoritative sources; every other source is judged anyway')];
}

function checkCorrelate(source: Block, fault: MakeFault): readonly Fault[] {
  const keys = source['correlate'];
  if (!Array.isArray(keys) || keys.includes('email')) return [];
  return [fault('correlate', 'must hold email, which is always used; write [employee_id, email]')];
}

function checkCredential(source: Block, fault: MakeFault): readonly Fault[] {
  if (!has(source, 'oauth')) return has(source, 'token') ? [] : [fault('token', 'is required')];
  return has(source, 'token') ? [fault('oauth', 'excludes token; keep one of them')] : [];
}

/** SCIM servers are read with a token that was made for it. */
function checkToken(source: Block, fault: MakeFault): readonly Fault[] {
  if (has(source, 'oauth')) return [fault('oauth', 'is not available in this version; use token')];
  return has(source, 'token') ? [] : [fault('token', 'is required')];
}

function checkRosterPath(source: Block, fault: MakeFault): readonly Fault[] {
  const path = textAt(source, 'rosterPath');
  if (path === undefined || /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._~-]+)+$/.test(path)) return [];
  return [fault('rosterPath', 'must be a plain path such as /api/v1/team/members')];
}

// The label of a host name: anything else could point the token at another host.
const COMPANY = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

function checkCompany(source: Block, fault: MakeFault): readonly Fault[] {
  const company = source['company'];
  if (has(source, 'company') && has(source, 'baseUrl')) return [fault('baseUrl', 'excludes company; keep one of them')];
  if (!has(source, 'company') && !has(source, 'baseUrl')) return [fault('company', 'is required')];
  if (typeof company !== 'string' || COMPANY.test(company)) return [];
  return [fault('company', 'must be the first part of the host name alone: acme for https://acme.namely.com')];
}

/** What people copy from a provisioning page is often the address of the list itself. */
function checkScimBase(source: Block, fault: MakeFault): readonly Fault[] {
  const base = textAt(source, 'baseUrl');
  if (base === undefined || !/\/users(?:\.json)?\/*$/iu.test(base)) return [];
  return [fault('baseUrl', 'must end before /Users, such as https://example.com/scim/v2')];
}

function checkLocation(source: Block, fault: MakeFault): readonly Fault[] {
  if (has(source, 'path') && has(source, 'url')) return [fault('url', 'excludes path; keep one of them')];
  if (!has(source, 'path') && !has(source, 'url')) return [fault('path', 'is required, or url')];
  const location = textAt(source, 'path') ?? textAt(source, 'url');
  if (location === undefined || has(source, 'format') || formatOf(location) !== undefined) return [];
  return [
    fault(
      has(source, 'path') ? 'path' : 'url',
      'ends neither in .csv nor in .json; say format: csv or format: json in rollcall.yaml',
    ),
  ];
}

const CHECKS: Readonly<Record<string, readonly ((source: Block, fault: MakeFault) => readonly Fault[])[]>> = {
  nimble: [checkCredential, checkRosterPath],
  namely: [checkCredential, checkCompany],
  scim: [checkToken, checkCompany, checkScimBase],
  file: [checkLocation],
};

/** The format that a path or URL shows by its extension. */
export function formatOf(location: string): 'csv' | 'json' | undefined {
  const path = /^https?:/i.test(location) ? (URL.parse(location)?.pathname ?? '') : location;
  const extension = extname(path).toLowerCase();
  if (extension === '.csv') return 'csv';
  return extension === '.json' ? 'json' : undefined;
}

function checkNames(sources: readonly unknown[]): readonly Fault[] {
  const names = namesOf(sources);
  const former = textsOf(sources, 'formerly');
  return sources.flatMap((source, index): readonly Fault[] => {
    if (!isBlock(source)) return [];
    const faults: Fault[] = [];
    const name = textAt(source, 'name');
    const formerly = textAt(source, 'formerly');
    // Told at the second of two, which is the one that was added.
    if (name !== undefined && textsOf(sources.slice(0, index), 'name').includes(name)) {
      faults.push({ path: ['sources', index, 'name'], message: 'another source has this name' });
    }
    if (
      formerly !== undefined &&
      (names.includes(formerly) || former.indexOf(formerly) !== former.lastIndexOf(formerly))
    ) {
      const message = 'is the name or the former name of another source, which keeps that history';
      faults.push({ path: ['sources', index, 'formerly'], message });
    }
    return faults;
  });
}

const SHARED_API_USER =
  'this account is listed twice; Nimbus wants an API User of its own for each integration: make another one, or keep one entry';

function checkOwners(tree: Block): readonly Fault[] {
  const sources = listAt(tree, 'sources');
  const names = namesOf(sources);
  const nimbus = namesOf(sources.filter((source) => isBlock(source) && textAt(source, 'type') === 'nimbus'));
  const seen = new Set<string>();
  return listAt(tree, 'serviceAccounts').flatMap((entry, index): readonly Fault[] => {
    const source = isBlock(entry) ? textAt(entry, 'source') : undefined;
    const account = isBlock(entry) ? textAt(entry, 'account') : undefined;
    if (source === undefined) return [];
    const path = ['serviceAccounts', index];
    if (!names.includes(source)) {
      return [{ path: [...path, 'source'], message: `is the name of no source${suggestion(source, names)}` }];
    }
    // As a row is matched: ids as they are, e-mails in their normal form.
    const key = JSON.stringify([source, account === undefined ? undefined : (parseEmail(account) ?? account)]);
    if (account !== undefined && seen.has(key)) {
      return [{ path, message: nimbus.includes(source) ? SHARED_API_USER : 'this account is listed twice; keep one' }];
    }
    seen.add(key);
    return [];
  });
}

function namesOf(sources: readonly unknown[]): readonly string[] {
  return textsOf(sources, 'name');
}

function textsOf(blocks: readonly unknown[], key: string): readonly string[] {
  return blocks.flatMap((block) => (isBlock(block) ? (textAt(block, key) ?? []) : []));
}

function has(block: Block, key: string): boolean {
  return block[key] !== undefined;
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}
