import * as z from 'zod';
import { policy } from '../core/policy.ts';

const LocalPart = z.string().regex(/^[a-z0-9._-]{1,64}$/);

/** What becomes of the mail that comes in. */
export const MailIntake = policy(
  'mail-intake',
  z.strictObject({
    desks: z
      .strictObject({ support: z.array(LocalPart).max(20), sales: z.array(LocalPart).max(20) })
      .meta({ description: 'What stands before the @ of our domain: mail to the one is a case, to the other a lead.' }),
    perSenderAnHour: z
      .int()
      .min(1)
      .max(10_000)
      .meta({ description: 'More from one address is put aside: two machines may be answering each other.' }),
    acknowledge: z
      .boolean()
      .meta({ description: 'Tell who opens a case by mail that we have got it, and its number.' }),
    blockedFiles: z
      .array(z.string().regex(/^[a-z0-9]{1,10}$/))
      .max(200)
      .meta({
        description: 'Endings of files that are not kept, also before another ending: `x.exe.txt`.',
      }),
    fileBytes: z.int().min(0).max(41_943_040).meta({ description: 'A larger file is not kept.' }),
    allFilesBytes: z.int().min(0).max(41_943_040),
  }),
  {
    desks: { support: ['support', 'help', 'service'], sales: ['sales', 'info'] },
    perSenderAnHour: 60,
    acknowledge: true,
    blockedFiles:
      'ade adp apk appx bat chm cmd com cpl dll dmg exe gadget hta inf ins iso isp jar js jse lnk mde msc msi msp mst ocx pif ps1 reg scr sct sh shb sys vb vbe vbs vhd vxd wsc wsf wsh xll'.split(
        ' ',
      ),
    fileBytes: 26_214_400,
    allFilesBytes: 41_943_040,
  },
);
export type MailIntakeRules = z.infer<typeof MailIntake.body>;
