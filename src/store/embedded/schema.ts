import { z } from 'zod';

/** npm cannot pack links: the package lists them here and makes them in an install script, which may be blocked. */
export const Links = z.array(z.object({ source: z.string(), target: z.string() }));
export type Links = z.infer<typeof Links>;

export const Manifest = z.object({ version: z.string() });
export type Manifest = z.infer<typeof Manifest>;
