import { dirname } from 'node:path';
import { OperationalError } from '../errors.ts';
import { checkTogether, findDoubts } from './checks.ts';
import { completeDocument } from './complete.ts';
import { findConfigFile, type ConfigText } from './config-file.ts';
import type { Config } from './config.ts';
import { createEnvironmentReader, type Environment, type EnvironmentReader } from './environment.ts';
import { renderFaults, type Fault } from './faults.ts';
import { resolveConfig } from './resolve.ts';
import { ConfigFile, ReadingFile } from './schema.ts';
import { secretsOf } from './secrets.ts';
import { readSettings, type Settings } from './settings.ts';
import { checkShape } from './shape.ts';
import { leaveOutUnset } from './unset.ts';
import { readWritten, type Written } from './written.ts';

export type LoadOptions = {
  readonly env: Environment;
  readonly cwd: string;
  /** `--config`; outranks ROLLCALL_CONFIG. */
  readonly configPath?: string | undefined;
  /** `database`: for commands that ask nothing but the database. What lacks a variable for a vendor, Slack or HTTP is left out then. */
  readonly needs?: 'everything' | 'database' | undefined;
};

export type LoadedConfig = {
  readonly config: Config;
  /** The same in the file's words, with defaults: for `config print`. */
  readonly document: ConfigFile;
  /** Lines for stderr; they hold no value. */
  readonly warnings: readonly string[];
  /** Every value that may appear nowhere, for the log's scrub. */
  readonly secrets: readonly string[];
};

/**
 * Reads file and environment once, at start. Throws OperationalError `config-invalid` with all faults, each with its key and
 * line, or the variable's name; never with a value.
 */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const environment = createEnvironmentReader(options.env, options.cwd);
  const settings = readSettings(options.env, environment);
  const { file, fault } = findConfigFile(options, environment);
  // Without the file that was asked for, every other fault would be a consequence.
  if (fault !== undefined) throw invalid(renderFaults([fault, ...settings.faults], () => ({}), undefined));

  const { needs = 'everything' } = options;
  const written = readWritten(file, environment, needs);
  const { document: checked, faults } = CHECKS[needs](written, settings);
  const all = [...faults, ...environment.faults(), ...settings.faults];
  const lines = [...written.broken, ...renderFaults(all, written.locate, file?.name)];
  if (checked === undefined || lines.length > 0) throw invalid(lines);

  const directory = file === undefined ? options.cwd : dirname(file.path);
  const document = completeDocument(checked, directory);
  const doubts = [...findDoubts(document, written.tree), ...findOverlooked(written, file, environment)];
  return {
    config: resolveConfig(document, { file: file?.path, directory }, settings),
    document,
    warnings: renderFaults(doubts, written.locate, file?.name),
    secrets: secretsOf(document, settings.secrets),
  };
}

type Checked = { readonly document?: ConfigFile | undefined; readonly faults: readonly Fault[] };

const CHECKS = {
  everything: (written: Written, settings: Settings): Checked => {
    const { document, faults } = checkWritten(written);
    return { document, faults: [...faults, ...checkKey(document, settings)] };
  },
  database: checkForReading,
};

function checkForReading(written: Written): Checked {
  if (written.tree === undefined) return { faults: written.faults };
  const { tree, isLeftOut } = leaveOutUnset(written.tree, written);
  const { faults } = checkWritten(written, ReadingFile);
  return { document: checkShape(tree, ReadingFile).document, faults: faults.filter(({ path }) => !isLeftOut(path)) };
}

function checkWritten(written: Written, schema: typeof ConfigFile | typeof ReadingFile = ConfigFile): Checked {
  if (written.tree === undefined) return { faults: written.faults };
  const shape = checkShape(written.tree, schema);
  const found = [...(shape.document === undefined ? shape.faults : []), ...checkTogether(written.tree)];
  const explained = found.map((fault) => nameVariables(fault, written));
  return { document: shape.document, faults: [...written.faults, ...explained] };
}

/** Tokens that rotate are stored, and never without a lock on them. */
function checkKey(document: ConfigFile | undefined, { keys, faults }: Settings): readonly Fault[] {
  if (document === undefined || keys.length > 0 || faults.some(({ variable }) => variable === 'ROLLCALL_KEY'))
    return [];
  const index = document.sources.findIndex(
    (source) => source.type !== 'scim' && 'oauth' in source && source.oauth !== undefined,
  );
  if (index === -1) return [];
  const message = 'needs ROLLCALL_KEY, which encrypts the stored tokens; `openssl rand -base64 32` makes one';
  return [{ path: ['sources', index, 'oauth'], message }];
}

/** A required key whose variable is unset: the variable is what the reader must set. */
function nameVariables(fault: Fault, written: Written): Fault {
  const names = written.absentAt(fault.path);
  if (names.length === 0) return fault;
  return { ...fault, message: `${fault.message}, but ${names.join(' and ')} has no value in the environment` };
}

/** Variables that say something else than the file, and those that the file does not use although they look meant. */
function findOverlooked(
  written: Written,
  file: ConfigText | undefined,
  environment: EnvironmentReader,
): readonly Fault[] {
  const replaced = written.replaced.map(({ path, variable }) => ({
    path,
    variable,
    message: `outranks ${path.join('.')} of the file, which says something else`,
  }));
  if (file === undefined) return replaced;
  const unused = SOURCE_VARIABLES.filter((name) => !environment.wasRead(name) && environment.read(name) !== undefined);
  return [
    ...replaced,
    ...unused.map((variable) => ({
      path: [],
      variable,
      message: `is set, but ${file.name} does not use it; write \${${variable}} where it belongs`,
    })),
  ];
}

const SOURCE_VARIABLES = ['IDENTITIES', 'NIMBLE_TOKEN', 'NAMELY_COMPANY', 'NAMELY_TOKEN'] as const;

function invalid(lines: readonly string[]): OperationalError {
  const count = lines.length === 1 ? 'one fault' : `${lines.length} faults`;
  return new OperationalError('config-invalid', [`The configuration has ${count}:`, ...lines].join('\n  '));
}
