import type * as z from 'zod';
import { asHtml, asText, type Block, cidOf, type Frame, oneLine } from './layout.ts';
import type { InlineImage } from './mime.ts';

/** What a template writes. `preheader`: the line that a list of mails shows beside the subject; else the first words. */
export interface Letter {
  subject: string;
  preheader?: string;
  blocks: readonly Block[];
}

/** A kind of mail: its name, the schema of its data, and the pure function that writes it. */
export interface Template<S extends z.ZodType> {
  readonly name: string;
  readonly data: S;
  /** Checks the data and writes the letter. Throws a ZodError where the data does not fit. */
  write(data: z.input<S>): Letter;
}

/** Declares a kind of mail. It lives in the context whose words it speaks; `shared/mail` only draws it. */
export const template = <S extends z.ZodType>(
  name: string,
  data: S,
  write: (data: z.output<S>) => Letter,
): Template<S> => ({ name, data, write: (given) => write(data.parse(given)) });

export interface RenderedMail {
  /** One line, safe as a header. */
  subject: string;
  text: string;
  html: string;
  /** What the HTML shows by `cid:`. */
  images: InlineImage[];
}

/** Draws a letter as text and as HTML. Throws a TypeError where an action links to anything but http(s) or mailto. */
export const renderMail = (letter: Letter, frame: Frame): RenderedMail => {
  const subject = shortened(oneLine(letter.subject), 200);
  const preheader = shortened(oneLine(letter.preheader ?? firstWords(letter.blocks)), 120);
  const html = asHtml(subject, preheader, letter.blocks, frame);
  return { subject, text: asText(letter.blocks, frame), html, images: imagesIn(letter.blocks) };
};

/** Each once, however often it is shown. */
const imagesIn = (blocks: readonly Block[]): InlineImage[] => {
  const images = blocks.flatMap((block) =>
    block.kind === 'image'
      ? [{ cid: cidOf(block.content), contentType: block.contentType, content: block.content }]
      : [],
  );
  return [...new Map(images.map((one) => [one.cid, one])).values()];
};

const firstWords = (blocks: readonly Block[]): string => blocks.find((block) => block.kind === 'paragraph')?.text ?? '';

const shortened = (text: string, characters: number): string => {
  const all = [...text];
  return all.length <= characters
    ? text
    : `${all
        .slice(0, characters - 1)
        .join('')
        .trimEnd()}…`;
};
