/** Where a page leads to; a file has no other pages, and what it cannot lead to is plain text there. */
export type Links = {
  readonly finding: (id: number) => string | undefined;
  readonly source: (name: string) => string | undefined;
  readonly person: (source: string, externalId: string) => string | undefined;
};

export const PAGE_LINKS: Links = {
  finding: (id) => `/findings/${id}`,
  source: (name) => `/sources/${encodeURIComponent(name)}`,
  person: (source, externalId) => `/people/${encodeURIComponent(source)}${toIdPart(externalId)}`,
};

/** Browsers take `.` and `..` out of a path, however they are spelt: these ids, and none, go into the query. */
function toIdPart(externalId: string): string {
  const encoded = encodeURIComponent(externalId.toWellFormed());
  return /^\.{0,2}$/u.test(externalId) ? `?id=${encoded}` : `/${encoded}`;
}
