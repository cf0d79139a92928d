import { symptomOf, type Trouble, type VendorSource } from './advice.ts';

/** Where vendors have their rosters, besides the default. */
const NIMBLE_PATHS = ['/api/v1/team/members', '/api/v1/company/users'] as const;
const WORTH_A_TRY: ReadonlySet<string> = new Set(['missing', 'page', 'shape']);

/**
 * The setting with which the roster does answer, if it is one of those that are known: the same host, and a plain read. `ask` says why
 * it does not.
 */
export async function findOtherAddress(
  source: VendorSource,
  trouble: Trouble,
  ask: (asked: VendorSource) => Promise<Trouble | undefined>,
): Promise<string | undefined> {
  if (!WORTH_A_TRY.has(symptomOf(trouble))) return undefined;
  for (const { asked, fix } of othersOf(source)) {
    if ((await ask(asked)) === undefined) return fix;
  }
  return undefined;
}

type Other = { readonly asked: VendorSource; readonly fix: string };

function othersOf(source: VendorSource): readonly Other[] {
  if (source.type === 'nimble') {
    return NIMBLE_PATHS.filter((path) => path !== source.rosterPath).map((rosterPath) => ({
      asked: { ...source, rosterPath },
      fix: `set rosterPath of ${source.name} to ${rosterPath}: there the roster answers`,
    }));
  }
  if (source.type === 'scim') {
    return scimBases(source.baseUrl).map((baseUrl) => ({
      asked: { ...source, baseUrl },
      fix: `set baseUrl of ${source.name} so that it ends with ${URL.parse(baseUrl)?.pathname ?? ''}: there the roster answers`,
    }));
  }
  return [];
}

/** With `/Users` left behind, and with what two documents of one vendor say. */
function scimBases(baseUrl: string): readonly string[] {
  const url = URL.parse(baseUrl);
  if (url === null) return [];
  const path = url.pathname.replace(/\/+$/u, '');
  const paths = [
    path.replace(/\/Users(?:\.json)?$/iu, ''),
    path.endsWith('/v2') ? path : `${path}/v2`,
    path.replace(/\/scim\/v2$/u, '/api/scim/v2'),
    path.replace(/\/api\/scim\/v2$/u, '/scim/v2'),
  ];
  const others = paths.filter((each, at) => each !== path && paths.indexOf(each) === at);
  return others.map((each) => `${url.origin}${each}`);
}
