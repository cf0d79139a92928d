import { z } from 'zod';
import { ConfigFile } from './schema.ts';

/** JSON Schema of `rollcall.yaml`, for editors: what people write, before defaults and conversions. */
export function configJsonSchema(): object {
  return {
    title: 'rollcall.yaml',
    ...z.toJSONSchema(ConfigFile, {
      io: 'input',
      unrepresentable: 'any',
      override: ({ jsonSchema }) => {
        // `${NAME}` is allowed wherever text of a certain form is, and is checked when it has been replaced.
        const { pattern } = jsonSchema;
        if (pattern !== undefined) jsonSchema.pattern = `(?:${pattern})|\\$\\{[A-Za-z_]`;
      },
    }),
  };
}
