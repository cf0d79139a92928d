import { z } from 'zod';

// Limits of Block Kit as documented by Slack; a message beyond one of them is refused as a whole.
const TextObject = z.object({ type: z.enum(['plain_text', 'mrkdwn']), text: z.string().min(1).max(3000) });
const PlainHeader = z.object({ type: z.literal('plain_text'), text: z.string().min(1).max(150) });
const FieldText = z.object({ type: z.enum(['plain_text', 'mrkdwn']), text: z.string().min(1).max(2000) });
const blockId = { block_id: z.string().max(255).optional() };
const Block = z.discriminatedUnion('type', [
  z.object({ type: z.literal('header'), text: PlainHeader, ...blockId }),
  z
    .object({
      type: z.literal('section'),
      text: TextObject.optional(),
      fields: z.array(FieldText).min(1).max(10).optional(),
      ...blockId,
    })
    .refine((block) => block.text !== undefined || block.fields !== undefined),
  z.object({ type: z.literal('context'), elements: z.array(z.unknown()).min(1).max(10), ...blockId }),
  z.object({ type: z.literal('rich_text'), elements: z.array(z.unknown()), ...blockId }),
  z.object({ type: z.literal('actions'), elements: z.array(z.unknown()).min(1).max(25), ...blockId }),
  z.object({ type: z.literal('divider'), ...blockId }),
]);
/** The body of a request to an incoming webhook. */
export const SlackPayload = z.object({
  text: z.string().max(40_000).optional(),
  blocks: z.array(z.unknown()).optional(),
});
/** The blocks of one message. */
export const SlackBlocks = z.array(Block).max(50);
