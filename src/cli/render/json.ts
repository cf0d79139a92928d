/** JSON leaves C1 controls, DEL and text-reversing characters as they are; a terminal would obey them. */
const ACTIVE = /[\u007f-\u009f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;

/** JSON of any value, indented, whose text is inert in a terminal and reads back as the same value. */
export function renderJson(value: unknown): string {
  return `${escapeActive(JSON.stringify(value, undefined, 2))}\n`;
}

/** One line a value. */
export function renderNdjson(values: readonly unknown[]): string {
  return values.map((value) => `${renderJsonLine(value)}\n`).join('');
}

export function renderJsonLine(value: unknown): string {
  return escapeActive(JSON.stringify(value));
}

function escapeActive(json: string): string {
  return json.replaceAll(ACTIVE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
