import type { ConfigText } from './config-file.ts';
import { parseConfigText } from './document.ts';
import type { EnvironmentReader } from './environment.ts';
import type { Fault, Locate, Path, Place } from './faults.ts';
import { isBlock, pathKey, type Block } from './tree.ts';
import { applyVariables, sourcesFromVariables, type Replaced } from './variables.ts';

/** What people wrote, in file and environment, before it is checked. */
export type Written = {
  /** Absent where nothing can be checked: the text is no YAML, or there is nothing at all. */
  readonly tree?: Block | undefined;
  /** Lines for faults of the text itself. */
  readonly broken: readonly string[];
  readonly faults: readonly Fault[];
  readonly replaced: readonly Replaced[];
  readonly locate: Locate;
  /** Variables that were to give the value at this path and have none. */
  readonly absentAt: (path: Path) => readonly string[];
  /** Whether a variable somewhere in the block or list item at this path has none. */
  readonly isUnsetIn: (path: Path) => boolean;
};

/** `needs`: see `LoadOptions`. */
export function readWritten(
  file: ConfigText | undefined,
  environment: EnvironmentReader,
  needs: 'everything' | 'database',
): Written {
  if (file !== undefined) return readDocument(file, environment);
  // Where the database is, is all there is to know; vendors' variables may be half there.
  if (needs === 'database' && environment.read('DATABASE_URL') !== undefined) {
    return fromVariables(applyVariables({ sources: [] }, environment), []);
  }
  return readEnvironment(environment);
}

const NOTHING_CONFIGURED =
  'nothing is configured: set IDENTITIES and NIMBLE_TOKEN (or NAMELY_COMPANY and NAMELY_TOKEN), or write rollcall.yaml; ' +
  '`rollcall demo` needs neither';

function readEnvironment(environment: EnvironmentReader): Written {
  const { tree, origins } = sourcesFromVariables(environment);
  const applied = applyVariables(tree, environment);
  const nothing = tree['sources'] === undefined;
  return fromVariables(
    { tree: nothing ? undefined : applied.tree, origins: new Map([...origins, ...applied.origins]) },
    nothing ? [{ path: [], message: NOTHING_CONFIGURED }] : [],
  );
}

type Variables = { readonly tree: Block | undefined; readonly origins: ReadonlyMap<string, string> };

function fromVariables({ tree, origins }: Variables, faults: readonly Fault[]): Written {
  const locate = createLocate(new Map(), origins);
  return { tree, broken: [], faults, replaced: [], locate, absentAt: () => [], isUnsetIn: () => false };
}

function readDocument(file: ConfigText, environment: EnvironmentReader): Written {
  const document = parseConfigText(file.text, environment);
  const broken = document.broken.map(({ line, column, message }) => `${file.name}:${line}:${column} ${message}`);
  if (broken.length === 0 && !isBlock(document.tree)) broken.push(`${file.name}:1:1 must be a block of keys`);
  const applied = applyVariables(isBlock(document.tree) ? document.tree : {}, environment);
  return {
    tree: broken.length > 0 ? undefined : applied.tree,
    broken,
    faults: document.faults,
    replaced: applied.replaced,
    locate: createLocate(document.places, applied.origins),
    absentAt: (path) => document.absent.get(pathKey(path)) ?? [],
    isUnsetIn: (path) => [...document.absent.keys()].some((key) => key.startsWith(`${pathKey(path).slice(0, -1)},`)),
  };
}

/** The nearest enclosing path that is known to the file or to a variable. */
function createLocate(places: ReadonlyMap<string, Place>, origins: ReadonlyMap<string, string>): Locate {
  return (path) => {
    for (let length = path.length; length > 0; length -= 1) {
      const key = pathKey(path.slice(0, length));
      const variable = origins.get(key);
      const place = places.get(key);
      if (variable !== undefined || place !== undefined) return variable === undefined ? { place } : { variable };
    }
    return {};
  };
}
