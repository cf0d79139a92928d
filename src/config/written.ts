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
};

export function readWritten(file: ConfigText | undefined, environment: EnvironmentReader): Written {
  return file === undefined ? readEnvironment(environment) : readDocument(file, environment);
}

const NOTHING_CONFIGURED =
  'nothing is configured: set IDENTITIES and NIMBLE_TOKEN (or NAMELY_COMPANY and NAMELY_TOKEN), or write rollcall.yaml; ' +
  '`rollcall demo` needs neither';

function readEnvironment(environment: EnvironmentReader): Written {
  const { tree, origins } = sourcesFromVariables(environment);
  const applied = applyVariables(tree, environment);
  const nothing = tree['sources'] === undefined;
  return {
    tree: nothing ? undefined : applied.tree,
    broken: [],
    faults: nothing ? [{ path: [], message: NOTHING_CONFIGURED }] : [],
    replaced: [],
    locate: createLocate(new Map(), new Map([...origins, ...applied.origins])),
    absentAt: () => [],
  };
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
