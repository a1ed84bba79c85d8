import * as z from 'zod';

/** Controls, and the marks that turn text around or hide in it. */
const unseen = /[\p{Cc}\u{200b}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}\u{feff}]+/gu;
/** Controls that no text for people holds: all but tab and line breaks. */
const noText = /[^\P{Cc}\t\n\r]+/gu;

/** A text as one line: single spaces, nothing that a header, a list or a terminal would act on. */
export const oneLine = (text: string): string =>
  text.toWellFormed().replaceAll(unseen, ' ').replaceAll(/\s+/gu, ' ').trim();

/** The beginning of a text, of at most so many units: never with half a character at its end, which nothing could store. */
export const cut = (text: string, most: number): string => text.slice(0, most).replace(/[\ud800-\udbff]$/, '');

/**
 * A text of one line: a name, a title, a subject. What is sent in several lines or with controls is made one rather than refused: those
 * who send it mostly pass on what others wrote, and what is stored must fit into a header.
 */
export const Line = z.string().overwrite(oneLine);

/** A text of any number of lines, as it was written but for controls. */
export const Prose = z.string().overwrite((text) => text.replaceAll(noText, ''));

/** What something is called by others, compared to the letter: its spaces stay as they are. */
export const Code = z
  .string()
  .overwrite((text) => text.replaceAll(unseen, ' '))
  .trim();
