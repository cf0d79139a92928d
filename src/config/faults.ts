export type Path = readonly (string | number)[];

/** Something wrong or doubtful in the configuration: where, and in words that hold no value of it. */
export type Fault = {
  readonly path: Path;
  readonly message: string;
  /** The environment variable at fault, when it is no key of the file. */
  readonly variable?: string | undefined;
};

export type Place = { readonly line: number; readonly column: number };

/** Finds the line of a path; the nearest block around it when the key itself is absent. */
export type Locate = (path: Path) => { readonly place?: Place | undefined; readonly variable?: string | undefined };

// A key that is not a plain word may be a secret written without the space after its colon (`{token:abc}`).
const PLAIN_KEY = /^[A-Za-z0-9_-]{1,40}$/;

/** Path in the form that people write: `sources[1].token`. */
function renderPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += `${text === '' ? '' : '.'}${PLAIN_KEY.test(step) ? step : '(a key that is not shown)'}`;
  }
  return text;
}

/** One line a fault, in the order of the file; faults of the environment first. */
export function renderFaults(faults: readonly Fault[], locate: Locate, fileName: string | undefined): string[] {
  const lines = faults.map((fault) => renderFault(fault, locate, fileName));
  lines.sort((a, b) => a.line - b.line || a.column - b.column);
  return [...new Set(lines.map(({ text }) => text))];
}

function renderFault(fault: Fault, locate: Locate, fileName: string | undefined): Place & { readonly text: string } {
  const found = locate(fault.path);
  const variable = fault.variable ?? found.variable;
  if (variable !== undefined) return { line: 0, column: 0, text: `${variable}: ${fault.message}` };
  const path = renderPath(fault.path);
  const label = path === '' ? '' : `${path}: `;
  if (found.place === undefined || fileName === undefined) {
    return { line: 0, column: 0, text: `${label}${fault.message}` };
  }
  const { line, column } = found.place;
  return { line, column, text: `${fileName}:${line}:${column} ${label}${fault.message}` };
}
